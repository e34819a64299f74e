"""Maximum mean discrepancy: a distance between sets that has no bias, however small they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from pfy_core import InputError
from pfy_plugin_metrics.features import Matrix, checked, same_width
from pfy_plugin_metrics.threads import one_thread

DEGREE = 3
"""Of the kernel (x·y / d + 1)³ (Bińkowski et al., arXiv 1801.01401, section 4)."""
BLOCK = 1024
"""Rows whose kernel is held at once: 8 MB for 1024 against 1024."""
FEWEST = 2
"""Samples a set must have: the estimate leaves out each sample's kernel with itself."""


def mmd(made: Any, reference: Any) -> float:
    """Squared MMD between features (n d) and (m d) with the cubic kernel: the U-statistic over all pairs.

    It may be negative: it is as often below as above zero for two sets of one distribution. KID is this
    number for Inception's features (there as a mean over subsets). Raises InputError for sets of different
    width, for what is not finite, and for fewer than 2 samples.
    """
    one, two = checked(made, "made"), checked(reference, "reference")
    same_width(one.shape[1], two.shape[1])
    n, m = len(one), len(two)
    if min(n, m) < FEWEST:
        raise InputError(f"{min(n, m)} samples", f"{FEWEST} at least")
    with one_thread():
        own = sum((_sum(rows, rows) - _own(rows)) / (len(rows) * (len(rows) - 1)) for rows in (one, two))
        return float(own - 2 * _sum(one, two) / (n * m))


def _sum(one: Matrix, two: Matrix) -> float:
    """The kernel summed over all pairs."""
    return float(
        sum(
            _kernel(one[a : a + BLOCK] @ two[b : b + BLOCK].T, one.shape[1]).sum()
            for a in range(0, len(one), BLOCK)
            for b in range(0, len(two), BLOCK)
        )
    )


def _own(rows: Matrix) -> float:
    """The kernel of each sample with itself, summed."""
    return float(_kernel(np.einsum("nd,nd->n", rows, rows), rows.shape[1]).sum())


def _kernel(products: Matrix, width: int) -> Matrix:
    return (products / width + 1) ** DEGREE
