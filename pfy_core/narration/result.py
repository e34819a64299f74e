"""What a narration gives."""

from __future__ import annotations

import base64
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from pfy_core.kinds import Phone, Word

INLINE_BYTES = 32 << 20
"""Largest video that a notebook page takes in."""


@dataclass
class Narration:
    """A finished narration.

    path: the video; duration in seconds; frames: how many; rate: frames a second; size: width, height;
    phones, words: what is spoken when; notes: what the user should know; seconds: where the time went, by
    node and ``encode``; wall: seconds it took; record: everything needed to repeat it.
    """

    path: Path
    duration: float
    frames: int
    rate: float
    size: tuple[int, int]
    wall: float
    seconds: dict[str, float]
    phones: list[Phone] = field(repr=False, default_factory=list)
    words: list[Word] = field(repr=False, default_factory=list)
    notes: list[str] = field(repr=False, default_factory=list)
    record: dict[str, Any] = field(repr=False, default_factory=dict)
    _room: Any = field(repr=False, default=None)

    @property
    def real_time_factor(self) -> float:
        """Seconds of work for a second of video."""
        return self.wall / self.duration if self.duration else 0.0

    def save(self, path: str | Path, *, force: bool = False) -> Narration:
        """Copy the video to ``path`` (an existing file only with ``force``); returns self."""
        from pfy_core.media import video

        target = Path(path)
        video.check_output(target, force=force)
        if target.suffix.lower() != self.path.suffix.lower():
            raise OutputError(
                f"a {self.path.suffix} video as {target.name}",
                f"a name ending in {self.path.suffix}",
                f"narrate(..., out={target.name!r})",
            )
        with video.atomic(target) as part:
            shutil.copyfile(self.path, part)
        self.path = target
        return self

    def pictures(self) -> Iterator[NDArray[np.uint8]]:
        """The frames (h w 3), decoded from the video."""
        from pfy_core.media import video

        yield from video.read(self.path)

    def wave(self, rate: int = 24_000) -> NDArray[np.float32]:
        """The sound (s) at ``rate``, decoded from the video."""
        from pfy_core.media import audio

        return audio.read(self.path, rate)

    def __str__(self) -> str:
        spent = sorted(self.seconds.items(), key=lambda item: -item[1])
        times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in spent if seconds >= 0.05)
        return (
            f"{self.path}  {self.duration:.1f} s, {self.size[0]}x{self.size[1]}, {self.rate:g} fps, "
            f"made in {self.wall:.1f} s ({self.real_time_factor:.2f}x real time: {times})"
        )

    def _repr_html_(self) -> str:
        data = self.path.read_bytes()
        if len(data) > INLINE_BYTES:
            return f"<p>{self.path} ({len(data) / 1e6:.0f} MB)</p>"
        kind = "webm" if self.path.suffix == ".webm" else "mp4"
        source = f"data:video/{kind};base64,{base64.b64encode(data).decode()}"
        return f'<video controls width="{min(self.size[0], 640)}" src="{source}"></video>'
