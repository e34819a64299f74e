"""What measures listen with, on speech whose sounds, words and voice are known."""

import numpy as np
import pytest
from utterances import TEXT, assert_contiguous, noise

from pfy_core import InputError
from pfy_core.errors import WeightsError
from pfy_plugin_speech.measuring import AlignedPhones, SpeakerEmbedding, SpeechQuality, Understood
from pfy_plugin_speech.ports import LISTEN_RATE

BILABIALS = ("p", "b", "m")
SILENCE = np.zeros(LISTEN_RATE, np.float32)


@pytest.fixture(scope="module")
def aligned(heard):
    return AlignedPhones()(heard, TEXT)


def test_the_embedding_is_that_of_a_voice_profile(heard, profiler):
    found = SpeakerEmbedding()(heard)
    assert found == pytest.approx(profiler(heard).embedding, abs=1e-6)
    assert np.linalg.norm(found) == pytest.approx(1.0, abs=1e-5)


def test_pauses_and_rumble_say_little_of_who_speaks(heard):
    plain = SpeakerEmbedding()(heard)
    hum = 0.05 * np.sin(2 * np.pi * 25 * np.arange(len(heard)) / LISTEN_RATE).astype(np.float32)
    spoiled = np.concatenate([SILENCE, heard + hum, SILENCE, SILENCE])
    assert float(plain @ SpeakerEmbedding()(spoiled)) > 0.95


def test_phones_are_those_that_were_spoken_where_they_were_spoken(aligned, heard, phones):
    assert_contiguous(aligned, 0.0, len(heard) / LISTEN_RATE)
    seen, known = (
        [((p.start + p.end) / 2, p.symbol) for p in some if p.symbol in BILABIALS]
        for some in (aligned, phones)
    )
    assert [symbol for _, symbol in seen] == [symbol for _, symbol in known]
    off = np.array([one - other for (one, _), (other, _) in zip(seen, known, strict=True)])
    assert np.median(np.abs(off)) < 0.04


def test_other_words_do_not_fit(heard):
    with pytest.raises(InputError, match="do not fit"):
        AlignedPhones()(
            heard, "Nothing of the kind was said by anybody in this room, and nobody was asked to."
        )


def test_noise_lowers_what_listeners_would_say(heard):
    clean = SpeechQuality()(heard)
    spoiled = SpeechQuality()(heard + noise(len(heard) / LISTEN_RATE, LISTEN_RATE, 0.03)[: len(heard)])
    assert clean.shape == (3,)
    assert (spoiled < clean).all()
    assert 1 <= spoiled.min() <= clean.max() <= 5


def test_the_words_of_clear_speech_are_mostly_heard(heard):
    said = set(TEXT.lower().replace(".", "").replace(",", "").split())
    assert len(said & set(Understood()(heard).split())) > 0.8 * len(said)


@pytest.mark.parametrize("listen", [SpeakerEmbedding(), SpeechQuality(), Understood()])
@pytest.mark.parametrize("wave", [SILENCE, SILENCE[:100], np.full(LISTEN_RATE, np.nan, np.float32)])
def test_of_nothing_nothing_is_said(listen, wave):
    with pytest.raises(InputError):
        listen(wave)


@pytest.mark.parametrize("text", ["", "...", "-- !"])
def test_a_text_without_words_is_refused(heard, text):
    with pytest.raises(InputError):
        AlignedPhones()(heard, text)


@pytest.mark.parametrize("listen", [SpeakerEmbedding, SpeechQuality])
def test_without_the_networks_there_is_no_number(heard, empty_home, listen):
    with pytest.raises(WeightsError):
        listen()(heard)
