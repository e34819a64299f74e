"""Video out and in: frames and sound encoded as they come, whole files only, and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av
import numpy as np

from pfy_core.errors import InputError
from pfy_core.media import existing
from pfy_core.media.encode import interleave
from pfy_core.media.formats import AUDIO_RATE, SUFFIXES
from pfy_core.media.opening import opened
from pfy_core.media.parts import Parts
from pfy_core.media.place import atomic, check_output
from pfy_core.media.segments import Segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["AUDIO_RATE", "SUFFIXES", "atomic", "check_output", "probe", "read", "write", "write_parts"]


def write(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    rate: float,
    wave: Iterable[NDArray[np.float32]],
    wave_rate: int,
    metadata: dict[str, str] | None = None,
    finish: Callable[[Path], None] | None = None,
) -> tuple[int, int]:
    """Encode chunks of frames (t h w 3, or 4 with alpha) at ``rate`` and of a wave (s) at ``wave_rate``
    as they come; how is told by the suffix (``formats.choose``).

    Odd sides lose one pixel (4:2:0). Nothing is held but what one is ahead of the other. ``finish`` is
    called with the complete file before it appears at ``path``. Returns the numbers of frames and of
    samples. Raises OutputError; then nothing is left at ``path``.
    """
    with Parts(path) as parts:
        parts.clear()
        return write_parts(parts, frames, rate, wave, wave_rate, metadata or {}, finish)


def write_parts(
    parts: Parts,
    frames: Iterable[NDArray[np.uint8]],
    rate: float,
    wave: Iterable[NDArray[np.float32]],
    wave_rate: int,
    metadata: dict[str, str],
    finish: Callable[[Path], None] | None = None,
) -> tuple[int, int]:
    """As ``write``, with ``frames`` from where ``parts`` ends, and ``wave`` from the beginning."""
    with atomic(parts.target) as part:
        writer = Segments(parts, rate, wave_rate)
        try:
            interleave(writer, frames, wave)
            writer.join(part, metadata)
        finally:
            writer.close()
        if finish is not None:
            finish(part)
    return writer.frames, writer.heard


def read(path: Path | str) -> Iterator[NDArray[np.uint8]]:
    """The frames of a video in order, uint8 (h w 3), sRGB; (h w 4) with straight alpha where it has one.

    Raises InputError when it has no picture.
    """
    file = existing(path, "video", "a video")
    try:
        with opened(file) as container:
            if not container.streams.video:
                raise InputError(f"{file} has no picture", "a video", "check the file")
            for frame in _decoded(container):
                clear = any(component.is_alpha for component in frame.format.components)
                form = "rgba" if clear else "rgb24"
                yield np.asarray(frame.to_ndarray(format=form), dtype=np.uint8)
    except av.FFmpegError as error:
        raise InputError(f"{file} cannot be decoded: {error}", "a video", "save it again as mp4") from error


def _decoded(container: Any) -> Iterator[Any]:
    """Frames; FFmpeg's own VP9 decoder leaves the alpha out, libvpx sees it."""
    stream = container.streams.video[0]
    if {name.lower() for name in stream.metadata}.isdisjoint({"alpha_mode"}):
        yield from container.decode(stream)
        return
    decoder: Any = av.CodecContext.create(f"libvpx-{stream.codec_context.name}", "r")
    for packet in container.demux(stream):
        yield from decoder.decode(packet if packet.size else None)


def probe(path: Path | str) -> dict[str, Any]:
    """Streams, size, rate, durations (seconds) and metadata of a media file."""
    file = existing(path, "video", "a video")
    try:
        with opened(file) as container:
            found: dict[str, Any] = {"metadata": dict(container.metadata)}
            if container.duration:
                found["duration"] = container.duration / 1e6
            stream: Any
            for stream in container.streams:
                about = {
                    "codec": stream.codec_context.name,
                    "duration": float((stream.duration or 0) * (stream.time_base or 0)),
                }
                if stream.type == "video":
                    about |= {
                        "width": stream.width,
                        "height": stream.height,
                        "rate": float(stream.average_rate or 0),
                        "frames": stream.frames,
                    }
                elif stream.type == "audio":
                    about |= {"rate": stream.rate, "channels": stream.channels}
                found.setdefault(stream.type, about)
            return found
    except av.FFmpegError as error:
        raise InputError(f"{file} cannot be decoded: {error}", "a video", "save it again as mp4") from error
