"""Loudness over time, computed as the sound arrives."""

from __future__ import annotations

import numpy as np

from pfy_plugin_portrait.pixels import smoothstep
from pfy_plugin_portrait.ports import Array

HOP = 0.010
LOUD = -12.0
"""Level in dBFS (20 ms RMS) of loud syllables in speech at pfy's loudness; maps to 1."""
SPAN = 32.0
"""dB below LOUD that map to 0: breath and room."""
NEAR = 8
"""Hops on either side over which the gate keeps the loudest."""
GATE = (0.06, 0.26)


class Envelope:
    """Loudness of a growing wave, one value every HOP; ``seconds`` says how far it is known."""

    def __init__(self, rate: int) -> None:
        self._hop = round(rate * HOP)
        self._rest = np.zeros(0, np.float32)
        self._values = np.zeros(0)
        self._first = 0
        self.samples = 0
        self._rate = rate

    @property
    def seconds(self) -> float:
        return self.samples / self._rate

    def add(self, wave: Array) -> None:
        self.samples += len(wave)
        self._rest = np.concatenate([self._rest, wave])
        count = len(self._rest) // self._hop - 1
        if count > 0:
            self._append(self._rest, count)
            self._rest = self._rest[count * self._hop :]

    def end(self) -> None:
        """No more sound: the last samples count with silence after them."""
        padded = np.concatenate([self._rest, np.zeros(2 * self._hop, np.float32)])
        self._append(padded, len(padded) // self._hop - 1)
        self._rest = np.zeros(0, np.float32)

    def _append(self, wave: Array, count: int) -> None:
        starts = np.arange(count) * self._hop
        windows = np.lib.stride_tricks.sliding_window_view(wave, 2 * self._hop)[starts]
        level = 10 * np.log10(np.mean(windows.astype(np.float64) ** 2, axis=1) + 1e-12)
        self._values = np.append(self._values, np.clip((level - LOUD + SPAN) / SPAN, 0, 1.1))

    def forget(self, before: float) -> None:
        """Drop what lies before a time in seconds."""
        drop = max(0, int(before / HOP) - self._first)
        self._values, self._first = self._values[drop:], self._first + drop

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Energy (t), smoothed over 90 ms, and gate (t), both 0..1, at times in seconds."""
        smooth = _smoothed(self._values, 9)
        widest = np.lib.stride_tricks.sliding_window_view(np.pad(self._values, NEAR), 2 * NEAR + 1)
        loudest = widest.max(1) if len(self._values) else self._values
        middles = (np.arange(len(self._values)) + self._first + 1) * HOP
        if not len(middles):
            return np.zeros(len(times)), np.zeros(len(times))
        energy = np.interp(times, middles, smooth)
        return energy, np.asarray(smoothstep(np.interp(times, middles, _smoothed(loudest, 7)), *GATE))


def _smoothed(values: np.ndarray, width: int) -> np.ndarray:
    """Values (n) smoothed by a window of an odd width, silence beyond the ends."""
    kernel = np.hanning(width + 2)[1:-1]
    return np.convolve(np.pad(values, width // 2), kernel / kernel.sum(), "valid")
