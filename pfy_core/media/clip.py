"""Clips in: a video decoded once to a constant frame rate and mono sound, aligned, from any second of it.

Time counts from the first picture. Frame k is the one shown nearest to ``start + k / fps``, the earlier of
two as near; sound before the first picture is left out, and where the file is silent, so is the wave.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.stream import Disposition

from pfy_core.errors import InputError
from pfy_core.media import audio, existing
from pfy_core.media.opening import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

DECODER = f"clip-1/ffmpeg-{'.'.join(map(str, av.library_versions['libavcodec']))}"
"""Names what decodes and how; the first number changes with what the same file gives."""
FPS = 25
"""Frames a second that SyncNet, wav2vec2-driven models and this field's metrics take."""
RATE = 16_000
"""Hz of speech in the same."""
LARGEST = 4096
"""Pixels a side."""
MOST = 2 * 2**30
"""Bytes of frames that ``read`` holds: 110 s of 512x512 at 25 fps."""
LONGEST = 3600.0
"""Seconds; a file whose time stamps claim more is cut or broken."""
BEFORE = 1.0
"""Seconds before the wanted ones to which a file is wound: decoders begin slowly, indices are not exact."""
GAP = 0.05
"""Seconds by which sound may be off its time stamp without a gap; containers round these to a millisecond."""
WANTS = "a video (MP4, MOV, MKV, WebM ...)"


@dataclass(frozen=True, eq=False)
class Clip:
    """A part of a video, from second ``start`` of the file on.

    frames: uint8 (t h w 3), upright sRGB, ``fps`` a second
    wave: float32 (s), mono, -1 to 1, at ``rate`` Hz, as long as the frames; None for a file without sound
    """

    frames: NDArray[np.uint8]
    wave: NDArray[np.float32] | None
    fps: float
    rate: int
    start: float

    @property
    def seconds(self) -> float:
        return len(self.frames) / self.fps


def read(
    path: Path | str, *, fps: float = FPS, rate: int = RATE, start: float = 0.0, seconds: float | None = None
) -> Clip:
    """A video from second ``start``, at most ``seconds`` of it.

    Raises InputError for what cannot be decoded, has no picture, ends before ``start``, or is too large.
    """
    file = existing(path, "video", WANTS)
    with _media(file) as container:
        picture = _Picture(file, container)
        held = _Held(file)
        for frame in picture.at(fps, start, seconds):
            held.append(frame)
    frames = held.frames()
    count = round(len(frames) * rate / Fraction(fps).limit_denominator(1001))
    return Clip(frames, _sound(file, picture.zero, start, count, rate), fps, rate, start)


def frames(
    path: Path | str, *, fps: float = FPS, start: float = 0.0, seconds: float | None = None
) -> Iterator[NDArray[np.uint8]]:
    """The frames of ``read``, uint8 (h w 3), one by one; a frame may come twice, as the same array."""
    file = existing(path, "video", WANTS)
    with _media(file) as container:
        yield from _Picture(file, container).at(fps, start, seconds)


def wave(
    path: Path | str, *, rate: int = RATE, start: float = 0.0, seconds: float
) -> NDArray[np.float32] | None:
    """The sound of ``read``, float32 (s), ``seconds`` long whatever the picture; None without sound."""
    file = existing(path, "video", WANTS)
    with _media(file) as container:
        zero = _Picture(file, container).zero
    return _sound(file, zero, start, round(seconds * rate), rate)


@contextmanager
def _media(file: Path) -> Iterator[Any]:
    """A file opened; whatever a decoder raises for an untrusted one, as InputError."""
    try:
        with opened(file, metadata_errors="ignore") as container:
            yield container
    except InputError:
        raise
    except (av.FFmpegError, OSError, ValueError, ArithmeticError) as error:
        raise InputError(
            f"{file} cannot be decoded: {getattr(error, 'strerror', None) or error}",
            WANTS,
            "save it again as mp4",
        ) from error


class _Picture:
    """The first moving picture of an opened file; ``zero`` is the time stamp of its first frame, in s."""

    def __init__(self, file: Path, container: Any) -> None:
        self._file, self._container = file, container
        moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
        if not moving:
            raise InputError(f"{file} has no picture", WANTS, "give a video, not a recording")
        self._stream = moving[0]
        self._shape = (0, 0)
        self._check(self._stream.width, self._stream.height)
        self._decoded = container.decode(self._stream)
        first = next(self._decoded, None)
        if first is None:
            raise InputError(f"{file} has no frame that can be decoded", WANTS, "save it again as mp4")
        self._first, self.zero = first, self._time(first) or Fraction(0)

    def at(self, fps: float, start: float, seconds: float | None) -> Iterator[NDArray[np.uint8]]:
        """Frames shown nearest to ``start``, ``start + 1 / fps`` ...; see ``read``."""
        if (
            not 0 < fps <= 1000
            or not 0 <= start <= LONGEST
            or (seconds is not None and not 0 < seconds <= LONGEST)
        ):
            sends = f"{self._file}: {fps} frames a second from second {start}, {seconds} s long"
            raise InputError(sends, f"seconds from 0 to {LONGEST:g}, more than no frames")
        rate, begin = Fraction(fps).limit_denominator(1001), Fraction(start)
        most = ceil(LONGEST * rate) if seconds is None else max(1, round(Fraction(seconds) * rate))
        count = 0
        shown, pixels, length, end = None, None, Fraction(1) / rate, Fraction(0)
        for time, frame in self._since(begin):
            if shown is not None:
                while count < most and begin + count / rate <= (shown[0] + time) / 2:
                    pixels = self._pixels(shown[1]) if pixels is None else pixels
                    yield pixels
                    count += 1
                length = time - shown[0]
            if count >= most:
                break
            shown, pixels = (time, frame), None
            end = time + (Fraction(frame.duration or 0) * frame.time_base or length)
        if shown is not None:
            available = floor((end - begin) * rate + Fraction(1, 2))
            while count < min(most, max(available, 1 if end > begin else 0)):
                pixels = self._pixels(shown[1]) if pixels is None else pixels
                yield pixels
                count += 1
        if not count:
            sends = f"{self._file} has {float(end):.2f} s of picture, and second {start:g} was asked for"
            raise InputError(sends, "a start within the video")
        if seconds is None and count >= most:
            raise InputError(f"{self._file} is longer than {LONGEST / 3600:g} h", "a shorter video", "cut it")

    def _since(self, begin: Fraction) -> Iterator[tuple[Fraction, Any]]:
        """(seconds since the first frame, frame) in order, from ``begin`` or somewhat before."""
        coming = chain([self._first], self._decoded)
        if begin > 2 * BEFORE:
            self._wind(self.zero + begin - Fraction(BEFORE))
            landed = next(self._decoded, None)
            if landed is None or (self._time(landed) or self.zero) > self.zero + begin:
                self._wind(self.zero)  # its index is wrong or absent: all of it, then
                coming = self._decoded
            else:
                coming = chain([landed], self._decoded)
        last, step = None, Fraction(1) / (self._stream.average_rate or FPS)
        for frame in coming:
            stamp = self._time(frame)
            time = (Fraction(0) if last is None else last + step) if stamp is None else stamp - self.zero
            if last is None or time > last:
                yield time, frame
                last = time

    def _wind(self, time: Fraction) -> None:
        self._container.seek(floor(time / self._stream.time_base), stream=self._stream)
        self._decoded = self._container.decode(self._stream)

    def _time(self, frame: Any) -> Fraction | None:
        return None if frame.pts is None else Fraction(frame.pts) * frame.time_base

    def _pixels(self, frame: Any) -> NDArray[np.uint8]:
        """A frame upright, as large as the first."""
        self._check(frame.width, frame.height)
        self._shape = self._shape if any(self._shape) else (frame.width, frame.height)
        pixels = frame.to_ndarray(format="rgb24", width=self._shape[0], height=self._shape[1])
        return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90)))

    def _check(self, width: int, height: int) -> None:
        if max(width, height) > LARGEST:
            raise InputError(
                f"{self._file} is {width}x{height} pixels", f"at most {LARGEST} a side", "make it smaller"
            )


class _Held:
    """Frames in one array that grows in place, so that none is held twice."""

    def __init__(self, file: Path) -> None:
        self._file, self._count = file, 0
        self._array = np.empty((0, 0, 0, 3), np.uint8)

    def append(self, frame: NDArray[np.uint8]) -> None:
        if (self._count + 1) * frame.nbytes > MOST:
            sends = f"{self._file} has more than {self._count} frames of {frame.shape[1]}x{frame.shape[0]}"
            raise InputError(sends, f"at most {MOST / 2**30:g} GB of frames", "take fewer seconds of it")
        if not self._count:
            self._array = np.empty((64, *frame.shape), np.uint8)
        elif self._count == len(self._array):
            self._array.resize((2 * self._count, *frame.shape), refcheck=False)
        self._array[self._count] = frame
        self._count += 1

    def frames(self) -> NDArray[np.uint8]:
        self._array.resize((self._count, *self._array.shape[1:]), refcheck=False)
        return self._array


def _sound(file: Path, zero: Fraction, start: float, count: int, rate: int) -> NDArray[np.float32] | None:
    """``count`` samples at ``rate`` from ``start`` seconds behind ``zero``; None where there is no sound."""
    whole = max(0, floor(start - BEFORE))  # where both rates have a sample
    seconds = start - whole + count / rate + BEFORE
    native, wave, place = 0, np.zeros(0, np.float32), 0
    with _media(file) as container:
        if not container.streams.audio:
            return None
        for time, native, part in _heard(container, float(zero) + whole):
            if not wave.size:
                wave = np.zeros(ceil(seconds * native), np.float32)
                place = round((0 if time is None else time - float(zero) - whole) * native)
            elif time is not None:
                stamp = round((time - float(zero) - whole) * native)
                place = stamp if abs(stamp - place) > GAP * native else place
            kept = part[max(0, -place) : max(0, len(wave) - place)]
            at = max(place, 0)
            wave[at : at + len(kept)] = kept
            place += len(part)
            if place >= len(wave):
                break
    if not native:
        return None
    if not np.isfinite(wave).all():
        raise InputError(f"{file}: its sound has NaN or infinite samples", "samples from -1 to 1")
    at = round((start - whole) * rate)
    cut = audio.resample(wave, native, rate)[at : at + count]
    return np.clip(np.pad(cut, (0, count - len(cut))), -1.0, 1.0)


def _heard(container: Any, begin: float) -> Iterator[tuple[float | None, int, NDArray[np.float32]]]:
    """``audio.decoded`` from ``begin`` or somewhat before, all of it where the file cannot be wound there."""
    stream = container.streams.audio[0]
    if begin > 2 * BEFORE:
        container.seek(floor((begin - BEFORE) / stream.time_base), stream=stream)
        coming = audio.decoded(container)
        landed = next(coming, None)
        if landed is not None and landed[0] is not None and landed[0] <= begin:
            yield landed
            yield from coming
            return
        container.seek(0)
    yield from audio.decoded(container)
