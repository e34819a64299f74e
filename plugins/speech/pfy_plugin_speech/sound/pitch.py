"""Fundamental frequency: normalised cross-correlation, and the cheapest path through its peaks.

After D. Talkin, "A robust algorithm for pitch tracking (RAPT)", in Speech Coding and Synthesis, 1995,
with one correlation pass instead of two, which at these lengths costs nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from pfy_plugin_speech.ports import LISTEN_RATE, Array

RATE = 8000
"""Samples per second of the analysis: harmonics up to 4 kHz settle the period."""
HOP = 80
"""10 ms."""
WINDOW = 240
"""30 ms: two periods of a low voice."""
LOWEST, HIGHEST = 55.0, 520.0
"""Range of F0 in Hz, from a deep bass to a child or an excited woman."""
CANDIDATES = 6
LAG_WEIGHT = 0.3
"""How much a peak at the longest lag costs against one at lag 0: a period, not two."""
JUMP = 1.0
"""Cost of moving by a natural logarithm's unit of frequency between frames."""
OCTAVE = 0.5
"""Cost of moving by a whole octave between frames, which is cheaper than by as much in another way."""
ONSET = 0.15
"""Cost of beginning or ending a voiced stretch."""
VOICED = 0.30
"""What the best peak costs an unvoiced frame on top of its height: raises the bar for voicing."""
CLIP = 0.3
"""Centre clipping, as a fraction of a frame's peak: leaves the pulses and drops the ringing of the first
formant (M. M. Sondhi, "New methods of pitch extraction", 1968). Halves the gross errors of low voices."""
FLOOR = 1e-3
"""Fraction of the loudest frame's energy below which correlation is damped, so that noise has no pitch."""


def track(wave: Array) -> NDArray[np.float64]:
    """F0 in Hz every 10 ms of a recording (s) at 16 kHz; 0 where there is no voice.

    Frame i is centred about sample 160 i; an empty recording has none.
    """
    x = soxr.resample(np.asarray(wave, np.float64), LISTEN_RATE, RATE)
    shortest, longest = int(RATE / HIGHEST), int(np.ceil(RATE / LOWEST))
    correlation = _correlation(x, longest)  # (t longest + 1)
    if not len(correlation):
        return np.zeros(0)
    lags, heights = _peaks(correlation, shortest)  # (t CANDIDATES) each
    voiced = 1.0 - heights * _weight(lags, correlation)
    unvoiced = heights.max(axis=1) + VOICED
    path = _cheapest(voiced, unvoiced, np.log(lags))
    chosen = lags[np.arange(len(lags)), np.maximum(path, 0)]
    return np.where(path >= 0, RATE / chosen, 0.0)


def _correlation(x: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """Normalised cross-correlation of each frame with what follows it, at lags 0 to ``longest``."""
    span = WINDOW + longest
    padded = np.pad(x, (span // 2, span))
    count = len(x) // HOP
    if not count:
        return np.zeros((0, longest + 1))
    frames = np.lib.stride_tricks.sliding_window_view(padded, span)[::HOP][:count]  # (t span)
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames = np.sign(frames) * np.maximum(
        np.abs(frames) - CLIP * np.abs(frames).max(axis=1, keepdims=True), 0.0
    )
    size = 1 << (span + WINDOW - 1).bit_length()
    heads = np.fft.rfft(frames[:, :WINDOW], size)
    products = np.fft.irfft(np.conj(heads) * np.fft.rfft(frames, size), size)[:, : longest + 1]
    squares = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    energies = squares[:, WINDOW : WINDOW + longest + 1] - squares[:, : longest + 1]  # of each lagged window
    floor = FLOOR * energies[:, 0].max() + 1e-12
    return products / (np.sqrt(energies[:, :1] * np.maximum(energies, 0.0)) + floor)


def _peaks(
    correlation: NDArray[np.float64], shortest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lags (in samples, between them by parabola) and heights of the best peaks of each frame."""
    left, middle, right = correlation[:, :-2], correlation[:, 1:-1], correlation[:, 2:]
    peak = (middle > left) & (middle >= right) & (middle > 0)
    peak[:, : shortest - 1] = False
    preference = np.where(peak, middle, 0.0) * _weight(np.arange(1, correlation.shape[1] - 1), correlation)
    best = np.argsort(-preference, axis=1)[:, :CANDIDATES]

    def at(array: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.take_along_axis(array, best, axis=1)

    bend, slope = at(left) - 2 * at(middle) + at(right), at(right) - at(left)
    shift = np.clip(-0.5 * slope / np.where(bend < 0, bend, -np.inf), -0.5, 0.5)
    heights = np.minimum(at(middle) - 0.125 * slope**2 / np.where(bend < 0, bend, -np.inf), 1.0)
    return best + 1 + shift, np.where(at(preference) > 0, heights, 0.0)


def _weight(lags: NDArray[Any], correlation: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 - LAG_WEIGHT * lags / (correlation.shape[1] - 1)


def _cheapest(
    voiced: NDArray[np.float64], unvoiced: NDArray[np.float64], logs: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Index of the candidate on the cheapest path through each frame; -1 where it is unvoiced."""
    frames, count = voiced.shape
    costs = np.concatenate([voiced, unvoiced[:, None]], axis=1)  # the last candidate is "unvoiced"
    change = np.full((frames, count + 1, count + 1), ONSET)  # [t, from, to]
    change[:, count, count] = 0.0
    jump = np.abs(logs[:-1, :, None] - logs[1:, None, :])
    change[1:, :count, :count] = JUMP * np.minimum(jump, OCTAVE + np.abs(jump - np.log(2)))
    total, back = costs[0], np.zeros((frames, count + 1), np.intp)
    for t in range(1, frames):
        ways = total[:, None] + change[t]
        back[t] = ways.argmin(axis=0)
        total = ways.min(axis=0) + costs[t]
    path = np.zeros(frames, np.intp)
    path[-1] = total.argmin()
    for t in range(frames - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return np.where(path == count, -1, path)
