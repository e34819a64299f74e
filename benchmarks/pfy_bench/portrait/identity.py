"""Whether it is still the same person: a face recognition network's distance between frame and photo.

The network is dlib's ResNet (D. King 2017; 99.38 % on Labeled Faces in the Wild; public domain). Distances
of two pictures of one person are below .6 as a rule; .0 is the same picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core import weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

WEIGHTS = "measure/identity"
CHIP = (263, 362, 33, 133, 2)
"""The five landmarks that dlib aligns a face by: eye corners, outer before inner, the picture's right eye
first, and the nose's base."""
SIDE, PADDING = 150, 0.25
"""The crop that the network was trained on."""


class Identity:
    """The network. Raises ImportError without dlib, WeightsError without the file."""

    def __init__(self) -> None:
        import dlib

        self._dlib = dlib
        self._net = dlib.face_recognition_model_v1(str(weights.path(WEIGHTS)))

    def __call__(self, picture: NDArray[np.uint8], points: Any) -> NDArray[np.float64]:
        """Embedding (128) of the face with landmarks (478 3) in a picture (h w 3)."""
        dlib = self._dlib
        corners = [dlib.point(round(float(x)), round(float(y))) for x, y in points[list(CHIP), :2]]
        low, high = points[:468, :2].min(0), points[:468, :2].max(0)
        box = dlib.rectangle(*(int(v) for v in (*low, *high)))
        face = dlib.full_object_detection(box, dlib.points(corners))
        chip = dlib.get_face_chip(np.ascontiguousarray(picture), face, SIDE, PADDING)
        return np.array(self._net.compute_face_descriptor(chip))


def distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Euclidean distance of two embeddings."""
    return float(np.linalg.norm(one - other))
