"""What becomes of a photo's eyes before it is animated: opened, kept still, turned to the camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from pfy_core import note
from pfy_plugin_portrait.eye_shape import EyeShape
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.open_eyes import open_eyes
from pfy_plugin_portrait.openness import Openness, both
from pfy_plugin_portrait.photo_gaze import TOO_FAR, correction, turn_of

if TYPE_CHECKING:
    from pfy_plugin_portrait.ports import Array, Bytes

EyesMode = Literal["auto", "open", "keep"]
GazeMode = Literal["camera", "natural", "keep"]

MAX_TURN = 0.45
"""|yaw| as sine up to which closed eyes are opened without being asked: further, the far eye is a
sliver whose corners the landmarks only guess."""
NARROW = 0.85
"""Openness below which ``open`` opens an eye further."""


@dataclass(frozen=True)
class PreparedEyes:
    """The photo and landmarks to animate; eyes that stay as they are; the irises' turn at rest (iod)."""

    image: Bytes
    landmarks: Array
    still: tuple[bool, bool] = (False, False)
    turn: float = 0.0


def prepare_eyes(image: Bytes, landmarks: Array, eyes: EyesMode, gaze: GazeMode) -> PreparedEyes:
    """Open, keep and turn the eyes of a photo (h w 3) with landmarks (478 3), as the modes say.

    Notes tell the user what was found and what was done about it.
    """
    face = Face(landmarks.astype(np.float64))
    states = both(face, image)
    wanted = (_wanted(states[0], eyes, face), _wanted(states[1], eyes, face))
    _tell(states, wanted, eyes)
    still = tuple(s.state in ("closed", "hidden") and not w for s, w in zip(states, wanted, strict=True))
    if any(wanted):
        image, face = open_eyes(image, face, states, wanted)
        landmarks = face.points.astype(np.float32)
    turn = 0.0
    if gaze != "keep" and not any(still):
        turn, left = correction((EyeShape(face, 0, image), EyeShape(face, 1, image)))
        if abs(left) > TOO_FAR:
            note(
                "the eyes look far to the side in the photo: they are turned towards the camera as far as "
                "the photo bears (--gaze keep leaves them)"
            )
    return PreparedEyes(image, landmarks, (still[0], still[1]), turn)


def _wanted(eye: Openness, mode: EyesMode, face: Face) -> bool:
    if mode == "keep" or eye.state == "hidden":
        return False
    if mode == "open":
        return eye.state != "open" or eye.amount < NARROW
    return eye.state != "open" and abs(turn_of(EyeShape(face, 0))) < MAX_TURN


def _tell(states: tuple[Openness, Openness], wanted: tuple[bool, bool], mode: EyesMode) -> None:
    shut = [eye for eye in (0, 1) if states[eye].state == "closed"]
    if any(eye.state == "hidden" for eye in states):
        note("an eye is covered in the photo (dark glasses, hair): it stays as it is, without blinks")
    if len(shut) == 2 and all(wanted):
        note("the eyes are closed in the photo: brown eyes were painted (--eyes keep leaves them closed)")
    elif shut and all(wanted[eye] for eye in shut):
        note("one eye is closed in the photo: it was opened like the other (--eyes keep leaves it closed)")
    elif shut:
        how = "" if mode == "keep" else "; --eyes open opens them all the same"
        note(f"closed eyes stay closed and do not blink{how}")
    elif any(states[eye].state == "half" and wanted[eye] for eye in (0, 1)):
        note("the eyes are half closed in the photo: they were opened (--eyes keep leaves them)")
