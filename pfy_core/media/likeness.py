"""How alike two videos are: the same encoded streams, or how far their pictures and sound differ."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import av
import numpy as np

from pfy_core.errors import InputError
from pfy_core.media.opening import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Likeness:
    """Two videos compared.

    encoded: the encoded streams are the same, byte for byte, whatever the containers say
    frames:  how many pictures each has; psnr: dB of the picture that differs most, infinite when none
             does, nan when they cannot be compared (other sizes); sound: largest difference of two
             samples, 0 to 2, or nan when one is longer
    """

    encoded: bool
    frames: tuple[int, int]
    psnr: float
    sound: float

    @property
    def identical(self) -> bool:
        """Whether what is seen and heard is the same, to the last bit."""
        return self.encoded or (
            self.frames[0] == self.frames[1] and self.psnr == math.inf and self.sound == 0
        )


def compare(one: Path, other: Path) -> Likeness:
    """Compare two videos; memory does not grow with their length.

    Encoded streams are compared first: the same frames through the same encoder give the same bytes.
    Where they differ, e.g. because the encoder is another version or ran on more threads, pictures and
    sound are decoded. PSNR: 10 log10(255^2 / mean squared error). Raises InputError for what cannot be
    decoded.
    """
    first, second = _encoded(one), _encoded(other)
    frames = first[1], second[1]
    if first == second:
        return Likeness(True, frames, math.inf, 0.0)
    return Likeness(False, frames, _psnr(one, other), _sound(one, other))


def _encoded(path: Path) -> tuple[str, int]:
    """sha256 of all packets by kind of stream, and the number of pictures."""
    states = {"video": hashlib.sha256(), "audio": hashlib.sha256()}
    pictures = 0
    try:
        with opened(path) as container:
            for packet in container.demux():
                if packet.size and packet.stream.type in states:
                    states[packet.stream.type].update(bytes(packet))
                    pictures += packet.stream.type == "video"
    except av.FFmpegError as error:
        raise InputError(f"{path} cannot be read: {error}", "a video") from error
    return "".join(state.hexdigest() for state in states.values()), pictures


def _psnr(one: Path, other: Path) -> float:
    from pfy_core.media import video

    worst = 0.0
    for a, b in zip(video.read(one), video.read(other), strict=False):
        if a.shape != b.shape:
            return math.nan
        worst = max(worst, float(np.mean(np.square(a.astype(np.int32) - b))))
    return 10 * math.log10(255**2 / worst) if worst else math.inf


def _sound(one: Path, other: Path) -> float:
    most = 0.0
    for a, b in zip_longest(_heard(one), _heard(other)):
        if a is None or b is None or a.shape != b.shape:
            return math.nan
        most = max(most, float(np.abs(a - b).max(initial=0)))
    return most


def _heard(path: Path) -> Iterator[NDArray[np.float32]]:
    with opened(path) as container:
        if container.streams.audio:
            for frame in container.decode(audio=0):
                yield frame.to_ndarray().astype(np.float32)
