"""Mel-cepstra of many frames at once.

A mel-cepstrum c describes a spectrum as log |H(ω)|² = 2 Σ c_m cos(m ω̃), with frequency ω bent to ω̃ by
the phase of an all-pass filter (Tokuda et al., ICSLP 1994).
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS = 30
"""Newton steps at most; speech takes six."""
SETTLED = 1e-4
"""Change of a coefficient after which they have arrived: what is left is of the order of its square."""
LONGEST = 4.0
"""Change of log |H|² that a step may make anywhere: far from the end, Newton's are too long."""


def unbiased(power: Array, order: int, alpha: float) -> Array:
    """Mel-cepstra (t order+1) of power spectra (t bins), by unbiased estimation of the log spectrum.

    Minimises, for each frame, the mean of P / |H|² + log |H|² over frequency (Imai and Furuichi, 1988;
    Fukada et al., ICASSP 1992, eq. 2), which is convex in c, by Newton's method: what SPTK's ``mcep`` does.
    Spectra are positive, at the frequencies of a real FFT.
    """
    basis = cosines(power.shape[1], 2 * order, alpha)
    weights = basis * np.r_[0.5, np.ones(power.shape[1] - 2), 0.5] / (power.shape[1] - 1)
    near = basis[: order + 1]
    index = np.arange(order + 1)
    apart, along = np.abs(index[:, None] - index), index[:, None] + index
    cepstra = bent(np.log(power), order, alpha)
    cepstra[:, 0] += np.log((power * np.exp(-2 * cepstra @ near)) @ weights[0]) / 2
    todo = np.arange(len(power))
    for _ in range(STEPS):
        ratio = power[todo] * np.exp(-2 * cepstra[todo] @ near)
        moments = ratio @ weights.T
        mean = weights[: order + 1].sum(axis=1)
        slope = mean - moments[:, : order + 1]
        # cos(m ω̃) cos(n ω̃) is half of cos((m - n) ω̃) + cos((m + n) ω̃).
        curvature = moments[:, apart] + moments[:, along]
        step = -np.linalg.solve(curvature, slope[..., None])[..., 0]
        reach = 2 * np.abs(step @ near).max(axis=1, keepdims=True)
        step *= np.minimum(1, LONGEST / np.maximum(reach, LONGEST))
        cepstra[todo] += step
        todo = todo[np.abs(step).max(axis=1) > SETTLED]
        if not len(todo):
            break
    return cepstra


def bent(log_power: Array, order: int, alpha: float) -> Array:
    """Mel-cepstra (t order+1) of log P (t bins): half its cepstrum, bent by a truncated all-pass sum.

    What SPTK's ``mcep`` starts from, and gives with ``maxiter=0``.
    """
    length = 2 * (log_power.shape[1] - 1)
    cepstra = np.fft.irfft(log_power, length)[:, : length // 2 + 1]
    cepstra[:, [0, -1]] /= 2
    bending = _bending(length // 2 + 1, order, alpha)
    given: Array = cepstra @ bending
    return given


@functools.cache
def cosines(bins: int, order: int, alpha: float) -> Array:
    """(order+1 bins): cos(m ω̃) for the frequencies of a real FFT."""
    angle = np.linspace(0, np.pi, bins)
    turned = angle + 2 * np.arctan2(alpha * np.sin(angle), 1 - alpha * np.cos(angle))
    return np.cos(np.arange(order + 1)[:, None] * turned)


@functools.cache
def _bending(length: int, order: int, alpha: float) -> Array:
    """(length order+1): a cepstrum's coefficients on the bent axis (Oppenheim and Johnson, 1972)."""
    state = np.zeros((length, order + 1))
    # Horner's scheme from the last coefficient to the first, for all unit cepstra at once.
    for coefficient in range(length - 1, -1, -1):
        before = state.copy()
        state[:, 0] = alpha * before[:, 0]
        state[coefficient, 0] += 1
        if order:
            state[:, 1] = (1 - alpha**2) * before[:, 0] + alpha * before[:, 1]
        for m in range(2, order + 1):
            state[:, m] = before[:, m - 1] + alpha * (before[:, m] - state[:, m - 1])
    return state
