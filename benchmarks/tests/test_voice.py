"""Poor recordings through the real components: what comes out is as loud and as well understood as ever."""

import numpy as np
import pytest
import soxr

from pfy_bench.voice import measures
from pfy_bench.voice.degradations import DEGRADATIONS, RATE
from pfy_bench.voice.measure import REFERENCE, driven, narrated, spoken
from pfy_plugin_speech.ports import RATE as SPEECH_RATE
from pfy_plugin_speech.recording import Recording
from pfy_plugin_speech.speech import Speech

LOUDNESS, TOLERANCE = -16.0, 1.0
UNDERSTOOD, MARGIN = 0.5, 0.25
"""Share of words that may be heard wrong of speech that is understood, and more than before: a small
recogniser changes its mind on 3 of 12 words at a change of voice that nobody hears; noise gives 1."""


@pytest.fixture(scope="module")
def clean():
    return measures.at_16k(spoken(REFERENCE, Speech(voice="light")), SPEECH_RATE)


def test_every_degradation_keeps_the_length_and_changes_the_recording():
    wave = (0.3 * np.sin(np.arange(2 * RATE) * 0.05) * np.hanning(2 * RATE)).astype(np.float32)
    for name, degrade in DEGRADATIONS.items():
        made = degrade(wave.copy())
        assert made.dtype == np.float32, name
        assert len(made) == len(wave), name
        assert np.isfinite(made).all(), name
        assert np.abs(made).max() <= 1.0, name
        assert np.array_equal(made, wave) == (name == "none"), name
        assert np.array_equal(made, degrade(wave.copy())), name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gain -40 dB", "white noise, SNR 0 dB", "MP3 16 kbit/s"])
def test_a_voice_given_poorly_makes_speech_that_is_loud_and_understood(clean, name):
    made = narrated(clean, DEGRADATIONS[name], None, Speech(voice="light"))
    assert made["output loudness, LUFS"] == pytest.approx(LOUDNESS, abs=TOLERANCE)
    assert made["output word error rate"] <= UNDERSTOOD
    assert made["output quality"] is None or made["output quality"] > 2.7


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gain -40 dB", "sampled at 8 kHz"])
def test_a_poor_recording_is_heard_as_loud_and_understood_no_worse_than_before(clean, name):
    made = driven(clean, DEGRADATIONS[name])
    assert made["loudness, LUFS"] == pytest.approx(LOUDNESS, abs=TOLERANCE)
    assert made["word error rate"] <= made["word error rate before"] + MARGIN


@pytest.mark.slow
def test_of_a_recording_as_loud_as_its_noise_the_speech_is_left_and_is_loud(clean):
    given = np.asarray(soxr.resample(DEGRADATIONS["white noise, SNR 0 dB"](clean), RATE, SPEECH_RATE))
    made = Recording()(given.astype(np.float32), REFERENCE).wave
    assert measures.loudness(made, SPEECH_RATE) == pytest.approx(LOUDNESS, abs=TOLERANCE)
    before, after = (measures.quality(measures.at_16k(wave, SPEECH_RATE)) for wave in (given, made))
    assert after > before + 0.3
