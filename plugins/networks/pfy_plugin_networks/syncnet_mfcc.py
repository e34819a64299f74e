"""Mel-frequency cepstra as ``python_speech_features.mfcc`` calculates them by default, at 16 kHz.

SyncNet was trained with them (github.com/jameslyons/python_speech_features, 0.6): 13 cepstra of 26 mel
filters, each 10 ms of 25, a rectangular window, the first cepstrum replaced by the log energy.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE = 16_000
"""Hz."""
FRAME, HOP, BINS = 400, 160, 512
"""Samples of 25 ms, of 10 ms, and of the spectrum: the next power of two."""
FILTERS, CEPSTRA = 26, 13
PREEMPHASIS = 0.97
LIFTER = 22
"""Cepstra are scaled by 1 + 11 sin(πn/22), as HTK does."""
EPS = float(np.finfo(float).eps)
"""Stands for an energy of 0 before the logarithm."""
BLOCK = 4096
"""Frames whose spectra are held at once: 41 s of sound."""


def mfcc(wave: NDArray[np.int16]) -> Array:
    """Samples (s) at 16 kHz and 16 bits -> cepstra (n 13), n = 1 + ceil((s - 400) / 160), at least 1.

    The last frame is filled with zeros.
    """
    samples = wave.astype(np.float64)
    samples[1:] -= PREEMPHASIS * samples[:-1].copy()
    count = 1 + max(0, -(-(len(samples) - FRAME) // HOP))
    filled = np.zeros((count - 1) * HOP + FRAME)
    filled[: len(samples)] = samples
    frames = sliding_window_view(filled, FRAME)[::HOP]
    return np.concatenate([_cepstra(frames[start : start + BLOCK]) for start in range(0, count, BLOCK)])


def _cepstra(frames: Array) -> Array:
    power = np.abs(np.fft.rfft(frames, BINS)) ** 2 / BINS
    energy = power.sum(axis=1)
    bands = power @ _filters().T
    for values in (energy, bands):
        values[values == 0] = EPS
    made = np.log(bands) @ _cosines().T * (1 + LIFTER / 2 * np.sin(np.pi * np.arange(CEPSTRA) / LIFTER))
    made[:, 0] = np.log(energy)
    return np.asarray(made)


def _filters() -> Array:
    """(26 257) triangles whose corners lie on whole bins, evenly spaced in mel from 0 to 8 kHz."""
    mel = np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), FILTERS + 2)
    corners = np.floor((BINS + 1) * 700 * (10 ** (mel / 2595) - 1) / RATE)
    bins = np.arange(BINS // 2 + 1)
    low, middle, high = (corners[n : n + FILTERS, None] for n in range(3))
    with np.errstate(invalid="ignore", divide="ignore"):
        rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    inside = [(bins >= low) & (bins < middle), (bins >= middle) & (bins < high)]
    return np.select(inside, [rising, falling])


def _cosines() -> Array:
    """(13 26), the first rows of the orthonormal cosine transform (type 2)."""
    angles = np.pi * np.arange(CEPSTRA)[:, None] * (2 * np.arange(FILTERS) + 1) / (2 * FILTERS)
    scale = np.full(CEPSTRA, np.sqrt(2 / FILTERS))
    scale[0] = np.sqrt(1 / FILTERS)
    return np.asarray(scale[:, None] * np.cos(angles))
