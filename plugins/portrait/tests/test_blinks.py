import math

import numpy as np
import pytest

from pfy_plugin_portrait.blinks import CLOSURE, DURATION, TIMES, Blinks
from pfy_plugin_portrait.heard import Heard

FRAMES = (np.arange(25 * 300) + 0.5) / 25


class Silent(Heard):
    """No speech, for as long as one likes."""

    def __init__(self, end=math.inf, pauses=()):
        super().__init__()
        self.end, self._pauses = end, pauses

    def pause_after(self, time, within):
        return next((pause for pause in self._pauses if time <= pause <= time + within), None)


def starts(closed):
    return np.flatnonzero((closed[1:] > 0.3) & (closed[:-1] <= 0.3)) / 25


@pytest.mark.parametrize("rate", [5, 17, 30, 60])
def test_the_rate_is_the_one_asked_for(rate):
    found = [len(starts(Blinks(rate, seed).at(FRAMES, Silent(), []))) / 5 for seed in range(6)]
    assert np.mean(found) == pytest.approx(rate, rel=0.15)


def test_no_blinks_when_none_are_wanted():
    assert not Blinks(0, 1).at(FRAMES, Silent(), [10.0, 20.0]).any()


def test_intervals_spread_as_peoples_do():
    """Skewed to the right, with a coefficient of variation of about a half, as in Cruz et al. 2011."""
    gaps = np.concatenate([np.diff(starts(Blinks(17, seed).at(FRAMES, Silent(), []))) for seed in range(6)])
    assert 0.4 < gaps.std() / gaps.mean() < 0.85
    assert np.mean((gaps - gaps.mean()) ** 3) / gaps.std() ** 3 > 0.5
    assert gaps.min() > 0.3
    assert 0.01 < np.mean(gaps < 0.7) < 0.2


def test_a_blink_goes_down_in_a_tenth_of_a_second_and_up_more_slowly():
    top = TIMES[np.argmax(CLOSURE)]
    assert 0.07 <= top <= 0.12
    assert DURATION - top > 2 * top
    assert 0.25 <= DURATION <= 0.45


def test_most_blinks_close_the_eye_and_some_only_partly():
    closed = np.concatenate([Blinks(20, seed).at(FRAMES, Silent(), []) for seed in range(4)])
    peaks = closed[1:-1][(closed[1:-1] > 0.3) & (closed[1:-1] >= closed[:-2]) & (closed[1:-1] > closed[2:])]
    assert 0.75 < np.mean(peaks > 0.9) < 0.97


def test_blinks_wait_for_pauses():
    pauses = np.arange(0.3, 300, 0.4)
    closed = Blinks(17, 1).at(np.arange(0, 300, 0.005), Silent(pauses=pauses), [])
    begun = np.flatnonzero((closed[1:] > 0) & (closed[:-1] == 0)) * 0.005
    near = np.abs(begun[:, None] - pauses).min(1) < 0.02
    assert near.mean() > 0.9


def test_blinks_go_with_gaze_shifts():
    shifts = list(np.arange(2.0, 290, 3.1))
    closed = Blinks(17, 2).at(FRAMES, Silent(), shifts)
    assert np.mean([closed[int(s * 25) : int(s * 25) + 5].max() > 0.4 for s in shifts]) > 0.25


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("end", [0.9, 2.0, 3.03, 7.77])
def test_the_eyes_are_open_at_the_end(seed, end):
    frames = (np.arange(round(end * 25)) + 0.5) / 25
    assert Blinks(30, seed).at(frames, Silent(end), [end - 0.3])[-1] < 0.02


def test_a_clip_of_three_seconds_has_a_blink():
    frames = (np.arange(75) + 0.5) / 25
    has = [Blinks(17, seed).at(frames, Silent(3.0), []).max() > 0.4 for seed in range(40)]
    assert np.mean(has) > 0.95


def test_pieces_are_the_whole():
    shifts = [3.3, 7.0, 11.2, 30.0]
    whole = Blinks(17, 3).at(FRAMES, Silent(), shifts)
    other = Blinks(17, 3)
    pieces, before = [], -1.0
    for part in np.array_split(FRAMES, 61):
        new = [shift for shift in shifts if before < shift <= part[-1]]
        pieces.append(other.at(part, Silent(), new))
        before = part[-1]
    assert np.allclose(np.concatenate(pieces), whole, atol=1e-12)
