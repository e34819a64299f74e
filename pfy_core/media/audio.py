"""Audio in: any sound that FFmpeg reads, to mono float32 at the wanted rate.

Samples that are there and have that rate need no library but numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core.errors import InputError
from pfy_core.events import note
from pfy_core.media import existing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

WANTS = "a sound file (WAV, MP3, FLAC, M4A ...) or a video with sound"
MAX_SECONDS = 3600.0
"""Longest sound taken in: an hour, which at 48 kHz is 0.7 GB of memory."""


def load(value: Any, rate: int, name: str = "audio") -> NDArray[np.float32]:
    """A sound as float32 (s) in -1 to 1, mono, at ``rate`` Hz; see ``pfy_core.media.load``.

    Raises InputError for what has no sound, is damaged, is not finite or is too long.
    """
    if isinstance(value, tuple):
        wave = resample(*_pair(value, name), rate)
    elif isinstance(value, np.ndarray):
        wave = _samples(value, name)
    else:
        wave = read(existing(value, name, WANTS), rate, name)
    if not wave.size:
        raise InputError(f"{name}: less than one sample at {rate} Hz", "mono samples (s), at least one")
    if not np.isfinite(wave).all():
        raise InputError(
            f"{name}: it contains NaN or infinite samples", "samples from -1 to 1", "export the sound again"
        )
    return np.asarray(np.clip(wave, -1.0, 1.0), dtype=np.float32)


def _pair(value: tuple[Any, ...], name: str) -> tuple[NDArray[np.float32], int]:
    if len(value) != 2 or not isinstance(value[1], int | float | np.number) or not 1 <= value[1] < 1e9:
        raise InputError(f"{name}: a tuple of {len(value)}", "(samples, their rate in Hz)")
    return _samples(value[0], name), int(value[1])


def _samples(value: Any, name: str) -> NDArray[np.float32]:
    """An array of mono samples; of 16 or 32 bit integers, the full range becomes -1 to 1."""
    wave = np.asarray(value)
    if wave.ndim != 1 or not wave.size or wave.dtype.kind not in "iuf":
        raise InputError(f"{name}: array {wave.dtype} {wave.shape}", "mono samples (s), at least one")
    full = 2.0 ** (8 * wave.itemsize - 1) if wave.dtype in (np.int16, np.int32) else 1.0
    return np.asarray(wave / full, dtype=np.float32)


def read(file: Path, rate: int, name: str = "audio") -> NDArray[np.float32]:
    """The first audio track of a file, float32 (s), mono (channels averaged), at ``rate`` Hz.

    A file whose end is damaged gives what was read before, with a note. Raises InputError.
    """
    parts: list[NDArray[np.float32]] = []
    native, count, damage = 0, 0, ""
    try:
        for native, part in _decode(file, name):
            parts.append(part)
            count += len(part)
            if count > MAX_SECONDS * native:
                raise InputError(
                    f"{name}: {file} is longer than {MAX_SECONDS / 3600:g} h", "a shorter sound", "cut it"
                )
    except InputError:
        raise
    except Exception as error:  # whatever a decoder raises for an untrusted file
        damage = str(error)
    if not parts:
        sends = f"{name}: {file} cannot be decoded" + (f": {damage}" if damage else ": it has no samples")
        raise InputError(sends, WANTS, "convert it, e.g. ffmpeg -i FILE out.wav")
    if damage:
        note(f"{name}: the end of {file.name} is damaged; {count / native:.1f} s were read")
    return resample(np.concatenate(parts), native, rate)


def _decode(file: Path, name: str) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """(rate, mono samples) of each frame of the first audio track."""
    from pfy_core.media.opening import opened

    with opened(file, metadata_errors="ignore") as container:
        if not container.streams.audio:
            raise InputError(f"{name}: {file} has no sound", WANTS, "give a recording of speech")
        for _, rate, part in decoded(container):
            yield rate, part


def decoded(container: Any) -> Iterator[tuple[float | None, int, NDArray[np.float32]]]:
    """(second at which it is heard, where the file says so; rate; mono samples) of each frame, from where
    an opened file with sound stands."""
    import av

    stream = container.streams.audio[0]
    rate = stream.rate
    resampler = av.AudioResampler(format="fltp", rate=rate)
    for frame in container.decode(stream):
        for plain in resampler.resample(frame):
            yield frame.time, rate, plain.to_ndarray().mean(axis=0, dtype=np.float32)


def resample(wave: NDArray[np.float32], source: int, target: int) -> NDArray[np.float32]:
    """A wave at another rate (soxr, high quality); length n becomes about n * target / source."""
    if source == target or not wave.size:
        return wave.astype(np.float32, copy=False)
    import soxr

    return np.asarray(soxr.resample(wave, source, target), dtype=np.float32)
