import itertools
import math

import numpy as np
import pytest

from pfy_core.kinds import Phone
from pfy_plugin_portrait.heard import Heard
from pfy_plugin_portrait.looks import FAR, LARGEST, Gaze, minimum_jerk

FRAMES = (np.arange(25 * 240) + 0.5) / 25


def talk(seconds, phrase=3.0, pause=0.5):
    """Phrases with pauses between them."""
    heard = Heard()
    phones, at = [], 0.0
    while at < seconds:
        phones += [Phone("a", at, at + phrase), Phone("", at + phrase, at + phrase + pause)]
        at += phrase + pause
    heard.hear(np.zeros(0, np.float32), phones)
    return heard


@pytest.fixture(scope="module")
def looks():
    return [Gaze(seed).at(FRAMES, talk(240)) for seed in range(4)]


def test_the_viewer_is_looked_at_most_of_the_time(looks):
    share = [np.mean(np.hypot(*look.T) < 2.5) for look, _ in looks]
    assert 0.6 < np.mean(share) < 0.9


def test_looks_aside_are_as_long_and_as_far_as_peoples(looks):
    lengths, sizes = [], []
    for look, _ in looks:
        aside = np.hypot(*look.T) > 2.5
        lengths += [sum(1 for _ in run) / 25 for is_aside, run in itertools.groupby(aside) if is_aside]
        sizes += list(np.hypot(*look[aside].T))
    assert 0.5 < np.mean(lengths) < 1.3
    assert 4 < np.mean(sizes) < 9
    assert max(sizes) < LARGEST + 4


def test_eyes_are_never_quite_still_for_long(looks):
    for look, _ in looks:
        still = np.hypot(*np.diff(look, axis=0).T) < 1e-9
        longest = max(sum(1 for _ in run) for is_still, run in itertools.groupby(still) if is_still)
        assert longest / 25 < 1.3


def test_saccades_are_over_within_two_frames(looks):
    for look, _ in looks:
        moving = np.hypot(*np.diff(look, axis=0).T) > 0.5
        assert max(sum(1 for _ in run) for moves, run in itertools.groupby(moving) if moves) <= 3


def test_people_look_away_in_pauses_and_back_before_they_stop(looks):
    phase = FRAMES % 3.5
    aside = np.mean([np.hypot(*look.T) > 2.5 for look, _ in looks], axis=0)
    planning = aside[(phase > 3.15) | (phase < 0.4)].mean()
    finishing = aside[(phase > 2.6) & (phase < 3.0)].mean()
    assert planning > 1.5 * finishing


def test_it_ends_with_the_viewer():
    for seed in range(12):
        heard = talk(6)
        heard.end = 6.0
        look, _ = Gaze(seed).at(FRAMES[:150], heard)
        assert np.hypot(*look[-8:].T).max() < 2.5


def test_far_shifts_are_told_and_the_head_follows_them():
    gaze = Gaze(0)
    look, shifts = gaze.at(FRAMES[:1500], talk(60))
    head = gaze.follow(FRAMES[:1500])
    assert shifts
    for shift in shifts[:5]:
        at = int(shift * 25)
        assert np.linalg.norm(look[at + 4] - look[at - 2]) > 0.6 * FAR
    assert 0.5 < np.abs(head).max() < 4
    assert np.abs(np.diff(head, axis=0)).max() < 0.5


def test_pieces_are_the_whole():
    whole, _ = Gaze(3).at(FRAMES, talk(240))
    other, heard = Gaze(3), talk(240)
    pieces = [other.at(part, heard)[0] for part in np.array_split(FRAMES, 37)]
    assert np.allclose(np.concatenate(pieces), whole, atol=1e-9)


def test_minimum_jerk_goes_from_nothing_to_all():
    way = minimum_jerk(np.linspace(-1, 2, 301))
    assert way[0] == 0
    assert way[-1] == 1
    assert np.all(np.diff(way) >= -1e-12)
    assert minimum_jerk(np.array([0.5, math.inf])).tolist() == [0.5, 1.0]
