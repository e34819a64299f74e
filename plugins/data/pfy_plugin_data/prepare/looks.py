"""Which frame of a clip shows its face best: frontal, with open eyes and a mouth at rest, and sharp."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pfy_plugin_data.face import square

EYES = ((33, 133, 159, 145), (263, 362, 386, 374))
"""Outer and inner corner, upper and lower lid (face mesh topology, MediaPipe)."""
BROW, CHIN = 10, 152
LIPS = (13, 14)
"""Top of the forehead and chin, which with the eyes span the plane of a face; inner edges of the lips."""
OPEN = 0.8
"""Share of a clip's widest eyes that open eyes have at least."""
AJAR = 1.0
"""Radians of turning that a mouth counts for which is open by an interocular distance."""
CANDIDATES = 5
"""Frames that are looked at for sharpness."""


def best(frames: NDArray[np.uint8], track: NDArray[np.float32]) -> int:
    """The number of that frame, of frames (t h w 3) with their landmarks (t 478 3)."""
    width = np.linalg.norm(track[:, EYES[0][0]] - track[:, EYES[1][0]], axis=1)
    gap = np.linalg.norm(track[:, LIPS[0]] - track[:, LIPS[1]], axis=1) / np.maximum(width, 1e-6)
    cost = turned(track) + AJAR * gap
    wide = openness(track)
    awake = np.flatnonzero(wide >= OPEN * wide.max())
    candidates = awake[np.argsort(cost[awake], kind="stable")[:CANDIDATES]]
    return int(max(candidates, key=lambda number: sharpness(frames[number], track[number])))


def turned(track: NDArray[np.float32]) -> NDArray[np.float32]:
    """Radians (t) by which faces (t 478 3) are turned away, up, down or to a side, all together."""
    across = track[:, EYES[1][0]] - track[:, EYES[0][0]]
    down = track[:, CHIN] - track[:, BROW]
    yaw, roll = np.arctan2(across[:, 2], across[:, 0]), np.arctan2(across[:, 1], across[:, 0])
    pitch = np.arctan2(down[:, 2], down[:, 1])
    return np.asarray(np.sqrt(yaw**2 + roll**2 + pitch**2), np.float32)


def openness(track: NDArray[np.float32]) -> NDArray[np.float32]:
    """Height of the opening over the width of the eye that is less open, (t)."""
    ratios = [
        np.linalg.norm(track[:, above] - track[:, below], axis=1)
        / np.maximum(np.linalg.norm(track[:, outer] - track[:, inner], axis=1), 1e-6)
        for outer, inner, above, below in EYES
    ]
    return np.asarray(np.minimum(*ratios), np.float32)


def sharpness(frame: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> float:
    """Variance of the Laplacian in the square around a face (Pech-Pacheco et al., ICPR 2000)."""
    left, top, side = square(frame, landmarks)
    grey = frame[top : top + side, left : left + side].astype(np.float32).mean(2)
    if min(grey.shape) < 3:
        return 0.0
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((around - 4 * grey[1:-1, 1:-1]).var())
