"""``encoder/face-mesh``: a portrait photo to landmarks and a matte."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pfy_core import Encoder, InputError, Weights, note, weights
from pfy_plugin_portrait.find import MIN_EYES, Finder, model
from pfy_plugin_portrait.matte import Matting
from pfy_plugin_portrait.matte import cut_model as cut_matte
from pfy_plugin_portrait.mesh import Points
from pfy_plugin_portrait.ports import Image, Landmarks, Matte

SMALL_EYES = 55.0
MAX_TURN = 0.62
"""|yaw| as sine above which the far side of the face is hidden (about 38 degrees)."""


@dataclass(frozen=True)
class FaceMesh:
    """Landmarks (478 3) in pixels and the person matte (h w)."""

    landmarks: Landmarks
    matte: Matte


class FaceMeshEncoder(Encoder, name="face-mesh"):
    """A portrait photo to 478 face landmarks (MediaPipe topology) and a person matte.

    ``face`` chooses among several faces: 0 is the largest. Raises InputError when there is no face,
    no such face, or one too small to animate.
    """

    def __init__(
        self,
        *,
        face: int = 0,
        mesh: Weights = "face-mesh/attention",
        near: Weights = "face-mesh/detector-near",
        far: Weights = "face-mesh/detector-far",
        person: Weights = "face-mesh/person",
    ) -> None:
        if face < 0:
            raise InputError(f"face {face}", "0 (the largest) or more", "--face-index 0")
        self._face = face
        self._finder = Finder(mesh, near, far)
        with model(person):
            self._matting = Matting(weights.derived(person, "matte-1.npz", cut_matte))

    def __call__(self, face: Image) -> FaceMesh:
        points = self._largest(face)
        eyes = float(np.linalg.norm(points[33, :2] - points[263, :2]))
        if eyes < MIN_EYES:
            raise InputError(
                f"the face is too small: {eyes:.0f} pixels between the eyes' outer corners",
                f"{MIN_EYES:.0f} or more, better {SMALL_EYES * 2:.0f}",
                "use a larger photo, or crop the original around the face",
            )
        if eyes < SMALL_EYES:
            note(f"small face ({eyes:.0f} px between the eyes' corners): a larger photo looks better")
        turn = abs(_turn(points))
        if turn > MAX_TURN:
            note("the face looks far to the side: a frontal photo animates better")
        return FaceMesh(points.astype(np.float32), self._matting(face))

    def _largest(self, image: Image) -> Points:
        """Landmarks of the wanted face, checked by the mesh model's own certainty."""
        height, width = image.shape[:2]
        if min(height, width) < MIN_EYES:
            raise InputError(
                f"the photo is too small: {width}x{height} pixels",
                f"a face with {MIN_EYES:.0f} pixels or more between the eyes' outer corners",
                "use a larger photo",
            )
        meshes, profiles = self._finder(image, self._face)
        if not meshes:
            raise InputError(
                "the face is seen from the side" if profiles else "no face was found in the photo",
                "one face, seen from the front, not covered",
                "try another photo, or crop it around the face",
            )
        if len(meshes) > 1 and not self._face:
            note(f"{len(meshes)} faces found; the largest is used (choose with --face-index 1 ...)")
        if self._face >= len(meshes):
            raise InputError(
                f"there is no face {self._face}",
                f"0 to {len(meshes) - 1}: {len(meshes)} found",
                "--face-index 0",
            )
        return meshes[self._face]


def _turn(points: Points) -> float:
    """Sine of the yaw: depth difference of the cheeks over their distance."""
    across = points[454] - points[234]
    return float(across[2] / np.linalg.norm(across))
