"""Long-term average spectrum on a mel scale: the colour of a voice, whatever it says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pfy_plugin_speech.ports import LISTEN_RATE, Array

BANDS = 48
LOWEST, HIGHEST = 60.0, 8000.0
"""Range of the mel bands in Hz."""
N_FFT, HOP = 1024, 512
"""64 ms frames: a bin is narrower than the lowest band."""
LOUDEST = 0.6
"""Fraction of frames that count; the others are pauses and weak consonants, where a room is heard."""
FLOOR = 1e-12


def band_edges() -> NDArray[np.float64]:
    """Edges of the triangular mel bands in Hz, (BANDS + 2): band k peaks at edge k + 1.

    mel = 2595 log10(1 + f / 700), after O'Shaughnessy, "Speech Communication", 1987.
    """
    low, high = (2595 * np.log10(1 + f / 700) for f in (LOWEST, HIGHEST))
    return 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)


def average(wave: Array) -> Array:
    """Long-term average spectrum of a recording (s) at 16 kHz: float32 (48), dB, mean 0.

    Power over the loudest frames, so that pauses do not count; the level is left out.
    """
    padded = np.pad(wave, (0, max(0, N_FFT - len(wave))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]  # (t n)
    power = np.abs(np.fft.rfft(frames * np.hanning(N_FFT).astype(np.float32), axis=1)) ** 2  # (t bins)
    energy = power.sum(axis=1)
    loud = power[energy >= np.quantile(energy, 1 - LOUDEST)].mean(axis=0)
    decibels = 10 * np.log10(_filters() @ loud + FLOOR)
    return (decibels - decibels.mean()).astype(np.float32)


def _filters() -> NDArray[np.float64]:
    """Triangles (BANDS, bins) of unit area: white noise has the same level in all bands."""
    edges, bins = band_edges(), np.linspace(0, LISTEN_RATE / 2, N_FFT // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    filters = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(filters / filters.sum(axis=1, keepdims=True))


def fast_length(least: int) -> int:
    """The next power of two, for Fourier transforms."""
    return 1 << max(0, least - 1).bit_length()
