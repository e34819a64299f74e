import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_plugin_portrait.pitch import Pitch

RATE = 24_000


def tone(hertz, seconds=0.6):
    turns = np.cumsum(np.broadcast_to(hertz, round(seconds * RATE))) / RATE
    return (0.1 * sum(np.sin(2 * np.pi * k * turns) / k for k in range(1, 9))).astype(np.float32)


def heard(wave, *cuts):
    pitch = Pitch(RATE)
    for part in np.split(wave, cuts):
        pitch.add(part)
    pitch.end()
    return pitch


@pytest.mark.parametrize("hertz", [85, 120, 220, 330, 440])
def test_a_voice_has_its_pitch(hertz):
    found = heard(tone(hertz)).between(0.1, 0.5)
    assert len(found) == 40
    assert np.abs(found - 12 * np.log2(hertz / 100)).max() < 0.3


def test_a_glide_is_followed():
    found = heard(tone(np.geomspace(150, 300, round(0.6 * RATE)))).between(0.05, 0.55)
    assert np.all(np.diff(found) > 0)
    assert found[-1] - found[0] == pytest.approx(12 * 0.5 / 0.6, abs=0.7)


def test_noise_and_silence_have_none():
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    assert len(heard(noise).between(0, 1)) < 10
    assert len(heard(np.zeros(RATE, np.float32)).between(0, 1)) == 0


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 14_000), max_size=6).map(sorted))
def test_chunks_do_not_matter(cuts):
    wave = tone(np.geomspace(120, 240, round(0.6 * RATE)))
    assert np.array_equal(heard(wave).between(0, 1), heard(wave, *cuts).between(0, 1))


def test_forgetting_the_past_keeps_the_present():
    pitch = heard(tone(200))
    late = pitch.between(0.3, 0.5)
    pitch.forget(0.2)
    assert np.array_equal(pitch.between(0.3, 0.5), late)
    assert len(pitch.between(0.0, 0.15)) == 0
