"""Displacements of landmarks to the channels that they are made of: bounded least squares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SWEEPS = 60
"""Passes of coordinate descent, after which no channel of a mouth changes by .001."""


def unmix(
    moves: NDArray[np.float64],
    basis: NDArray[np.float64],
    weights: NDArray[np.float64],
    usual: NDArray[np.float64],
    least: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Channels (t k), from ``least`` (k) to 1, whose mixture of ``basis`` (k n) comes nearest to moves (t n).

    weights: (n), the inverse variance of the noise of each displacement
    usual:   (k), standard deviation of each channel about 0: what is rare needs more evidence

    The maximum a posteriori of normal channels within bounds, by coordinate descent, which converges for a
    convex problem (Tseng 2001, "Convergence of a block coordinate descent method").
    """
    system = (basis * weights) @ basis.T + np.diag(usual**-2.0)
    wanted = (moves * weights) @ basis.T
    found = np.zeros_like(wanted)
    for _ in range(SWEEPS):
        for k, row in enumerate(system):
            step = (wanted[:, k] - found @ row) / row[k]
            found[:, k] = np.clip(found[:, k] + step, least[k], 1)
    return found
