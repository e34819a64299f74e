"""Photos with closed and turned eyes, made from a portrait with open ones."""

from __future__ import annotations

import numpy as np
from portrait_scenes import pose

from pfy_core.events import watching
from pfy_core.kinds import APERTURE_SPAN
from pfy_plugin_portrait.eye_shape import EyeShape
from pfy_plugin_portrait.face import Face


def photo_of(portrait, encoder, **channels: float):
    """The portrait in a pose, as a photo: (image, landmarks, matte)."""
    mouth = float(portrait.face.gap[4]) / APERTURE_SPAN
    image = portrait.frame(pose(jawOpen=mouth, **channels))
    found = encoder(image)
    return image, found.landmarks, found.matte


def shapes(landmarks, image):
    """Both eyes' shapes."""
    face = Face(landmarks.astype(np.float64))
    return EyeShape(face, 0, image), EyeShape(face, 1, image)


def openings(encoder, image):
    """Opening of both eyes in iod, as found in a picture."""
    return np.array([shape.opening for shape in shapes(encoder(image).landmarks, image)])


def noted(action):
    """The result of an action and the notes it gave."""
    notes: list[str] = []
    with watching(lambda event: notes.append(event.text)):
        result = action()
    return result, " ".join(notes)


def around_eyes(portrait, reach: float = 0.3):
    """Mask (h w) of what lies within ``reach`` iod of an eye."""
    y, x = np.mgrid[: portrait.image.shape[0], : portrait.image.shape[1]]
    at = np.stack([x, y], -1)
    centres = [portrait.face.flat[list(pair)].mean(0) for pair in ((33, 133), (263, 362))]
    near = [np.linalg.norm(at - centre, axis=-1) < reach * portrait.face.iod for centre in centres]
    return near[0] | near[1]
