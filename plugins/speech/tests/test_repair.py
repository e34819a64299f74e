import numpy as np
import pytest
import soxr
from utterances import noise, tone

from pfy_plugin_speech.cleaning import Needs, cleaned, levelled
from pfy_plugin_speech.listen import LISTEN
from pfy_plugin_speech.ports import LISTEN_RATE, RATE
from pfy_plugin_speech.sound.clipping import clipped_share
from pfy_plugin_speech.sound.level import loudness
from pfy_plugin_speech.sound.restore import declipped, without_rumble


def cut_off(wave, factor, rate=LISTEN_RATE):
    """A recording cut off at another rate than it is heard at, so that its tops are not flat."""
    full = soxr.resample(wave / np.abs(wave).max(), rate, 48_000)
    made = soxr.resample(np.clip(factor * full, -1, 1) * 0.6, 48_000, rate)[: len(wave)]
    return np.asarray(made, np.float32), float((np.abs(factor * full) > 1).mean())


@pytest.mark.parametrize("factor", [1.5, 2.0, 4.0])
def test_the_share_that_was_cut_off_is_found_after_resampling(heard, factor):
    spoiled, share = cut_off(heard, factor)
    assert clipped_share(spoiled) == pytest.approx(share, rel=0.35, abs=1e-3)


@pytest.mark.parametrize("gain", [1.0, 0.01])
def test_a_clean_recording_is_not_clipped(heard, gain):
    assert clipped_share(heard * np.float32(gain)) < 5e-4


@pytest.mark.parametrize("wave", [np.zeros(0, np.float32), np.zeros(99, np.float32), tone(200, 16_000, 0.01)])
def test_scraps_are_not_clipped_or_are_a_number(wave):
    assert 0.0 <= clipped_share(wave) <= 1.0


def test_rebuilt_tops_are_nearer_to_what_they_were(heard):
    spoiled, _ = cut_off(heard, 2.0)

    def error(wave):
        scale = (wave @ heard) / (wave @ wave)
        return np.mean((scale * wave - heard) ** 2)

    made = declipped(spoiled, LISTEN_RATE)
    assert len(made) == len(spoiled)
    assert error(made) < 0.6 * error(spoiled)


def test_direct_current_and_rumble_go_and_speech_stays(heard):
    rumble = tone(15, LISTEN_RATE, len(heard) / LISTEN_RATE, 0.2)[: len(heard)]
    made = without_rumble(heard + rumble + np.float32(0.2), LISTEN_RATE)
    clean = without_rumble(heard, LISTEN_RATE)
    assert abs(made[LISTEN_RATE:].mean()) < 1e-3
    assert np.std(made[LISTEN_RATE:] - clean[LISTEN_RATE:]) < 0.02


@pytest.mark.parametrize("gain", [1e-3, 0.1, 1.0])
def test_speech_is_brought_to_its_level(heard, gain):
    made = levelled(heard * np.float32(gain), LISTEN_RATE, -16.0)
    assert loudness(made, LISTEN_RATE) == pytest.approx(-16.0, abs=0.2)
    assert np.abs(made).max() <= 0.98


def test_silence_is_not_brought_to_any_level():
    assert not levelled(np.zeros(RATE, np.float32), RATE, -16.0).any()


def test_treble_is_quieter_where_the_noise_was_and_stays_where_speech_is(wave):
    spoiled = wave + noise(len(wave) / RATE, RATE, 0.02)[: len(wave)]
    made, done = cleaned(spoiled, RATE, Needs(denoise=True), LISTEN.denoiser)
    assert done == ("took noise out",)
    assert len(made) == len(wave)

    def treble(part):
        spectrum = np.abs(np.fft.rfft(part)) ** 2
        return spectrum[np.fft.rfftfreq(len(part), 1 / RATE) > 9000].sum()

    quiet = slice(0, int(0.1 * RATE))
    assert treble(made[quiet]) < 0.2 * treble(spoiled[quiet])
    assert treble(made) > 0.2 * treble(wave)
