"""Reference images: a square around a face, its landmarks in the pixels of that square."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pfy_core import Graph, Runner
from pfy_plugin_data.layout import SIDE

ROOM = 1.5
"""Side of the square over that of the face: hair, chin and ears are in it, as in VoxCeleb's crops."""


def find(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Landmarks (478 3) of the largest face in a picture, in its pixels.

    Raises InputError where there is none, GraphError without a plugin that brings encoder/face-mesh.
    """
    with _finder()({"face": picture}) as run:
        return np.asarray(run["landmarks"], np.float32)


def square(picture: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> tuple[int, int, int]:
    """Left, top and side, in pixels, of the square around a face; it lies within the picture."""
    height, width = picture.shape[:2]
    low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    side = max(1, min(round(ROOM * float((high - low).max())), height, width))
    centre = (low + high) / 2
    left, top = (
        int(np.clip(round(float(middle) - side / 2), 0, most - side))
        for middle, most in zip(centre, (width, height), strict=True)
    )
    return left, top, side


def crop(
    picture: NDArray[np.uint8], landmarks: NDArray[np.float32]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The square around a face, SIDE pixels a side, and the landmarks in it."""
    left, top, side = square(picture, landmarks)
    part = Image.fromarray(picture[top : top + side, left : left + side])
    made = np.asarray(part.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    scale = SIDE / side
    return made, ((landmarks - np.array([left, top, 0], np.float32)) * scale).astype(np.float32)


@cache
def _finder() -> Runner:
    graph = Graph("landmarks").input("face", "image.rgb")
    return Runner(graph.add("mesh", "encoder/face-mesh", face="$face").output(landmarks="mesh.landmarks"))
