import numpy as np
import pytest
import torch

from pfy_plugin_motion import mel
from pfy_plugin_motion.ports import RATE, SAMPLES


def spectrum(wave):
    return mel.leveled(mel.power(torch.from_numpy(wave)[None]))[0]


@pytest.mark.parametrize(
    ("samples", "frames"), [(640, 1), (16_000, 25), (16_300, 25), (16_400, 26), (100, 1)]
)
def test_there_are_four_rows_for_each_frame(samples, frames):
    assert mel.power(torch.zeros(2, samples)).shape == (2, 4 * frames, mel.BANDS)


def test_a_row_hears_what_is_near_its_middle():
    """A click in the middle of row k is loudest there."""
    for row in (10, 17, 30):
        wave = np.zeros(20 * SAMPLES, np.float32)
        wave[160 * row + 80] = 1.0
        assert int(mel.power(torch.from_numpy(wave)[None])[0].sum(-1).argmax()) == row


@pytest.mark.parametrize("hertz", [200, 1000, 4000])
def test_a_tone_is_loudest_in_the_band_around_it(hertz):
    tone = np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE).astype(np.float32)
    found = int(spectrum(tone)[50].argmax())
    centres = np.linspace(mel._mel(mel.LOWEST), mel._mel(mel.HIGHEST), mel.BANDS + 2)[1:-1]
    assert abs(centres[found] - mel._mel(hertz)) <= centres[1] - centres[0]


def test_every_frequency_in_between_reaches_a_band():
    inside = mel.triangles()[4:240].sum(1)
    assert inside.min() > 0.4


@pytest.mark.parametrize("gain", [0.05, 0.3, 1.0])
def test_loudness_does_not_matter(wave, gain):
    said = wave(2.0)
    assert torch.allclose(spectrum(gain * said), spectrum(said), atol=1e-3)


def test_silence_is_the_floor_and_not_made_louder():
    quiet = 1e-5 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert spectrum(quiet).max() < -1.5
    assert (spectrum(np.zeros(RATE, np.float32)) == mel.FLOOR / mel.UNIT).all()


def test_rows_do_not_depend_on_what_comes_later_but_by_the_level(wave):
    said = wave(2.0)
    short, whole = (mel.power(torch.from_numpy(part)[None])[0] for part in (said[: 25 * SAMPLES], said))
    assert torch.allclose(short[:96], whole[:96], rtol=1e-4)
