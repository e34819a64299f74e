"""Loudness over time, computed as the sound arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_plugin_portrait.hops import Hops
from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOUD = -10.0
"""Level in dBFS (20 ms RMS) of loud syllables in speech at pfy's loudness; maps to 1."""
SPAN = 32.0
"""dB below LOUD that map to 0: breath and room."""
NEAR = 8
"""Hops on either side over which the gate keeps the loudest."""
GATE = (0.06, 0.26)


class Envelope(Hops):
    """Loudness of a growing wave, one value every HOP; ``seconds`` says how far it is known."""

    def __init__(self, rate: int) -> None:
        super().__init__(rate, 2)

    def _measure(self, windows: NDArray[Any]) -> NDArray[np.float64]:
        level = 10 * np.log10(np.mean(windows.astype(np.float64) ** 2, axis=1) + 1e-12)
        return np.clip((level - LOUD + SPAN) / SPAN, 0, 1.1)

    def at(self, times: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Energy (t), smoothed over 90 ms, and gate (t), both 0..1, at times in seconds."""
        smooth = _smoothed(self._values, 9)
        widest = np.lib.stride_tricks.sliding_window_view(np.pad(self._values, NEAR), 2 * NEAR + 1)
        loudest = widest.max(1) if len(self._values) else self._values
        middles = self.middles
        if not len(middles):
            return np.zeros(len(times)), np.zeros(len(times))
        energy = np.interp(times, middles, smooth)
        return energy, np.asarray(smoothstep(np.interp(times, middles, _smoothed(loudest, 7)), *GATE))


def _smoothed(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Values (n) smoothed by a window of an odd width, silence beyond the ends."""
    kernel = np.hanning(width + 2)[1:-1]
    return np.convolve(np.pad(values, width // 2), kernel / kernel.sum(), "valid")
