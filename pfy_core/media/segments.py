"""A long video as segments: finished one after the other, joined at the end without encoding again."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

import av

from pfy_core.errors import OutputError
from pfy_core.media import encode
from pfy_core.media.formats import choose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pfy_core.media.parts import Parts

SECONDS = 20.0
"""Length of a segment: twice the longest distance of key frames that x264 takes by itself at 25 frames a
second, so that cutting costs next to nothing, and no more work than this is lost."""


class Segments:
    """The writer of a video in parts; it goes on behind the frames that ``parts`` has already.

    ``picture`` and ``sound`` are the seconds of each so far, ``frames`` and ``heard`` the frames and
    samples. Every segment is encoded by itself and begins with a key frame; the sound has its own file,
    made anew by every process.
    """

    def __init__(self, parts: Parts, rate: float, wave_rate: int) -> None:
        self._parts, self._rate, self._wave_rate = parts, encode.exact(rate), wave_rate
        self._each = parts.least = max(1, round(SECONDS * rate))
        self._file: Any = None
        self._path: Path | None = None
        self._pictures: encode.Pictures | None = None
        self._sound_path = parts.folder / f"sound{choose(parts.target, alpha=False).piece}"
        self._sound_file: Any = None
        self._sound: encode.Sound | None = None
        self.frames, self.heard = parts.frames, 0

    @property
    def picture(self) -> float:
        return float(self.frames / self._rate)

    @property
    def sound(self) -> float:
        return self.heard / self._wave_rate

    def frame(self, frame: NDArray[np.uint8]) -> None:
        """Encode a frame (h w 3 or 4); all have the shape of the first."""
        if self._pictures is None:
            self._parts.alpha = frame.shape[2] == 4
            form = choose(self._parts.target, alpha=self._parts.alpha)
            self._path = self._parts.room(form.piece)
            self._file = av.open(f"file:{self._path}", "w")
            self._pictures = encode.Pictures(self._file, self._rate, form, frame)
        self._pictures.add(frame)
        self.frames += 1
        if self._pictures.count == self._each:
            self._finish()

    def samples(self, wave: NDArray[np.float32]) -> None:
        """Encode samples (s)."""
        if not len(wave):
            return
        if self._sound is None:
            form = choose(self._parts.target, alpha=False)
            self._sound_file = av.open(f"file:{self._sound_path}", "w")
            self._sound = encode.Sound(self._sound_file, self._wave_rate, form)
        self._sound.add(wave)
        self.heard += len(wave)

    def join(self, target: Path, metadata: dict[str, str]) -> None:
        """Finish the last segment and write the whole to ``target``. OutputError without any frame."""
        self._finish()
        if self._sound is not None:
            self._sound.end()
            self._sound_file.close()
        if not self.frames:
            raise OutputError("no frames for the video", "one frame at least", "give the graph some input")
        form = choose(self._parts.target, alpha=self._parts.alpha)
        sound = self._sound_path if self._sound is not None else None
        join(self._parts.files, sound, target, self._rate, dict(form.container), metadata)

    def close(self) -> None:
        """Let go of what is open; an unfinished segment stays unfinished."""
        for file in (self._file, self._sound_file):
            if file is not None:
                file.close()

    def _finish(self) -> None:
        """Close a segment, which then outlives this process."""
        if self._pictures is None:
            return
        assert self._path is not None
        self._pictures.end()
        self._file.close()
        self._parts.add(self._path, self._pictures.count)
        self._pictures = self._file = None


def join(
    segments: list[Path],
    sound: Path | None,
    target: Path,
    rate: Fraction,
    options: dict[str, str],
    metadata: dict[str, str],
) -> None:
    """Copy the packets of segments, one behind the other, and of their sound into one file."""
    with (
        av.open(f"file:{segments[0]}") as first,
        av.open(f"file:{target}", "w", options=options) as out,
    ):
        out.metadata.update(metadata)
        picture = out.add_stream_from_template(first.streams.video[0])
        picture.metadata.update(first.streams.video[0].metadata)
        streams = [_pictures(segments, rate, picture)]
        if sound is not None:
            heard = av.open(f"file:{sound}")
            streams.append(_sounds(heard, out.add_stream_from_template(heard.streams.audio[0])))
        for _, packet in heapq.merge(*streams, key=lambda item: item[0]):
            out.mux(packet)


def _pictures(segments: list[Path], rate: Fraction, stream: Any) -> Iterator[tuple[Fraction, Any]]:
    """Packets of the segments in decoding order, with their time, counted in frames of the whole."""
    before = 0
    for path in segments:
        count = 0
        with av.open(f"file:{path}") as file:
            packet: Any
            for packet in file.demux(file.streams.video[0]):
                if not packet.size:
                    continue
                base = packet.time_base * rate
                packet.pts = before + round(packet.pts * base)
                packet.dts = before + round(packet.dts * base)
                packet.time_base, packet.stream = 1 / rate, stream
                packet.duration = 1
                count += 1
                yield packet.dts / rate, packet
        before += count


def _sounds(file: Any, stream: Any) -> Iterator[tuple[Fraction, Any]]:
    with file:
        for packet in file.demux(file.streams.audio[0]):
            if packet.size:
                time = packet.dts * packet.time_base
                packet.stream = stream
                yield time, packet
