"""A face over time: what is counted in, and when nothing can be said of it."""

import acting
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_plugin_metrics.track import Track, followed, interocular
from pfy_plugin_metrics.unscored import Unscored


@given(st.floats(-0.6, 0.6))
def test_a_head_that_turns_keeps_its_scale(angle):
    points = np.zeros((478, 3))
    points[33], points[263] = (-50, 0, 0), (50, 0, 0)
    turn = np.array([[np.cos(angle), 0, -np.sin(angle)], [0, 1, 0], [np.sin(angle), 0, np.cos(angle)]])
    assert interocular(points @ turn.T) == pytest.approx(100, rel=0.01)


def test_depth_that_is_out_of_all_proportion_does_not_count():
    points = np.zeros((478, 3))
    points[263] = (100, 0, 1000)
    assert interocular(points) == 125


def test_a_frame_without_a_face_takes_the_nearest():
    face = acting.face(moves=np.arange(20.0))
    face[5:7] = np.nan
    track = followed(face)
    assert track.points[5, 1] == pytest.approx(face[4, 1])
    assert track.points[6, 1] == pytest.approx(face[7, 1])
    assert track.found.sum() == 18
    assert track.seconds == 0.8
    assert track.times[:2] == pytest.approx([0.02, 0.06])


@pytest.mark.parametrize(
    ("face", "reason"),
    [
        (acting.face(frames=4), "4 frames, 5 wanted"),
        (np.full((10, 478, 3), np.nan), "a face in 0% of the frames, 90% wanted"),
        (np.zeros((10, 478, 3)), "a face whose eyes are in one place"),
    ],
)
def test_of_less_nothing_is_said(face, reason):
    with pytest.raises(Unscored, match=reason):
        followed(face)


def test_a_video_without_any_face_is_refused():
    with pytest.raises(InputError, match="no frame shows a face"):
        Track.of(np.full((3, 478, 3), np.nan))
