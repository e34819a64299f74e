"""How well lips and sound go together, from SyncNet's distances between them.

Prajwal et al., arXiv 2008.10010, section 4.2 (LSE-D, LSE-C); ``SyncNetInstance.evaluate`` of
github.com/joonson/syncnet_python. In two protocols:

lse/reference  as the program calculates: at every shift the mean of all windows, though near the ends of a
               clip windows have no sound to be compared with and are compared with zeros. Features of nothing
               at all so have an LSE-C of 93 / windows, and an offset of 15 or -15
lse/masked     the mean of windows that have a partner
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pfy_core import InputError

Array = NDArray[np.float64]
Protocol = Literal["lse/reference", "lse/masked"]

SHIFTS = 15
"""Frames of 40 ms by which the sound is shifted either way: 31 columns."""
LAST = 5
"""Frames of a clip less its windows: 4 of the last window, and the window that the program leaves out."""


class Sync(NamedTuple):
    """What the distances of a clip say."""

    distance: float
    """LSE-D: the least mean distance over all shifts."""
    confidence: float
    """LSE-C: the median over all shifts less the least."""
    offset: int
    """Frames by which the sound is early (above 0) or late (below 0)."""


def sync(distances: Any, protocol: Protocol = "lse/reference") -> Sync:
    """Distances (windows 31), the sound shifted by -15 to 15 frames -> what they say of the clip.

    Raises InputError for distances of another shape, and for what is no distance.
    """
    values = np.asarray(distances)
    if values.ndim != 2 or values.shape[1] != 2 * SHIFTS + 1 or not len(values):
        raise InputError(f"distances of shape {values.shape}", f"(windows {2 * SHIFTS + 1}), one at least")
    if not np.isfinite(values).all() or values.min() < 0:
        raise InputError("distances with NaN, infinity or values below 0", "distances")
    means = _means(values.astype(np.float64), protocol)
    best = int(np.nanargmin(means))
    least = float(means[best])
    return Sync(least, float(np.nanmedian(means)) - least, SHIFTS - best)


def _means(distances: Array, protocol: Protocol) -> Array:
    """Over the windows (31); NaN at shifts that leave no pair."""
    if protocol == "lse/reference":
        return np.asarray(distances.mean(axis=0))
    partner = np.arange(len(distances))[:, None] + np.arange(-SHIFTS, SHIFTS + 1)
    paired = (partner >= 0) & (partner < len(distances))
    with np.errstate(invalid="ignore"):
        return np.asarray((distances * paired).sum(axis=0) / paired.sum(axis=0))
