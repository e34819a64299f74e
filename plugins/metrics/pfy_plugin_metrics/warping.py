"""Dynamic time warping, exact: the cheapest way to walk through two sequences together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Path = NDArray[np.intp]

BLOCK = 256
"""Rows of the table of distances that are held at once."""
BOTH, FIRST, SECOND = 0, 1, 2
"""A step forward in both sequences, or in one of them."""


def path(one: Array, two: Array) -> Path:
    """Pairs of rows (p 2) of ``one`` (n d) and ``two`` (m d), from the first to the last, whose Euclidean
    distances sum to the least; every step goes on by one row in one sequence or in both (Sakoe and Chiba,
    1978, without weights). Of ways that cost the same, the one that goes on in both.

    Takes n m bytes of memory, and n vector operations of length m.
    """
    from scipy.spatial.distance import cdist

    steps = np.empty((len(one), len(two)), np.uint8)
    total = np.concatenate([[0.0], np.full(len(two), np.inf)])
    for start in range(0, len(one), BLOCK):
        for row, costs in enumerate(cdist(one[start : start + BLOCK], two), start):
            total, steps[row] = _next(total, costs)
    return _walked(steps)


def _next(above: Array, costs: Array) -> tuple[Array, NDArray[np.uint8]]:
    """The row below of the table of totals (m + 1), and the last step to each of its cells.

    Along a row a total is its cell's cost and the least of three, one of which is the total before it:
    with the costs summed up from the left, that is a running minimum.
    """
    reached = np.minimum(above[:-1], above[1:])
    summed = np.cumsum(costs)
    entered = reached - np.concatenate([[0.0], summed[:-1]])
    totals = np.concatenate([[np.inf], summed + np.minimum.accumulate(entered)])
    both, first, second = above[:-1], above[1:], totals[:-1]
    steps = np.where(second < np.minimum(both, first), SECOND, np.where(first < both, FIRST, BOTH))
    return totals, steps.astype(np.uint8)


def _walked(steps: NDArray[np.uint8]) -> Path:
    row, column = steps.shape[0] - 1, steps.shape[1] - 1
    pairs = [(row, column)]
    while row or column:
        step = steps[row, column]
        row, column = row - (step != SECOND), column - (step != FIRST)
        pairs.append((row, column))
    return np.array(pairs[::-1], np.intp)
