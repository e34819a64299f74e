"""Frames and samples into the streams of a media file, as they come."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

import av
import numpy as np
import soxr
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from pfy_core.errors import OutputError
from pfy_core.media.formats import AUDIO_BITRATE, AUDIO_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from pfy_core.media.formats import Format

BT709 = 1
"""ITU-T H.273's number of BT.709, for primaries, transfer and matrix alike; also 16 to 235 in FFmpeg."""
VARIES = 256 * 256
"""Pixels below which x264's macroblock tree gives one film several encodings (4 of the same frames at
96x128: 2 files; without it 1); the same film must give the same file."""


def exact(rate: float) -> Fraction:
    """A frame rate as the fraction that it stands for: 29.97 is 30000/1001."""
    film = Fraction(round(rate * 1.001) * 1000, 1001)
    return film if abs(rate - round(rate)) > 0 and abs(rate - film) < 0.005 else _simple(rate)


def _simple(rate: float) -> Fraction:
    return Fraction(rate).limit_denominator(1001)


def size(frame: NDArray[np.uint8]) -> tuple[int, int]:
    """Width and height of a frame's picture in a video: an odd side loses a pixel (4:2:0)."""
    return frame.shape[1] // 2 * 2, frame.shape[0] // 2 * 2


class Pictures:
    """The picture of ``file``: frames (h w 3, or 4 with alpha) of one size, ``rate`` a second."""

    def __init__(self, file: Any, rate: Fraction, form: Format, like: NDArray[np.uint8]) -> None:
        self._file, self._rate, self._form = file, rate, form
        self._shape = like.shape
        self._reformatter = VideoReformatter()  # a frame's own would be set up for every frame
        self.count = 0
        width, height = size(like)
        if not width or not height:
            raise OutputError("frames of one pixel's height or width", "2x2 pixels or more")
        self._stream: Any = file.add_stream(form.video, rate=rate)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, form.pixels
        options = dict(form.options)
        if form.video == "libx264" and width * height < VARIES:
            options.setdefault("x264-params", "mbtree=0")
        self._stream.options = options
        if form.video == "libvpx-vp9":
            self._stream.bit_rate = 0  # else its CRF is only a bound
        if form.alpha:
            self._stream.metadata["alpha_mode"] = "1"
        context = self._stream.codec_context
        context.color_range = context.colorspace = context.color_primaries = context.color_trc = BT709
        context.thread_count = 0

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Encode a frame, of the first one's shape."""
        if frame.shape != self._shape:
            height, width, *_ = self._shape
            raise OutputError(
                f"frame {self.count + 1} is {frame.shape[1]}x{frame.shape[0]} pixels",
                f"{width}x{height}, as the first",
            )
        width, height = self._stream.width, self._stream.height
        pixels = np.ascontiguousarray(frame[:height, :width])
        given = av.VideoFrame.from_ndarray(pixels, format="rgba" if frame.shape[2] == 4 else "rgb24")
        encoded = self._reformatter.reformat(
            given, format=self._form.pixels, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        encoded.pts, encoded.time_base = self.count, 1 / self._rate
        self._file.mux(self._stream.encode(encoded))
        self.count += 1

    def end(self) -> None:
        self._file.mux(self._stream.encode(None))


class Sound:
    """The sound of ``file``: samples at ``rate``, mono."""

    def __init__(self, file: Any, rate: int, form: Format) -> None:
        self._file = file
        self._stream: Any = file.add_stream(form.audio, rate=AUDIO_RATE)
        self._stream.layout, self._stream.bit_rate = "mono", AUDIO_BITRATE
        self._format = "flt" if form.audio == "libopus" else "fltp"
        self._resampler = soxr.ResampleStream(rate, AUDIO_RATE, 1, dtype="float32")
        self._sent = 0

    def add(self, wave: NDArray[np.float32]) -> None:
        """Encode samples (s), -1 to 1."""
        self._encode(self._resampler.resample_chunk(np.asarray(wave, np.float32)))

    def end(self) -> None:
        self._encode(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        self._file.mux(self._stream.encode(None))

    def _encode(self, wave: NDArray[np.float32]) -> None:
        if not len(wave):
            return
        frame = av.AudioFrame.from_ndarray(np.clip(wave, -1, 1)[None], format=self._format, layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, self._sent, Fraction(1, AUDIO_RATE)
        self._sent += frame.samples
        self._file.mux(self._stream.encode(frame))


class Writer(Protocol):
    """Takes picture and sound; ``picture`` and ``sound`` are the seconds of each so far."""

    @property
    def picture(self) -> float: ...

    @property
    def sound(self) -> float: ...

    def frame(self, frame: NDArray[np.uint8]) -> None: ...

    def samples(self, wave: NDArray[np.float32]) -> None: ...


def interleave(
    writer: Writer, frames: Iterable[NDArray[np.uint8]], wave: Iterable[NDArray[np.float32]]
) -> None:
    """Write chunks of frames (t h w c) and of a wave (s), the sound as far as the picture has come."""
    samples = iter(wave)
    _catch_up(writer, samples)
    for chunk in frames:
        for frame in chunk:
            writer.frame(frame)
        _catch_up(writer, samples)
    for sound in samples:
        writer.samples(sound)


def _catch_up(writer: Writer, samples: Iterator[NDArray[np.float32]]) -> None:
    while writer.sound < writer.picture and (sound := next(samples, None)) is not None:
        writer.samples(sound)
