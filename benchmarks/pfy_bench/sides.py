"""The two sides of a comparison: the clip that was made and the real one, decoded by one protocol."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pfy_core import InputError, weights
from pfy_core.media import clip as clips

if TYPE_CHECKING:
    from pathlib import Path

    from pfy_bench.suite import ClipProtocol

WHY = {
    "text": "no transcript",
    "photo": "no source image",
    "voice": "no reference voice",
    "wave": "the clip has no sound",
}
"""Why a side may lack what it offers."""


@dataclass(frozen=True, eq=False)
class Side:
    """A clip that can be measured: the values that measures take, None for what it has not.

    frames: uint8 (t h w 3); wave: float32 (s); text: its words; photo: uint8 (h w 3), the source image;
    voice: float32 (s), the reference voice at the wave's rate; sha256, name: of its file
    """

    frames: Any
    wave: Any = None
    text: str = ""
    photo: Any = None
    voice: Any = None
    sha256: str = ""
    name: str = ""

    def take(self, name: str) -> Any:
        """One of ``suite.GIVEN``; InputError, with the reason, when this clip has it not."""
        value = getattr(self, name)
        if value is None or (name == "text" and not value):
            raise InputError(WHY[name], "a clip that has it")
        return value

    def about(self, protocol: ClipProtocol) -> dict[str, Any]:
        """What a record says of it."""
        seconds = round(len(self.frames) / protocol.fps, 3)
        return {"sha256": self.sha256, "seconds": seconds, "frames": len(self.frames), "name": self.name}

    def like(self, other: Side) -> Side:
        """This clip with the words, source image and voice of the other: it was made of them."""
        return replace(self, text=other.text, photo=other.photo, voice=other.voice)


def read(path: Path, protocol: ClipProtocol, start: float = 0.0, seconds: float | None = None) -> Side:
    """A video file as a side. Raises InputError for what cannot be measured, with the reason."""
    longest = protocol.seconds if seconds is None else min(seconds, protocol.seconds)
    found = clips.read(path, fps=protocol.fps, rate=protocol.rate, start=start, seconds=longest)
    if len(found.frames) < protocol.fewest:
        raise InputError(
            f"{path.name} has {len(found.frames)} frames at {protocol.fps:g} fps",
            f"{protocol.fewest} at least",
            "give a longer clip",
        )
    return Side(found.frames, found.wave, sha256=weights.sha256(path), name=path.name)
