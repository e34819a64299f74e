"""Feature vectors of two sets, looked at before anything is calculated of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pfy_core import InputError

Matrix = NDArray[np.float64]


def checked(features: Any, name: str = "features") -> Matrix:
    """``features`` (n d) as float64; InputError for another shape, and for what is no number."""
    rows = np.asarray(features)
    if rows.ndim != 2 or not rows.shape[1]:
        raise InputError(f"{name} of shape {rows.shape}", "(n d): a row of features for each sample")
    if rows.dtype.kind not in "fiu":
        raise InputError(f"{name} of dtype {rows.dtype}", "real numbers")
    rows = rows.astype(np.float64)
    if not np.isfinite(rows).all():
        bad = int((~np.isfinite(rows).all(axis=1)).sum())
        raise InputError(f"{name}: {bad} of {len(rows)} rows with NaN or infinity", "finite features")
    return rows


def same_width(made: int, reference: int) -> None:
    """InputError for features of two lengths, which cannot come from one extractor."""
    if made != reference:
        wants = "features of one length, from one extractor"
        raise InputError(f"features of length {made} and {reference}", wants)
