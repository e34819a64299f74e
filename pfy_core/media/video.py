"""Video out and in: streamed H.264/AAC mp4 written atomically, and frames read back."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import soxr

from pfy_core.errors import InputError, OutputError
from pfy_core.media import existing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

AUDIO_RATE = 48_000
AUDIO_BITRATE = 128_000
CRF = "18"
PRESET = "veryfast"
SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv")


def check_output(path: Path, *, force: bool = False) -> None:
    """OutputError unless ``path`` can be written: suffix, folder, permission, existing file."""
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(
            f"output {path}", f"a name ending in {', '.join(SUFFIXES)}", f"-o {path.stem or 'out'}.mp4"
        )
    try:
        path.exists()
    except OSError as error:
        raise OutputError(
            f"output {str(path)[:80]}: {error.strerror}", "a shorter name", "-o out.mp4"
        ) from error
    if path.is_dir():
        raise OutputError(f"output {path} is a folder", "a file name", f"-o {path / 'out.mp4'}")
    if not path.parent.is_dir():
        raise OutputError(
            f"folder {path.parent} does not exist", "an existing folder", f"mkdir -p {path.parent}"
        )
    if path.exists() and not force:
        raise OutputError(f"{path} exists already", "a new file", "choose another name, or add --force")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(
            f"folder {path.parent} may not be written", "a writable folder", f"-o {Path.home() / path.name}"
        )


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that becomes it at the end, or is removed on any error."""
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        _sweep(path)
        yield part
        part.replace(path)
    except (OSError, av.FFmpegError) as error:
        full = error.errno == errno.ENOSPC
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}",
            fix="free some space" if full else "choose another folder",
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove what processes that were killed have left of the same video."""
    left = re.compile(rf"\.{re.escape(path.stem)}\.(\d+)\.part(?:\.signed)?{re.escape(path.suffix)}")
    for file in path.parent.iterdir():
        if (match := left.fullmatch(file.name)) and not _alive(int(match[1])):
            file.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    if os.name == "nt":  # there, signal 0 would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    rate: float,
    wave: Iterable[NDArray[np.float32]],
    wave_rate: int,
    metadata: dict[str, str] | None = None,
    finish: Callable[[Path], None] | None = None,
) -> tuple[int, int]:
    """Encode chunks of frames (t h w 3) at ``rate`` and of a wave (s) at ``wave_rate`` as they come.

    Odd sides lose one pixel (H.264 4:2:0). Sound and picture are interleaved, and nothing is held
    but what one is ahead of the other. ``finish`` is called with the complete file before it appears
    at ``path``. Returns the numbers of frames and of samples. Raises OutputError; then nothing is left
    at ``path``.
    """
    with atomic(path) as part:
        writer = Writer(part, rate, wave_rate, metadata)
        try:
            samples = iter(wave)
            for chunk in frames:
                for frame in chunk:
                    writer.frame(frame)
                while writer.sound < writer.picture and (sound := next(samples, None)) is not None:
                    writer.samples(sound)
            for sound in samples:
                writer.samples(sound)
        finally:
            writer.close()
        if not writer.frames:
            raise OutputError(f"no frames for {path}", "one frame at least", "give the graph some input")
        if finish is not None:
            finish(part)
    return writer.frames, writer.heard


class Writer:
    """A file being written; ``picture`` and ``sound`` are the seconds of each so far."""

    def __init__(
        self, path: Path, rate: float, wave_rate: int, metadata: dict[str, str] | None = None
    ) -> None:
        self._rate = Fraction(rate).limit_denominator(1001)
        self._wave_rate = wave_rate
        mp4 = path.suffix.lower() != ".mkv"
        options = {"movflags": "+faststart+use_metadata_tags"} if mp4 else {}
        self._file = av.open(f"file:{path}", "w", options=options)
        self._file.metadata.update(metadata or {})
        self._video: Any = None
        self._audio: Any = self._file.add_stream("aac", rate=AUDIO_RATE)
        self._audio.layout, self._audio.bit_rate = "mono", AUDIO_BITRATE
        self._resampler = soxr.ResampleStream(wave_rate, AUDIO_RATE, 1, dtype="float32")
        self._held: list[NDArray[np.float32]] = []
        self._sent = 0
        self.frames = self.heard = 0

    @property
    def picture(self) -> float:
        return float(self.frames / self._rate)

    @property
    def sound(self) -> float:
        return self.heard / self._wave_rate

    def frame(self, frame: NDArray[np.uint8]) -> None:
        """Encode one frame (h w 3); all have the size of the first."""
        height, width = frame.shape[0] // 2 * 2, frame.shape[1] // 2 * 2
        if self._video is None:
            self._open_video(width, height)
        if (width, height) != (self._video.width, self._video.height):
            raise OutputError(
                f"frame {self.frames + 1} is {width}x{height} pixels",
                f"{self._video.width}x{self._video.height}, as the first",
            )
        given = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[:height, :width]), format="rgb24")
        encoded = given.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        encoded.pts, encoded.time_base = self.frames, 1 / self._rate
        self._file.mux(self._video.encode(encoded))
        self.frames += 1

    def _open_video(self, width: int, height: int) -> None:
        if not width or not height:
            raise OutputError("frames of one pixel's height or width", "2x2 pixels or more")
        self._video = self._file.add_stream("libx264", rate=self._rate)
        self._video.width, self._video.height, self._video.pix_fmt = width, height, "yuv420p"
        self._video.options = {"crf": CRF, "preset": PRESET}
        context = self._video.codec_context
        context.color_range, context.colorspace = 1, 1
        context.color_primaries, context.color_trc = 1, 1
        context.thread_count = 0
        for held in self._held:
            self._encode_sound(held)
        self._held = []

    def samples(self, wave: NDArray[np.float32]) -> None:
        """Encode samples (s); held back until the first frame has given the picture its size."""
        self.heard += len(wave)
        self._sound_out(self._resampler.resample_chunk(np.asarray(wave, np.float32)))

    def _sound_out(self, wave: NDArray[np.float32]) -> None:
        if self._video is None:
            self._held.append(wave)
        else:
            self._encode_sound(wave)

    def _encode_sound(self, wave: NDArray[np.float32]) -> None:
        if not len(wave):
            return
        frame = av.AudioFrame.from_ndarray(np.clip(wave, -1, 1)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, self._sent, Fraction(1, AUDIO_RATE)
        self._sent += frame.samples
        self._file.mux(self._audio.encode(frame))

    def close(self) -> None:
        """Flush the encoders and finish the file."""
        try:
            if self._video is not None:
                self._sound_out(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
                self._file.mux(self._video.encode(None))
                self._file.mux(self._audio.encode(None))
        finally:
            self._file.close()


def read(path: Path | str) -> Iterator[NDArray[np.uint8]]:
    """The frames of a video in order, uint8 (h w 3), sRGB. Raises InputError when it has none."""
    file = existing(path, "video", "a video")
    try:
        with av.open(f"file:{file}") as container:
            if not container.streams.video:
                raise InputError(f"{file} has no picture", "a video", "check the file")
            for frame in container.decode(video=0):
                yield np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    except av.FFmpegError as error:
        raise InputError(f"{file} cannot be decoded: {error}", "a video", "save it again as mp4") from error


def probe(path: Path | str) -> dict[str, Any]:
    """Streams, size, rate, durations (seconds) and metadata of a media file."""
    file = existing(path, "video", "a video")
    try:
        with av.open(f"file:{file}") as container:
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
