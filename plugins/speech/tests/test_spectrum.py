import numpy as np
import pytest
from utterances import noise, tone

from pfy_plugin_speech.sound import spectrum


def test_white_noise_is_flat():
    assert np.abs(spectrum.average(noise(20.0, 16_000))).max() < 1.5


def test_level_does_not_matter():
    wave = noise(3.0, 16_000)
    assert spectrum.average(wave * np.float32(0.01)) == pytest.approx(spectrum.average(wave), abs=0.01)


@pytest.mark.parametrize("frequency", [200.0, 1000.0, 3000.0])
def test_a_tone_is_in_its_band(frequency):
    centres = spectrum.band_edges()[1:-1]
    loudest = centres[spectrum.average(tone(frequency, 16_000)).argmax()]
    assert abs(np.log2(loudest / frequency)) < 0.2


def test_a_filter_that_adds_decibels_adds_them_here():
    wave = noise(20.0, 16_000).astype(float)
    tilted = np.append(wave[0], wave[1:] - 0.9 * wave[:-1])  # 20 log10 |1 - 0.9 exp(-i w)|
    centres = spectrum.band_edges()[1:-1]
    wanted = 20 * np.log10(np.abs(1 - 0.9 * np.exp(-2j * np.pi * centres / 16_000)))
    change = spectrum.average(tilted.astype(np.float32)) - spectrum.average(wave.astype(np.float32))
    assert change == pytest.approx(wanted - wanted.mean(), abs=1.0)


def test_pauses_do_not_count():
    wave = noise(4.0, 16_000)
    pause = tone(300.0, 16_000, 2.0, 1e-3)
    mixed = np.concatenate([wave, pause])
    assert np.abs(spectrum.average(mixed) - spectrum.average(wave)).max() < 1.0


@pytest.mark.parametrize("length", [1, 500, 1024, 16_000])
def test_the_spectrum_has_48_finite_bands_of_mean_zero(length):
    found = spectrum.average(noise(1.0, 16_000)[:length])
    assert found.shape == (48,)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert found.mean() == pytest.approx(0.0, abs=1e-4)
