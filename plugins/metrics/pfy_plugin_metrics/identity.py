"""Whether it is still the same person: embeddings of a face recognition network, and how far they are apart.

The network is dlib's ResNet (D. King 2017; 99.38 % on Labeled Faces in the Wild; public domain). Distances
of two pictures of one person are below .6 as a rule; .0 is the same picture.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pfy_core import InputError, weights
from pfy_core.errors import WeightsError
from pfy_plugin_metrics.unscored import Unscored

Array = NDArray[np.float64]

WIDTH = 128
CHIP = (263, 362, 33, 133, 2)
"""The five landmarks that dlib aligns a face by: eye corners, outer before inner, the picture's right eye
first, and the nose's base."""
SIDE, PADDING = 150, 0.25
"""The crop that the network was trained on."""


class Identity:
    """The network of a weights name. Raises InputError without dlib, WeightsError without the file."""

    def __init__(self, name: str) -> None:
        try:
            import dlib
        except ImportError as error:
            fix = "pip install 'pfy-plugin-metrics[faces]'"
            raise InputError("face identity without dlib", "the package dlib", fix) from error
        self._dlib = dlib
        try:
            self._net = dlib.face_recognition_model_v1(str(weights.path(name)))
        except RuntimeError as error:  # dlib's, for a file that is no such network
            raise WeightsError(f"weights {name!r} are not the network", "dlib's ResNet of faces") from error

    def __call__(self, picture: NDArray[np.uint8], points: Any) -> Array:
        """Embedding (128) of the face with landmarks (478 3) in a picture (h w 3).

        Raises InputError for landmarks that are not in the picture.
        """
        dlib, flat = self._dlib, np.asarray(points, np.float64)[:, :2]
        size = np.array(picture.shape[1::-1])
        if not ((flat > -size) & (flat < 2 * size)).all():
            raise InputError("landmarks beyond the picture", f"pixels of {size[0]}x{size[1]}")
        corners = [dlib.point(round(float(x)), round(float(y))) for x, y in flat[list(CHIP)]]
        low, high = flat[:468].min(0), flat[:468].max(0)
        box = dlib.rectangle(*(int(v) for v in (*low, *high)))
        face = dlib.full_object_detection(box, dlib.points(corners))
        chip = dlib.get_face_chip(np.ascontiguousarray(picture), face, SIDE, PADDING)
        return np.array(self._net.compute_face_descriptor(chip))


def distance(one: Array, other: Array) -> float:
    """Euclidean distance of two embeddings."""
    return float(np.linalg.norm(one - other))


def pairs(made: Any, reference: Any) -> tuple[Array, Array]:
    """Embeddings (n d) and (m d) of the frames that show a face, as float64.

    Raises Unscored where a side has none, InputError for embeddings of two networks.
    """
    sides = [np.asarray(side, np.float64) for side in (made, reference)]
    if sides[0].shape[1] != sides[1].shape[1]:
        lengths = f"{sides[0].shape[1]} and {sides[1].shape[1]}"
        raise InputError(f"embeddings of length {lengths}", "embeddings of one network")
    for side, which in zip(sides, ("made", "reference"), strict=True):
        if not np.isfinite(side).all(1).any():
            raise Unscored(f"{which}: no face in the compared frames")
    one, other = (side[np.isfinite(side).all(1)] for side in sides)
    return one, other


def distances(made: Array, reference: Array) -> Array:
    """Mean Euclidean distance (n) of each embedding (n d) to those of a reference (m d)."""
    return np.linalg.norm(made[:, None] - reference[None], axis=2).mean(1)


def cosines(made: Array, reference: Array) -> Array:
    """Mean cosine (n) of each embedding (n d) with those of a reference (m d). Unscored for one of 0."""
    lengths = [np.linalg.norm(side, axis=1, keepdims=True) for side in (made, reference)]
    if not all(length.all() for length in lengths):
        raise Unscored("an embedding of length 0")
    return ((made / lengths[0]) @ (reference / lengths[1]).T).mean(1)


def growth(values: Array) -> float:
    """By how much the straight line that fits values (n) best rises from the first to the last."""
    return float(np.polyfit(np.linspace(0, 1, len(values)), values, 1)[0])
