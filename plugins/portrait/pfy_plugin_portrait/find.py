"""The faces of a picture: found by the detectors, then looked at by the mesh."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from pfy_core import weights
from pfy_core.errors import PfyError, WeightsError
from pfy_plugin_portrait import detect
from pfy_plugin_portrait.mesh import AttentionMesh, Points, cut_model, landmarks
from pfy_plugin_portrait.ports import Bytes

MIN_EYES = 22.0
"""Interocular distance in pixels below which lips are a handful of pixels."""
MIN_CERTAINTY = 0.5
BOX_TO_CROP = 1.5
PROFILE = 0.25
"""Distance of the detector's eyes in sizes of its box, .36 to .47 for faces that look to the viewer, below
which a face is a profile: of those the mesh shows a face from the front that is not there."""


class Finder:
    """Two detectors and the mesh, by the names of their weights. Raises WeightsError."""

    def __init__(self, mesh: str, near: str, far: str) -> None:
        self._detectors = []
        for name in (near, far):
            with model(name):
                self._detectors.append(detect.Detector(weights.path(name).read_bytes()))
        self._mesh = open_mesh(mesh)

    def __call__(self, image: Bytes, last: int = 0) -> tuple[list[Points], int]:
        """Landmarks (478 3) of the faces that the mesh is sure of, largest first, and the number of profiles.

        Where there is one face only, looking ends at face ``last``.
        """
        found = detect.faces(image, self._detectors)
        meshes, profiles = [], 0
        for face in found:
            if np.linalg.norm(face.eyes[1] - face.eyes[0]) < PROFILE * face.size.max():
                profiles += 1
                continue
            angle = float(np.arctan2(*(face.eyes[1] - face.eyes[0])[::-1]))
            side = float(face.size.max()) * BOX_TO_CROP
            points, sure = landmarks(self._mesh, image, face.centre, side, angle)
            if sure >= MIN_CERTAINTY:
                meshes.append(points)
            if len(meshes) > last and len(found) == 1:
                break
        return meshes, profiles


def open_mesh(name: str) -> AttentionMesh:
    """The mesh of a weights name. Raises WeightsError."""
    with model(name):
        return AttentionMesh(weights.derived(name, "mesh-1.npz", cut_model))


@contextmanager
def model(name: str) -> Iterator[None]:
    """Whatever a reader raises for a file that is no such model, as WeightsError."""
    try:
        yield
    except PfyError:
        raise
    except Exception as error:
        raise WeightsError(f"weights {name!r} are not the model", "MediaPipe's TFLite file of it") from error
