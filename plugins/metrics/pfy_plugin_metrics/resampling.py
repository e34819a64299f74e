"""Two resamplers that protocols ask for by name, as products of matrices."""

from __future__ import annotations

import functools
from math import ceil, gcd
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pfy_plugin_metrics.threads import one_thread

Array = NDArray[np.float64]
Filter = Literal["octave", "matlab"]

REJECTION = 60.0
"""dB; of the filter of Octave's ``resample``, whose transition is a tenth of its stop band's edge."""
CROSSINGS, BETA = 10, 5.0
"""Of MATLAB's ``resample``: zero crossings of the sinc on each side, and its Kaiser window."""
BLOCK = 128
"""Input samples to a row of the product, at least: few that are read twice, and few zeros in the matrix."""


def resampled(waves: Array, rate: int, to: int, kind: Filter) -> Array:
    """Waves (n s) at ``rate`` -> (n s') at ``to`` Hz, s' = ceil(s * to / rate), without delay."""
    up, down = to // gcd(rate, to), rate // gcd(rate, to)
    if up == down:
        return waves
    matrix, before, step, made = _matrix(up, down, kind)
    length = ceil(waves.shape[1] * up / down)
    rows = ceil(length / made)
    after = max(0, (rows - 1) * step + len(matrix) - before - waves.shape[1])
    windows = sliding_window_view(np.pad(waves, ((0, 0), (before, after))), len(matrix), 1)[:, ::step]
    with one_thread():
        blocks: Array = np.ascontiguousarray(windows[:, :rows]) @ matrix
    return blocks.reshape(len(waves), -1)[:, :length]


@functools.cache
def _matrix(up: int, down: int, kind: Filter) -> tuple[Array, int, int, int]:
    """Samples of a window to those of a block; how far it starts earlier, inputs and outputs of a block."""
    taps = _taps(up, down, kind)
    half = len(taps) // 2
    blocks, before = ceil(BLOCK / down), ceil(half / up)
    given = np.arange(-before, blocks * down + before)
    place = half + np.arange(blocks * up) * down - given[:, None] * up
    matrix = np.where((place >= 0) & (place < len(taps)), taps[np.clip(place, 0, len(taps) - 1)], 0.0)
    return matrix, before, blocks * down, blocks * up


def _taps(up: int, down: int, kind: Filter) -> Array:
    """A low-pass at the lower of the two rates' halves, at up times the first; sums up to ``up``."""
    edge = 1 / (2 * max(up, down))
    if kind == "matlab":
        half, beta = CROSSINGS * max(up, down), BETA
    else:  # Kaiser's formulas for the length and the window that a rejection asks for
        half, beta = ceil((REJECTION - 8) / (28.714 * edge / 10)), 0.1102 * (REJECTION - 8.7)
    time = np.arange(-half, half + 1)
    taps = np.sinc(2 * edge * time) * np.kaiser(len(time), beta)
    return up * taps / taps.sum()
