"""The two sides of a comparison: the clip that was made and the real one, by one protocol.

Videos are decoded. Of a clip that is motion alone, a side has no frames.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core import InputError, weights
from pfy_core.kinds import MOTION_CHANNELS

if TYPE_CHECKING:
    from pathlib import Path

    from pfy_bench.corpora import Clip
    from pfy_bench.suite import ClipProtocol

WHY = {
    "frames": "it has no picture",
    "text": "no transcript",
    "photo": "no source image",
    "voice": "no reference voice",
    "wave": "the clip has no sound",
    "motion": "its motion is not known",
    "phones": "what is spoken when is not known",
    "landmarks": "the landmarks of its source image are not known",
}
"""Why a side may lack what it offers."""


@dataclass(frozen=True, eq=False)
class Side:
    """A clip that can be measured: the values that measures take, None for what it has not.

    frames: uint8 (t h w 3); wave: float32 (s); text: its words; photo: uint8 (h w 3), the source image;
    voice: float32 (s), the reference voice at the wave's rate; motion: float32 (t 58); phones: what is
    spoken when; landmarks: float32 (478 3) of the photo; sha256, name: of its file
    """

    frames: Any = None
    wave: Any = None
    text: str = ""
    photo: Any = None
    voice: Any = None
    sha256: str = ""
    name: str = ""
    motion: Any = None
    phones: Any = None
    landmarks: Any = None

    def take(self, name: str) -> Any:
        """One of ``suite.GIVEN``; InputError, with the reason, when this clip has it not."""
        value = getattr(self, name)
        if value is None or (name == "text" and not value):
            raise InputError(WHY[name], "a clip that has it")
        return value

    @property
    def length(self) -> int:
        """In frames, seen or not."""
        return len(self.motion if self.frames is None else self.frames)

    def about(self, protocol: ClipProtocol) -> dict[str, Any]:
        """What a record says of it."""
        seconds = round(self.length / protocol.fps, 3)
        return {"sha256": self.sha256, "seconds": seconds, "frames": self.length, "name": self.name}

    def like(self, other: Side, *, spoken: bool) -> Side:
        """This clip with the words, source image and voice of the other: it was made of them.

        ``spoken``: with what is spoken when too, and with the sound where this one has none: it was made of
        the other's speech.
        """
        made = replace(self, text=other.text, photo=other.photo, voice=other.voice, landmarks=other.landmarks)
        if not spoken:
            return made
        return replace(made, phones=other.phones, wave=other.wave if self.wave is None else self.wave)


def read(path: Path, protocol: ClipProtocol, start: float = 0.0, seconds: float | None = None) -> Side:
    """A video file as a side. Raises InputError for what cannot be measured, with the reason."""
    from pfy_core.media import clip as clips

    longest = protocol.seconds if seconds is None else min(seconds, protocol.seconds)
    found = clips.read(path, fps=protocol.fps, rate=protocol.rate, start=start, seconds=longest)
    _long_enough(path.name, len(found.frames), protocol)
    return Side(found.frames, found.wave, sha256=weights.sha256(path), name=path.name)


def known(clip: Clip, rate: int, protocol: ClipProtocol) -> Side:
    """A clip without a video as a side, from its motion and sound at ``rate``; raises as ``read`` does."""
    if clip.motion is None or clip.wave is None:
        raise InputError(WHY["motion" if clip.motion is None else "wave"], "a clip that has it")
    motion = _motion(clip.motion, clip.name, protocol)
    wave = _at(clip.wave, rate, protocol.rate)[: round(len(motion) * protocol.rate / protocol.fps)]
    return Side(wave=wave, motion=motion, sha256=clip.digest(), name=clip.name)


def moving(path: Path, protocol: ClipProtocol) -> Side:
    """A file of motion (.npy, or .csv as narrations have it) as a side; raises as ``read`` does."""
    return Side(motion=motion(path, protocol), sha256=weights.sha256(path), name=path.name)


def motion(path: Path, protocol: ClipProtocol) -> Any:
    """Motion (t 58) from a file, as much of it as is measured; InputError for what is none."""
    if path.suffix == ".csv":
        from pfy_core.media.motion import load

        return _motion(load(path, protocol.fps), path.name, protocol)
    try:
        return _motion(np.load(path, allow_pickle=False), path.name, protocol)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"{path.name} cannot be read: {error}", "an array (t 58)", "make it again"
        ) from error


def _motion(rows: Any, name: str, protocol: ClipProtocol) -> Any:
    found = np.asarray(rows, np.float32)
    if found.ndim != 2 or found.shape[1] != len(MOTION_CHANNELS):
        raise InputError(f"{name}: motion {found.shape}", f"(t {len(MOTION_CHANNELS)})")
    _long_enough(name, len(found), protocol)
    return found[: round(protocol.seconds * protocol.fps)]


def _long_enough(name: str, frames: int, protocol: ClipProtocol) -> None:
    if frames < protocol.fewest:
        raise InputError(
            f"{name} has {frames} frames at {protocol.fps:g} fps",
            f"{protocol.fewest} at least",
            "give a longer clip",
        )


def _at(wave: Any, source: int, target: int) -> Any:
    if source == target:
        return wave
    from pfy_core.media.audio import resample

    return resample(wave, source, target)
