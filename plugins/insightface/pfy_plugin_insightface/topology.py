"""Which landmarks are the outline of the face, the lips, the eyes and the nose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""The 36 points of the face's outline, clockwise from the top (MediaPipe, FACEMESH_FACE_OVAL)."""
OUTER_LIPS = (
    61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146,
)  # fmt: skip
"""The 20 points of the lips' outer rim (MediaPipe, FACEMESH_LIPS)."""
IRISES = (468, 473)
"""Centres of the irises: the right eye's, left in the picture, and the left eye's (Attention Mesh)."""
NOSE_TIP = 1
MOUTH_CORNERS = (61, 291)
CHEEKS = (234, 454)
"""Where the outline is widest, left and right in the picture."""
LIPS_68 = slice(48, 68)
"""The lips among the 68 landmarks of iBUG 300-W."""
MAX_TURN = 0.75
"""|yaw| as sine beyond which half of the face is hidden: a profile (49 degrees)."""


def keypoints(mesh: NDArray[np.floating]) -> NDArray[np.float32]:
    """The 478 landmarks -> (5 2), eyes, nose and mouth corners, as face recognition aligns by."""
    picked = [*IRISES, NOSE_TIP, *MOUTH_CORNERS]
    return mesh[picked, :2].astype(np.float32)


def turn(mesh: NDArray[np.floating]) -> float:
    """Sine of the yaw: depth difference of the cheeks over their distance."""
    across = mesh[CHEEKS[1]] - mesh[CHEEKS[0]]
    return float(across[2] / max(float(np.linalg.norm(across)), 1e-6))
