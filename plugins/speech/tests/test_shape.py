import numpy as np
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal
from utterances import noise, voice_like

from pfy_plugin_speech.sound import pitch, shape, spectrum

SPECTRA = st.lists(st.floats(-60, 60), min_size=48, max_size=48).map(
    lambda bands: np.array(bands, np.float32)
)


@pytest.mark.parametrize("ratio", [0.84, 0.95, 1.06, 1.19])
def test_pitch_is_multiplied_and_length_divided(ratio):
    wave = voice_like(150, seconds=2.0, rate=24_000)
    moved = shape.pitched(wave, ratio)
    assert len(moved) == pytest.approx(len(wave) / ratio, abs=2)
    track = pitch.track(soxr.resample(moved, 24_000, 16_000))
    assert np.median(track[track > 0]) == pytest.approx(150 * ratio, rel=0.01)


def test_a_ratio_of_one_changes_nothing():
    wave = voice_like(150, rate=24_000)
    assert np.array_equal(shape.pitched(wave, 1.0), wave)


@given(SPECTRA)
def test_equal_spectra_need_no_equaliser(bands):
    assert np.abs(shape.equaliser(bands, bands)).max() < 1e-4


@given(SPECTRA, SPECTRA)
def test_the_equaliser_is_limited(own, wanted):
    gains = shape.equaliser(own, wanted)
    assert gains.shape == (48,)
    assert np.abs(gains).max() <= shape.LARGEST


def test_the_equaliser_goes_half_the_way():
    tilt = np.linspace(6, -6, 48, dtype=np.float32)
    gains = shape.equaliser(np.zeros(48, np.float32), tilt)
    assert gains[4:-4] == pytest.approx(tilt[4:-4] / 2, abs=0.5)


def test_the_filter_has_the_gains_that_were_asked_for():
    gains = np.interp(np.arange(48), [0, 15, 30, 47], [-4, 4, -2, 2]).astype(np.float32)
    response = shape.impulse_response(gains)
    centres = spectrum.band_edges()[1:-1]
    inside = (centres > 300) & (centres < shape.FADES_ABOVE)
    _, found = signal.freqz(response, worN=centres, fs=24_000)
    assert 20 * np.log10(np.abs(found[inside])) == pytest.approx(gains[inside], abs=0.5)


def test_the_filter_leaves_the_highest_treble_alone():
    _, found = signal.freqz(shape.impulse_response(np.full(48, 6, np.float32)), worN=[11_900.0], fs=24_000)
    assert abs(20 * np.log10(np.abs(found[0]))) < 2.0


def test_filtering_delays_nothing_and_keeps_the_length():
    gains = np.linspace(-6, 6, 48).astype(np.float32)
    click = np.zeros(4001, np.float32)
    click[1234] = 1.0
    out = shape.filtered(click, shape.impulse_response(gains))
    assert out.shape == click.shape
    assert np.abs(out).argmax() == 1234


@pytest.mark.parametrize("length", [1, 100, shape.TAPS, 5000])
def test_a_wave_shorter_than_the_filter_keeps_its_length_and_its_place(length):
    wave = np.zeros(length, np.float32)
    wave[length // 3] = 1.0
    out = shape.filtered(wave, shape.impulse_response(np.zeros(48, np.float32)))
    assert out.shape == (length,)
    assert np.abs(out).argmax() == length // 3


def test_the_change_of_loudness_is_told():
    own = np.zeros(48, np.float32)
    assert shape.loudness_change(own, np.full(48, 3, np.float32)) == pytest.approx(3.0, abs=1e-4)
    assert shape.loudness_change(own, np.zeros(48, np.float32)) == 0.0
    steep = np.linspace(30, -30, 48).astype(np.float32)
    assert shape.loudness_change(steep, np.linspace(6, -6, 48).astype(np.float32)) > 2.0


def test_shaped_noise_has_the_spectrum_that_was_asked_for():
    wave = noise(10.0, 24_000)
    gains = np.interp(np.arange(48), [0, 20, 47], [3, -3, 3]).astype(np.float32)
    shaped = shape.filtered(wave, shape.impulse_response(gains))
    before, after = (spectrum.average(soxr.resample(x, 24_000, 16_000)) for x in (wave, shaped))
    centres = spectrum.band_edges()[1:-1]
    inside = (centres > 300) & (centres < 6000)
    change = (after - before)[inside]
    assert change - change.mean() == pytest.approx((gains - gains[inside].mean())[inside], abs=0.7)
