"""Where the eyes look in a photo, and how far they must turn to look into the camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from pfy_plugin_portrait.eye_shape import EyeShape

OUTWARD = 0.0165
"""How far outward from the middle of its corners an iris lies that looks straight ahead, in iod: median
of 38 portraits."""
LEAD = -0.09
"""How the irises of eyes that look into the camera move against a turning head, in iod for the sine of
its yaw: the corners lie about 8 mm before the eyeball's centre (fitted to the same portraits)."""
SURE = (0.010, 0.020)
"""Sideways gaze, in iod, from which it is corrected and from which fully: landmarks alone scatter by
.007."""
LIMIT = 0.036
"""Greatest correction in iod (15 degrees): the white on one side of the iris ends there."""
TRUSTED_TURN = (0.30, 0.45)
"""|yaw| as sine up to which a photo's gaze is believed, and from which not at all: the far eye shows
too little white to tell."""
TOO_FAR = 0.014
"""Gaze that is left after the correction from which it is said to the user, in iod (6 degrees)."""


def turn_of(shape: EyeShape) -> float:
    """Sine of the head's yaw, positive when its left cheek is further away."""
    across = shape.face.points[454] - shape.face.points[234]
    return float(across[2] / np.linalg.norm(across))


def sideways(shapes: tuple[EyeShape, EyeShape]) -> float:
    """How far both irises lie beside where they would look into the camera: iod, positive right."""
    across = [shape.iris[0] * float(shape.right @ shape.face.right) for shape in shapes]
    # The subject's right eye is on the left: outward offsets of both cancel.
    return float(np.mean(across)) - LEAD * turn_of(shapes[0])


def correction(shapes: tuple[EyeShape, EyeShape]) -> tuple[float, float]:
    """The turn (iod, right) that brings the irises to the camera, and what is left of their gaze."""
    found = sideways(shapes)
    trust = 1 - float(smoothstep(abs(turn_of(shapes[0])), *TRUSTED_TURN))
    wanted = -found * trust * float(smoothstep(abs(found), *SURE))
    turn = float(np.clip(wanted, -LIMIT, LIMIT))
    return turn, wanted - turn
