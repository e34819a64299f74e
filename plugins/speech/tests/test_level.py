import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal
from utterances import noise, tone

from pfy_plugin_speech.sound.level import CEILING, KNEE, SILENCE, gain, limit, loudness

RATES = [16_000, 24_000, 48_000]


@pytest.mark.parametrize("rate", RATES)
def test_the_reference_tone_of_the_standard_has_its_loudness(rate):
    """BS.1770-4: a 0 dBFS, 997 Hz sine on one channel is at -3.01 LKFS."""
    assert loudness(tone(997, rate, 5.0), rate) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("decibels", [-40.0, -18.0, -6.0])
def test_loudness_follows_the_level(decibels):
    wave = tone(997, 24_000, 2.0, gain(decibels))
    assert loudness(wave, 24_000) == pytest.approx(-3.01 + decibels, abs=0.05)


@pytest.mark.parametrize("frequency", [30, 60, 200, 1500, 4000, 9000])
def test_frequencies_weigh_as_the_standard_says(frequency):
    """The filters of BS.1770-4, tables 1 and 2, at 48 kHz."""
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585]
    high_pass = [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621]
    _, gains = signal.freqz_sos([shelf, high_pass], worN=[frequency, 997], fs=48_000)
    wanted = 20 * np.log10(np.abs(gains[0] / gains[1]))
    found = loudness(tone(frequency, 48_000, 10.0), 48_000) - loudness(tone(997, 48_000, 10.0), 48_000)
    assert found == pytest.approx(wanted, abs=0.05)


def test_silence_before_and_after_does_not_count():
    wave = tone(997, 24_000, 4.0, 0.1)
    padded = np.pad(wave, 24_000 * 8)
    assert loudness(padded, 24_000) == pytest.approx(loudness(wave, 24_000), abs=0.5)


def test_quiet_stretches_are_gated_out():
    """EBU Tech 3341, case 3: -36, -23 and -36 dBFS tones, the quiet ones below the relative gate."""
    parts = [tone(1000, 48_000, seconds, gain(level)) for seconds, level in ((10, -36), (60, -23), (10, -36))]
    assert loudness(np.concatenate(parts), 48_000) == pytest.approx(-26.0, abs=0.1)


@pytest.mark.parametrize("length", [0, 10, 24_000])
def test_silence_is_very_quiet(length):
    assert loudness(np.zeros(length, np.float32), 24_000) == SILENCE


def test_a_wave_shorter_than_a_block_is_one_block():
    assert loudness(tone(997, 24_000, 0.1), 24_000) == pytest.approx(-3.0, abs=0.3)


def test_the_limiter_leaves_alone_what_is_below_the_knee():
    wave = noise(1.0, 24_000, 0.2)
    quiet = np.clip(wave, -KNEE, KNEE)
    assert np.array_equal(limit(quiet), quiet)


@given(st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=50), st.integers(0, 50))
def test_the_limiter_has_no_memory_no_sign_error_and_a_ceiling(samples, at):
    wave = np.array(samples, np.float32)
    whole = limit(wave)
    assert np.array_equal(whole, np.concatenate([limit(wave[:at]), limit(wave[at:])]))
    assert np.abs(whole).max() <= CEILING + 1e-6
    assert np.array_equal(np.sign(whole), np.sign(wave))
    assert np.array_equal(limit(-wave), -whole)


def test_the_limiter_keeps_the_order_of_samples():
    rising = np.linspace(0, 3, 1000, dtype=np.float32)
    assert (np.diff(limit(rising)) >= 0).all()
    assert limit(rising)[rising < 1.0][-1] > 0.9
