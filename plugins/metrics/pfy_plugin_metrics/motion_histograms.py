"""Histograms of how tracked points move: what the Fréchet video motion distance compares.

FVMD (arXiv 2407.16124, section 3) and its package ``fvmd`` 1.0.0, in two protocols and one of our own:

fvmd/reference-1.0.0  as the package calculates: its acceleration is taken of the positions, so that it is the
                      velocity once more, without that of the second frame
fvmd/paper            as the paper says: the acceleration of the velocity
motion/unrounded      the paper's with strengths that are not rounded up, of which the smallest is that of a
                      motion of a pixel however little moved
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pfy_core import InputError

Array = NDArray[np.float64]
Protocol = Literal["fvmd/reference-1.0.0", "fvmd/paper", "motion/unrounded"]

CELL, FRAMES, ANGLES = 5, 4, 8
"""Points a side and frames of a cell, and directions told apart in it (section 3.2)."""
STRONGEST = 256
"""Pixels a frame, less one, from where motion counts no more."""


def histograms(tracks: Any, protocol: Protocol = "fvmd/reference-1.0.0") -> Array:
    """Tracked points (clips frames rows columns 2) in pixels, x first -> features (clips d).

    Velocity's histograms first, then acceleration's; 512 + 512 for 16 frames of 20 by 20 points. Frames,
    rows and columns that fill no cell are left out. InputError for tracks of another shape, or shorter than
    a cell.
    """
    points = np.asarray(tracks)
    wants = f"(clips frames rows columns 2), {FRAMES} frames of {CELL} by {CELL} points at least"
    if points.ndim != 5 or points.shape[4] != 2 or points.shape[1] < FRAMES or min(points.shape[2:4]) < CELL:
        raise InputError(f"tracks of shape {points.shape}", wants)
    if not np.isfinite(points).all():
        raise InputError("tracks with NaN or infinity", "pixels")
    velocity = _change(points, 1)
    acceleration = _change(points if protocol == "fvmd/reference-1.0.0" else velocity, 2)
    rounded = protocol != "motion/unrounded"
    return np.concatenate([_histogram(part, rounded) for part in (velocity, acceleration)], axis=1)


def _change(values: NDArray[Any], still: int) -> NDArray[Any]:
    """What changed since the frame before; 0 in the first ``still`` frames."""
    made = np.zeros_like(values)
    made[:, still:] = values[:, still:] - values[:, still - 1 : -1]
    return made


def _histogram(vectors: NDArray[Any], rounded: bool) -> Array:
    """(clips frames rows columns 2) -> (clips d): strength by direction, in every cell."""
    clips, frames, rows, columns = (
        size // part for size, part in zip(vectors.shape, (1, FRAMES, CELL, CELL), strict=False)
    )
    vectors = vectors[:, : frames * FRAMES, : rows * CELL, : columns * CELL]
    turned = np.arctan2(vectors[..., 0], vectors[..., 1]) + np.pi
    angle = np.minimum(turned // (2 * np.pi / ANGLES), ANGLES - 1).astype(np.intp)
    speed = np.minimum(np.linalg.norm(vectors, axis=-1), STRONGEST - 1)
    octaves = np.log2(speed + 1)
    strength = (np.ceil(octaves) if rounded else octaves) / np.log2(STRONGEST)
    cell = np.ravel_multi_index(
        np.ix_(
            np.arange(clips),
            np.arange(frames).repeat(FRAMES),
            np.arange(rows).repeat(CELL),
            np.arange(columns).repeat(CELL),
        ),
        (clips, frames, rows, columns),
    )
    width = frames * rows * columns * ANGLES
    counted = np.bincount((cell * ANGLES + angle).ravel(), strength.ravel(), clips * width)
    return np.asarray(counted, np.float64).reshape(clips, width)
