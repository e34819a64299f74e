import numpy as np
import pytest

from pfy_plugin_portrait.accents import Accent
from pfy_plugin_portrait.heard import Heard
from pfy_plugin_portrait.posture import LIMITS, Posture, eased

FRAMES = (np.arange(25 * 120) + 0.5) / 25


@pytest.fixture(scope="module")
def head():
    return Posture(4).at(FRAMES, Heard(), [])


def test_pieces_are_the_whole(head):
    other = Posture(4)
    pieces = [other.at(part, Heard(), []) for part in np.array_split(FRAMES, 37)]
    assert np.allclose(np.concatenate(pieces), head, atol=1e-9)


def test_the_head_moves_smoothly_and_mostly_slowly(head):
    """Most of the power of speakers' head motion lies below 2 Hz (Hadar et al. 1983)."""
    power = np.abs(np.fft.rfft(head - head.mean(0), axis=0)) ** 2
    hertz = np.fft.rfftfreq(len(head), 1 / 25)
    assert power[hertz < 2].sum() > 0.95 * power.sum()
    assert power[(hertz > 0.4) & (hertz < 2)].sum() > 0.05 * power.sum()


def test_postures_change_and_are_held(head):
    slow = np.stack([np.convolve(yaw, np.ones(50) / 50, "valid") for yaw in head.T], 1)
    assert slow[:, 0].std() > 0.03
    assert np.abs(head).max() < 0.4


def test_an_accent_nods_or_tilts_the_head_where_it_is():
    calm, nodding = Posture(1), Posture(1)
    still = calm.at(FRAMES[:100], Heard(), [])
    moved = nodding.at(FRAMES[:100], Heard(), [Accent(2.0, 1.0, 4.0)]) - still
    assert np.abs(moved[:30]).max() < 1e-3
    assert FRAMES[np.argmax(np.abs(moved).max(1))] == pytest.approx(2.04, abs=0.05)
    assert 0.03 < np.abs(moved).max() < 0.14


def test_most_accents_are_nods():
    posture = Posture(2)
    down = [posture._gesture(Accent(time, 1.0, 0.0)) for time in np.arange(0.0, 40.0, 0.4)]
    assert np.mean([gesture[1] > 0.8 * np.abs(gesture).max() for gesture in down]) > 0.5


def test_it_starts_and_ends_at_the_photo_and_keeps_its_limits():
    heard = Heard()
    heard.end = 4.0
    found = eased(np.full((100, 6), 9.0), FRAMES[:100], heard)
    assert np.abs(found[[0, -1]]).max() < 0.002
    assert np.all(np.abs(found) <= LIMITS)
