"""Cepstra: those of python_speech_features 0.6, and what follows from their definition."""

import numpy as np
import pytest
import syncnet_cases as cases

from pfy_plugin_networks import syncnet_mfcc
from pfy_plugin_networks.syncnet_comparison import samples
from pfy_plugin_networks.syncnet_mfcc import mfcc


def test_they_are_the_packages():
    with np.load(cases.GOLDEN) as golden:
        np.testing.assert_allclose(mfcc(samples(cases.wave())), golden["cepstra"], rtol=0, atol=1e-9)


@pytest.mark.parametrize(("length", "frames"), [(1, 1), (400, 1), (401, 2), (560, 2), (561, 3), (16_000, 99)])
def test_the_last_frame_is_filled_with_zeros(length, frames):
    sound = np.arange(1, length + 1, dtype=np.int16)
    found = mfcc(sound)
    assert found.shape == (frames, 13)
    filled = np.pad(sound, (0, (frames - 1) * 160 + 400 - length))
    # The filter's one step past the end is all that a zero more would add.
    np.testing.assert_allclose(mfcc(filled)[:-1], found[:-1], atol=1e-9)


def test_a_gain_moves_the_energy_alone():
    sound = (1000 * np.random.default_rng(0).standard_normal(8000)).astype(np.int16)
    quiet, loud = mfcc(sound), mfcc(4 * sound)
    np.testing.assert_allclose(loud[:, 0] - quiet[:, 0], np.log(16), atol=1e-9)
    np.testing.assert_allclose(loud[:, 1:], quiet[:, 1:], atol=1e-8)


def test_silence_is_finite():
    found = mfcc(np.zeros(1000, np.int16))
    np.testing.assert_allclose(found[:, 0], np.log(np.finfo(float).eps))
    assert np.abs(found[:, 1:]).max() < 1e-9


def test_a_long_recording_is_worked_on_in_blocks(monkeypatch):
    sound = (1000 * np.random.default_rng(0).standard_normal(9000)).astype(np.int16)
    whole = mfcc(sound)
    monkeypatch.setattr(syncnet_mfcc, "BLOCK", 7)
    np.testing.assert_allclose(mfcc(sound), whole, rtol=0, atol=1e-12)
