"""The face that shows motion without a photo: nobody's, symmetric, lips closed, eyes open.

``canonical.npy`` is the mean over four sizes (640 to 1024 pixels) of what ``encoder/face-mesh`` sees in the
drawing of ``pfy_core.testing.faces``, mirrored onto itself, its inner lips brought together: in interocular
distances, from the middle between the outer corners of the eyes.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

SIDE = 512
"""Pixels of the square picture that the face is in the middle of."""
IOD = 128.0
"""Its interocular distance in pixels: a quarter of the picture, as in a portrait of head and shoulders."""


@cache
def canonical() -> NDArray[np.float64]:
    """Landmarks (478 3) of the canonical face in pixels of a picture of SIDE by SIDE."""
    with as_file(files("pfy_plugin_portrait") / "canonical.npy") as file:
        points = np.load(file, allow_pickle=False).astype(np.float64) * IOD
    points[:, :2] += (SIDE / 2, 0.4 * SIDE)
    points.flags.writeable = False
    return points
