"""The frame that shows a face best."""

import numpy as np
import pytest

from pfy_core.testing import faces
from pfy_plugin_data.prepare import looks

FRAMES = np.repeat(faces.photo(128, 128)[None], 6, axis=0)
TRACK = np.repeat(faces.landmarks(128, 128)[None], 6, axis=0)


def test_closed_eyes_an_open_mouth_and_a_turned_head_are_passed_over():
    track = TRACK.copy()
    for inner, above, below in ((133, 159, 145), (362, 386, 374)):
        track[0, above] = track[0, below] = track[0, inner]
    track[1, 14, 1] += 10
    turn = np.array([[np.cos(0.5), 0, -np.sin(0.5)], [0, 1, 0], [np.sin(0.5), 0, np.cos(0.5)]])
    for number in (2, 3, 4):
        track[number] = (track[number] - 64) @ turn.T + 64
    assert looks.best(FRAMES, track) == 5


def test_of_frames_that_are_as_good_the_sharpest_is_taken():
    frames = FRAMES.copy()
    soft = frames[0].astype(float)
    for _ in range(4):
        soft = (soft + np.roll(soft, 1, 0) + np.roll(soft, 1, 1)) / 3
    frames[[0, 1, 3, 4, 5]] = soft.astype(np.uint8)
    assert looks.best(frames, TRACK) == 2


@pytest.mark.parametrize("size", [(1, 1), (2, 90)])
def test_the_smallest_pictures_have_a_sharpness(size):
    assert looks.sharpness(np.zeros((*size, 3), np.uint8), TRACK[0]) == 0.0
