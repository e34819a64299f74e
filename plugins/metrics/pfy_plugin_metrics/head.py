"""The head over time, from landmarks (t 478 3) in pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

NOSE = 1
RIGID = (1, 2, 4, 5, 6, 8, 9, 33, 50, 94, 98, 127, 133, 151, 168, 195, 197, 234, 263, 280, 327, 356, 362, 454)
"""Nose, eye corners, cheekbones, temples, forehead: what neither speech nor brows move."""
REFERENCE_RATE = 25.0
"""Frames a second that speeds "per frame" are given at, whatever the video's own rate."""


def speed(points: Any, iod: float, rate: float) -> NDArray[np.float64]:
    """Movement (t - 1) of the nose's tip against the picture, in % iod a frame of 1/25 s."""
    steps = np.linalg.norm(np.diff(points[:, NOSE, :2], axis=0), axis=1)
    return np.asarray(100 * steps / iod * rate / REFERENCE_RATE)


def pose(points: Any, base: Any) -> NDArray[np.float64]:
    """Yaw (towards the picture's right), pitch (down), roll (clockwise) (t 3) in degrees against ``base``.

    ``base`` is landmarks (478 3); rotations are the best fit of RIGID points (Kabsch 1976).
    """
    still = base[list(RIGID)] - base[list(RIGID)].mean(0)
    found = []
    for frame in points:
        moved = frame[list(RIGID)] - frame[list(RIGID)].mean(0)
        u, _, vt = np.linalg.svd(still.T @ moved)
        turn = vt.T @ np.diag([1, 1, np.sign(np.linalg.det(vt.T @ u.T))]) @ u.T
        found.append(
            (np.arctan2(-turn[0, 2], turn[2, 2]), np.arcsin(-turn[1, 2]), np.arctan2(turn[1, 0], turn[0, 0]))
        )
    return np.degrees(np.asarray(found))


def spread(values: Any) -> Any:
    """Range (...) over time (t ...) that holds 95 % of the values."""
    low, high = np.percentile(values, (2.5, 97.5), axis=0)
    return high - low


def shape_distance(points: Any, base: Any) -> NDArray[np.float64]:
    """How far (t) the bony landmarks are from those of ``base`` (478 3), seen flat, in % iod of ``base``.

    Root mean square over RIGID points after the best fit of a similarity: a head that turns moves them
    too, a face that is distorted moves them more.
    """
    still = base[list(RIGID), :2] - base[list(RIGID), :2].mean(0)
    iod = np.linalg.norm(base[33, :2] - base[263, :2])
    found = []
    for frame in points:
        moved = frame[list(RIGID), :2] - frame[list(RIGID), :2].mean(0)
        u, s, vt = np.linalg.svd(moved.T @ still)
        turn = u @ vt
        scale = s.sum() / (moved**2).sum()
        found.append(np.sqrt((((scale * moved @ turn) - still) ** 2).sum(1).mean()))
    return np.asarray(100 * np.array(found) / iod)
