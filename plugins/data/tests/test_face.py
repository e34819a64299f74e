"""Reference images: a square around a face, with its landmarks in it."""

import numpy as np
import pytest

from pfy_core.testing import faces
from pfy_plugin_data.face import crop, square
from pfy_plugin_data.synth import faces as made


def test_a_crop_shows_the_face_and_its_landmarks_move_with_it():
    picture, landmarks = faces.photo(400, 600), faces.landmarks(400, 600)
    shown, moved = crop(picture, landmarks)
    assert shown.shape == (192, 192, 3)
    assert ((moved[:, :2] > 0) & (moved[:, :2] < 192)).all()
    left, top, side = square(picture, landmarks)
    assert np.allclose(moved * side / 192 + np.array([left, top, 0]), landmarks, atol=1e-3)


@pytest.mark.parametrize(("height", "width"), [(40, 400), (400, 40), (1, 1)])
def test_the_square_lies_within_the_picture(height, width):
    picture = np.zeros((height, width, 3), np.uint8)
    left, top, side = square(picture, faces.landmarks(400, 400))
    assert 0 <= left <= left + side <= width
    assert 0 <= top <= top + side <= height


@pytest.mark.slow
def test_faces_of_other_shapes_have_other_proportions():
    def proportions(name):
        picture, points = made.reference(next(face for face in made.FACES if face.name == name))
        assert picture.shape == (192, 192, 3)
        eyes = np.linalg.norm(points[33, :2] - points[263, :2])
        return np.linalg.norm(points[10, :2] - points[152, :2]) / eyes

    assert (
        proportions("astronaut-broad")
        < 0.95 * proportions("astronaut")
        < 0.95 * proportions("astronaut-long")
    )
