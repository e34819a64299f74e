"""Measures of the eyes, on eyes that are drawn."""

import numpy as np
import pytest

from pfy_plugin_metrics import eyes

FPS = 25


def face(openness, look=(0.0, 0.0), raised=0.0, roll=0.0):
    """Landmarks (t 478 3) of two eyes 30 pixels wide, by openness (t 2) of right and left, turned by roll."""
    points = np.zeros((len(openness), 478, 3))
    for side, (outer, inner, *lids) in enumerate(eyes.LIDS):
        middle = 100 * side
        away = -1 if side == 0 else 1
        points[:, outer, 0], points[:, inner, 0] = middle + 15 * away, middle - 15 * away
        points[:, eyes.IRISES[side], :2] = np.array((middle, 0)) + 30 * np.asarray(look)
        for column, lid in enumerate(lids):
            points[:, lid, 0] = middle + (5 if column % 2 else -5)
            points[:, lid, 1] = (-1 if column < 2 else 1) * 5 * openness[:, side]
        points[:, list(eyes.BROWS[side]), 1] = -20 - raised
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    points[..., :2] = points[..., :2] @ turn
    return points


def blinking(starts, seconds=8.0, length=0.16, depth=1.0):
    """Openness (t 2) of eyes that shut like a raised cosine, ``length`` seconds wide at half height."""
    times = (np.arange(round(seconds * FPS)) + 0.5) / FPS
    closed = np.zeros(len(times))
    for start in starts:
        phase = np.clip((times - start) / length, -1, 1)
        closed = np.maximum(closed, depth * 0.5 * (1 + np.cos(np.pi * phase)))
    return np.repeat(1 - closed[:, None], 2, axis=1)


def test_blinks_are_counted_timed_and_measured():
    closed = eyes.closure(eyes.aspect(face(blinking([1.5, 4.0, 6.5]))))
    found = eyes.blinks(closed, FPS)
    assert found.middles == pytest.approx([1.5, 4.0, 6.5], abs=0.02)
    assert found.durations == pytest.approx([0.16] * 3, abs=0.025)
    assert (found.depths > 0.9).all()
    assert found.uneven == pytest.approx(0)


def test_a_squint_is_no_blink_and_closed_eyes_do_not_blink():
    assert not len(eyes.blinks(eyes.closure(eyes.aspect(face(blinking([2.0], depth=0.25)))), FPS).middles)
    asleep = np.ones((200, 2))
    asleep[50:150] = 0
    assert not len(eyes.blinks(eyes.closure(eyes.aspect(face(asleep))), FPS).middles)


def test_one_eye_that_stays_open_is_noticed():
    open_ = blinking([2.0, 5.0])
    open_[:, 1] = 0.5 + 0.5 * open_[:, 1]
    found = eyes.blinks(eyes.closure(eyes.aspect(face(open_))), FPS)
    assert len(found.middles) == 2
    assert found.uneven > 0.3


@pytest.mark.parametrize("roll", [0.0, 0.4])
def test_gaze_is_in_eye_widths_along_the_eyes(roll):
    seen = eyes.gaze(face(np.ones((3, 2)), look=(0.1, -0.05), roll=roll))
    assert seen == pytest.approx(np.tile((0.1, -0.05), (3, 1)))


def test_raised_brows_are_higher():
    iod = np.full(2, 100.0)
    calm, raised = (eyes.brows(face(np.ones((2, 2)), raised=by, roll=0.2), iod) for by in (0, 7))
    assert raised - calm == pytest.approx([0.07, 0.07])
