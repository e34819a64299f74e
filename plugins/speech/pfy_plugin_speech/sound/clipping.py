"""Clipping: how much of a recording was cut off at the top, also after it was resampled or compressed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pfy_plugin_speech.ports import Array

BINS = 60
"""Histogram bins of the size of samples, from 0 to the largest."""
PILE = 3
"""Bins that a pile of flat tops spreads over when resampling makes them ripple."""
LOWEST = 0.6
"""Part of the largest size at which a pile may lie: ripples overshoot by less than the rest."""
STEEP = 1.5
"""How many times more samples a pile has than the bins below it; in speech there are fewer."""


def clipped_share(wave: Array) -> float:
    """Part of the samples that were cut off, 0 to 1.

    Large samples are rarer than smaller ones in speech; cutting piles them up. What lies in the highest pile
    and above it, beyond what is expected there, is counted; a clean recording has (nearly) 0.
    """
    return _pile(wave)[0]


def flattened(wave: Array) -> Array:
    """A clipped recording with its tops flat again, so that what was cut off can be told from the rest."""
    _, ceiling = _pile(wave)
    return np.clip(wave, -np.float32(ceiling), np.float32(ceiling))


def _pile(wave: Array) -> tuple[float, float]:
    """The share of samples that are cut off, and the size from which on they are."""
    size = np.abs(wave)
    top = float(size.max()) if len(size) else 0.0
    count, edges = np.histogram(size, BINS, (0.0, top or 1.0))
    sums = np.convolve(count, np.ones(PILE), "valid")  # [i]: bins i to i + PILE - 1
    excess: NDArray[np.float64] = sums[PILE:] - sums[:-PILE]
    lowest = int(LOWEST * BINS) - PILE
    first = lowest + int(excess[lowest:].argmax()) + PILE
    below, pile = sums[first - PILE], sums[first]
    beyond = count[first:].sum() - below if pile > STEEP * below else 0.0
    return float(max(0.0, beyond)) / max(1, len(wave)), float(edges[first])
