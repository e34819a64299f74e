import cv2
import numpy as np
import pytest
from eye_scenes import photo_of

from pfy_plugin_portrait.eye_shape import EyeShape
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.openness import both, openness


def states(image, landmarks):
    return [eye.state for eye in both(Face(landmarks.astype(np.float64)), image)]


@pytest.mark.parametrize("change", ["as it is", "grey", "dark", "mirrored", "soft", "large"])
def test_open_eyes_are_open_in_any_light_and_size(change, astronaut, encoder):
    photo = {
        "as it is": lambda: astronaut,
        "grey": lambda: np.repeat(astronaut.mean(2, keepdims=True), 3, 2),
        "dark": lambda: astronaut * 0.35,
        "mirrored": lambda: astronaut[:, ::-1],
        "soft": lambda: cv2.GaussianBlur(astronaut, (0, 0), 1.5),
        "large": lambda: cv2.resize(astronaut, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC),
    }[change]()
    photo = np.ascontiguousarray(photo, np.uint8)
    assert states(photo, encoder(photo).landmarks) == ["open", "open"]


def test_closed_and_winking_eyes_are_found(portrait, encoder):
    for channels, expected in (
        ({"eyeBlink": 1.0}, ["closed", "closed"]),
        ({"eyeBlinkLeft": 1.0}, ["open", "closed"]),
        ({"eyeBlinkRight": 1.0}, ["closed", "open"]),
    ):
        image, landmarks, _ = photo_of(portrait, encoder, **channels)
        assert states(image, landmarks) == expected


def test_half_closed_eyes_are_found_and_judged_together(portrait, encoder):
    image, landmarks, _ = photo_of(portrait, encoder, eyeBlink=0.6)
    assert states(image, landmarks) == ["half", "half"]


def test_openness_falls_as_the_lids_do(portrait, encoder):
    amounts = []
    for blink in (0.0, 0.4, 0.7, 1.0):
        image, landmarks, _ = photo_of(portrait, encoder, eyeBlink=blink)
        face = Face(landmarks.astype(np.float64))
        amounts.append(np.mean([openness(face, eye, image).amount for eye in (0, 1)]))
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] > 0.9
    assert amounts[-1] < 0.25


def test_eyes_behind_dark_glasses_are_hidden(astronaut, mesh, encoder):
    worn = astronaut.copy()
    face = Face(mesh.landmarks.astype(np.float64))
    for eye in (0, 1):
        shape = EyeShape(face, eye)
        x, y = shape.world(np.array([0, 0.02]))
        size = (3.0 * shape.half * shape.iod, 2.2 * shape.half * shape.iod)
        cv2.ellipse(worn, ((float(x), float(y)), size, 0.0), (18, 18, 20), -1, cv2.LINE_AA)
    assert states(worn, encoder(worn).landmarks) == ["hidden", "hidden"]
