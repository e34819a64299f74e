"""The frame of a clip that shows its face best: frontal, with open eyes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pfy_core import Graph, InputError, Runner
from pfy_core.media import clip

RATE = 2.0
"""Frames a second that are looked at: poses last longer than that."""
OPEN = 0.8
"""Share of a clip's widest eyes that an open eye has at least."""
EYES = ((33, 133, 159, 145), (263, 362, 386, 374))
"""Outer and inner corner, upper and lower lid (face mesh topology, MediaPipe)."""
BROW, CHIN = 10, 152
"""Top of the forehead and chin; with the eyes they span the plane of a face."""


def best(file: Path, end: float) -> NDArray[np.uint8]:
    """Of the first ``end`` seconds, the frame (h w 3) whose face is turned least of those with open eyes.

    Raises InputError when no frame has a face, GraphError without a plugin that brings encoder/face-mesh.
    """
    seen: list[tuple[float, float, NDArray[np.uint8]]] = []
    for frame in clip.frames(file, fps=RATE, seconds=end):
        landmarks = _landmarks(frame)
        if landmarks is not None:
            seen.append((turned(landmarks), openness(landmarks), frame))
    if not seen:
        raise InputError(f"{file}: no face in its first {end:g} s", "a video of one face")
    widest = max(wide for _, wide, _ in seen)
    return min((one for one in seen if one[1] >= OPEN * widest), key=lambda one: one[0])[2]


def turned(landmarks: NDArray[np.float32]) -> float:
    """Radians by which a face (478 3) is turned away, up, down or to a side, all together."""
    across = landmarks[EYES[1][0]] - landmarks[EYES[0][0]]
    down = landmarks[CHIN] - landmarks[BROW]
    yaw, roll = np.arctan2(across[2], across[0]), np.arctan2(across[1], across[0])
    pitch = np.arctan2(down[2], down[1])
    return float(np.sqrt(yaw**2 + roll**2 + pitch**2))


def openness(landmarks: NDArray[np.float32]) -> float:
    """Height of the opening over the width of the eye that is less open."""
    ratios = []
    for outer, inner, above, below in EYES:
        wide = float(np.linalg.norm(landmarks[outer] - landmarks[inner]))
        ratios.append(float(np.linalg.norm(landmarks[above] - landmarks[below])) / max(wide, 1e-6))
    return min(ratios)


def _landmarks(frame: NDArray[np.uint8]) -> Any:
    try:
        with _finder()({"face": frame}) as run:
            return run["landmarks"]
    except InputError:
        return None  # no face, or one that is too small


@cache
def _finder() -> Runner:
    """Whatever is installed to find landmarks."""
    graph = Graph("landmarks").input("face", "image.rgb")
    return Runner(graph.add("mesh", "encoder/face-mesh", face="$face").output(landmarks="mesh.landmarks"))
