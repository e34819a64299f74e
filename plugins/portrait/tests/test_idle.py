import numpy as np
import pytest

from pfy_plugin_portrait.idle import HEAD, Blinks, Gaze, Sway

TIMES = (np.arange(25 * 120) + 0.5) / 25


@pytest.mark.parametrize("kind", [Gaze, Sway])
def test_pieces_are_the_whole(kind):
    whole = kind(3).at(TIMES)
    other = kind(3)
    pieces = [other.at(part) for part in np.array_split(TIMES, 37)]
    if kind is Sway:
        assert all(np.array_equal(np.concatenate([p[name] for p in pieces]), whole[name]) for name in whole)
    else:
        assert np.allclose(np.concatenate(pieces), whole, atol=1e-9)


def test_blinks_prefer_pauses():
    blinks = Blinks(1)
    closed = blinks.at(TIMES, lambda time: np.ceil(time * 2) / 2)
    starts = TIMES[np.flatnonzero((closed[1:] > 0) & (closed[:-1] == 0)) + 1]
    assert len(starts) > 20
    assert np.abs(starts * 2 - np.round(starts * 2)).max() / 2 < 0.045


def test_a_blink_is_faster_down_than_up():
    closed = Blinks(1).at(np.arange(0, 10, 0.005), lambda _: None)
    top = int(np.argmax(closed))
    down = top - np.flatnonzero(closed[:top] < 0.1)[-1]
    up = np.flatnonzero(closed[top:] < 0.1)[0]
    assert closed[top] > 0.98
    assert down < 0.7 * up


def test_the_gaze_comes_back_to_the_viewer_and_stays_near():
    gaze = Gaze(2).at(TIMES)
    assert np.abs(gaze).max() < 0.4501
    assert 0.2 < np.mean(np.abs(gaze).max(1) < 1e-6) < 0.7


def test_the_head_sways_as_far_as_said_and_smoothly():
    sway = Sway(4).at(TIMES)
    for name, (spread, _, high) in HEAD.items():
        assert np.std(sway[name]) == pytest.approx(spread, rel=0.5)
        speed = np.abs(np.diff(sway[name])) * 25
        assert speed.max() < spread * 2 * np.pi * high * 4
