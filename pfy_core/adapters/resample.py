"""``adapter/resample``: a wave at another sample rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
import soxr
from numpy.typing import NDArray

from pfy_core.component import Adapter
from pfy_core.errors import InputError
from pfy_core.ports import Port

SourceWave = Annotated[NDArray[np.float32], Port("audio.wave", "s", rate="source", dtype="float32")]
TargetWave = Annotated[NDArray[np.float32], Port("audio.wave", "s", rate="rate", dtype="float32")]


class Resample(Adapter, name="resample"):
    """A wave from one sample rate to another (soxr, high quality), as a stream.

    source: rate of what comes in, in Hz; rate: of what goes out.
    """

    def __init__(self, *, source: int, rate: int) -> None:
        for name, value in (("source", source), ("rate", rate)):
            if not 1000 <= value <= 768_000:
                raise InputError(f"{name} {value}", "1000 to 768000 Hz")
        self._source, self._rate = source, rate

    def __call__(self, wave: Iterator[SourceWave]) -> Iterator[TargetWave]:
        """wave (s) at source -> wave (s * rate / source) at rate."""
        stream = soxr.ResampleStream(self._source, self._rate, 1, dtype="float32")
        for chunk in wave:
            yield stream.resample_chunk(np.asarray(chunk, np.float32))
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)
