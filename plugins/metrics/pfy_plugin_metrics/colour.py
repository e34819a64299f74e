"""The colour of skin, in a space in which distances are what people see."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

PATCHES = (50, 280, 151)
"""Landmarks of cheeks and forehead: skin that speech does not shade."""
PATCH = 0.12
"""Half side of a patch in iod."""
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""Linear sRGB to XYZ under D65 (IEC 61966-2-1)."""
WHITE = XYZ.sum(1)
EDGE = 6 / 29
"""Cube root of the lightness below which CIE L*a*b* is linear (CIE 15)."""


def lab(pixels: Any) -> Array:
    """CIE L*a*b* (... 3) under D65 of sRGB pixels (... 3), 0 to 255."""
    coded = np.asarray(pixels, np.float64) / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    share = linear @ XYZ.T / WHITE
    x, y, z = np.moveaxis(np.where(share > EDGE**3, np.cbrt(share), share / (3 * EDGE**2) + 4 / 29), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def skin(picture: NDArray[np.uint8], points: Any, iod: float) -> Array:
    """Mean L*a*b* (3 3) of forehead and cheeks in a picture (h w 3) of the face with landmarks (478 3).

    NaN for a patch that is outside of the picture.
    """
    half = max(2, round(PATCH * iod))
    found = []
    for x, y in np.rint(points[list(PATCHES), :2]).astype(int):
        part = picture[max(0, y - half) : max(0, y + half), max(0, x - half) : max(0, x + half)]
        found.append(lab(part).mean((0, 1)) if part.size else np.full(3, np.nan))
    return np.array(found)


def difference(one: Array, other: Array) -> float:
    """Mean CIE76 difference of colours (n 3)."""
    return float(np.linalg.norm(one - other, axis=-1).mean())
