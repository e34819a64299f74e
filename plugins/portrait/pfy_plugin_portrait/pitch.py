"""The voice's fundamental frequency over time, computed as the sound arrives.

The autocorrelation of a short window, divided by that of the window function, peaks at the voice's
period (Boersma 1993, "Accurate short-term analysis of the fundamental frequency"). Without a path
search over frames: its users take medians, which single wrong octaves do not move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_plugin_portrait.hops import HOP, Hops

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTH = 4
"""Hops in a window: three periods of the lowest voice."""
LOWEST, HIGHEST = 75.0, 500.0
"""Hz: men's lowest to children's and excited women's highest speech."""
BAND = 1200.0
"""Hz above which the spectrum is left out, so that the autocorrelation is smooth between its samples."""
FINE = 8
"""Samples of the autocorrelation in a period of BAND, at least."""
VOICED = 0.5
"""Least normalised autocorrelation of a voiced window (Boersma's .45 and a little)."""
QUIET = -46.0
"""Level in dBFS below which nothing counts as voiced."""
OCTAVE_COST = 0.02
"""How much better, for each octave down, a longer period must fit (Boersma: .01)."""
REFERENCE = 100.0
"""Hz from which semitones are counted."""


class Pitch(Hops):
    """F0 of a growing wave in semitones above 100 Hz, one value every HOP; NaN where unvoiced."""

    def __init__(self, rate: int) -> None:
        super().__init__(rate, LENGTH)
        size = self._hop * LENGTH
        self._window = np.hanning(size + 2)[1:-1].astype(np.float32)
        self._padded = 1 << (2 * size - 1).bit_length()
        self._bins = round(BAND / rate * self._padded)
        self._samples = 1 << (FINE * self._bins - 1).bit_length()
        self._rate = self._samples / self._padded * rate
        own = self._autocorrelation(self._window[None])[0]
        self._lags = np.arange(int(self._rate / HIGHEST), int(self._rate / LOWEST) + 2)
        self._own = own[self._lags] / own[0]
        self._cost = OCTAVE_COST * np.log2(self._lags / self._lags[0])

    def _autocorrelation(self, windows: NDArray[Any]) -> NDArray[np.float64]:
        """Autocorrelation (n, lags) of windows (n, size), below BAND."""
        spectrum = np.fft.rfft(windows, self._padded)[:, : self._bins + 1]
        return np.fft.irfft(spectrum.real**2 + spectrum.imag**2, self._samples)

    def _measure(self, windows: NDArray[Any]) -> NDArray[np.float64]:
        level = 10 * np.log10(np.mean(windows * windows, axis=1) + 1e-12)
        found = np.full(len(windows), np.nan)
        loud = np.flatnonzero(level > QUIET)
        if not len(loud):
            return found
        raw = self._autocorrelation(windows[loud] * self._window)
        likeness = raw[:, self._lags] / (raw[:, :1] * self._own + 1e-12)
        best = np.argmax(likeness[:, 1:-1] - self._cost[1:-1], axis=1) + 1
        rows = np.arange(len(loud))
        before, top, after = (likeness[rows, best + step] for step in (-1, 0, 1))
        # The peak between samples: the top of the parabola through three of them.
        curve = np.minimum(before - 2 * top + after, -1e-9)
        lag = self._lags[best] + np.clip((before - after) / (2 * curve), -0.5, 0.5)
        peak = (top >= before) & (top >= after)
        voiced = peak & (top > VOICED)
        found[loud[voiced]] = 12 * np.log2(self._rate / lag[voiced] / REFERENCE)
        return found

    def between(self, low: float, high: float) -> NDArray[np.float64]:
        """Semitones (n) of the voiced windows from ``low`` to ``high`` seconds."""
        first = self._first + LENGTH / 2
        start, stop = (max(0, int(np.ceil(time / HOP - first - 1e-6))) for time in (low, high))
        part = self._values[start:stop]
        return part[np.isfinite(part)]
