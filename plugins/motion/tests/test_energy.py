import numpy as np
import pytest

from pfy_core import InputError
from pfy_core.kinds import MOTION_INDEX
from pfy_plugin_motion.energy import EnergyMotion

JAW = MOTION_INDEX["jawOpen"]


def test_the_mouth_opens_with_the_syllables(wave):
    said = wave(4.0)
    motion = EnergyMotion()(said)
    loud = np.mean(said.reshape(-1, 640) ** 2, axis=1)
    assert motion.shape == (100, 58)
    assert np.corrcoef(motion[:, JAW], np.log(loud))[0, 1] > 0.8


def test_nothing_else_moves(wave):
    motion = EnergyMotion()(wave(2.0))
    assert not np.delete(motion, JAW, axis=1).any()


def test_no_gain_is_a_frozen_face(wave):
    assert not EnergyMotion(gain=0.0)(wave(2.0)).any()


@pytest.mark.parametrize("louder", [0.01, 0.5])
def test_loudness_does_not_matter(wave, louder):
    assert np.allclose(EnergyMotion()(louder * wave(2.0)), EnergyMotion()(wave(2.0)), atol=0.02)


def test_silence_keeps_it_shut():
    assert EnergyMotion()(np.zeros(100, np.float32)).shape == (1, 58)


def test_an_impossible_gain_is_refused():
    with pytest.raises(InputError, match="gain 4"):
        EnergyMotion(gain=4.0)
