import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from utterances import assert_contiguous, tone

from pfy_plugin_speech.engines.utterance import Utterance
from pfy_plugin_speech.phones import IPA, locate
from pfy_plugin_speech.ports import RATE
from pfy_plugin_speech.text.g2p import vocabulary


def utterance(phonemes, seconds, loud=None):
    """A tone as long as ``seconds`` say (lead-in, one per phoneme, tail), silent where ``loud`` is 0."""
    assert len(seconds) == len(phonemes) + 2
    levels = loud or [0, *[0 if char in " .,!?" else 1 for char in phonemes], 0]
    wave = np.concatenate([tone(300, RATE, s, level) for s, level in zip(seconds, levels, strict=True)])
    return Utterance(wave, np.array(seconds, float))


def test_sounds_have_the_times_of_the_model():
    phones = locate(utterance("mæl", [0.1, 0.1, 0.2, 0.1, 0.1]), "mæl", 0.0).phones
    assert [phone.symbol for phone in phones] == ["", "m", "æ", "l", ""]
    assert [phone.end for phone in phones] == pytest.approx([0.1, 0.2, 0.4, 0.5, 0.6], abs=0.012)


def test_the_lag_of_a_model_is_taken_off_its_times():
    phones = locate(utterance("maɡ", [0.1, 0.1, 0.2, 0.1, 0.1], [1] * 5), "maɡ", 0.05).phones
    assert [phone.start for phone in phones if phone.symbol in ("a", "ɡ")] == pytest.approx([0.15, 0.35])


def test_stress_belongs_to_the_next_vowel_and_its_time_to_the_sound_after_it():
    phones = locate(utterance("tˈIˌm", [0.1, 0.1, 0.05, 0.2, 0.05, 0.1, 0.1], [1] * 7), "tˈIˌm", 0.0).phones
    sounds = [phone for phone in phones if phone.symbol]
    assert [(phone.symbol, phone.stress) for phone in sounds] == [("t", 0), ("aɪ", 2), ("m", 0)]
    assert sounds[1].start == pytest.approx(0.2)
    assert sounds[1].end - sounds[1].start == pytest.approx(0.25)


def test_length_belongs_to_the_sound_before_it():
    phones = locate(utterance("fɑː", [0.1, 0.1, 0.2, 0.1, 0.1]), "fɑː", 0.0).phones
    assert [phone.symbol for phone in phones if phone.symbol] == ["f", "ɑː"]
    assert max(phone.end for phone in phones if phone.symbol) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("char", "symbol"), sorted(IPA.items()))
def test_sounds_are_written_in_ipa(char, symbol):
    phones = locate(utterance(char, [0.1, 0.2, 0.1]), char, 0.0).phones
    assert [phone.symbol for phone in phones if phone.symbol] == [symbol]


def test_a_pause_at_a_comma_is_where_the_wave_is_silent_not_where_the_model_says():
    phonemes = "mæn, lʊ"
    model = [0.1, 0.1, 0.2, 0.4, 0.05, 0.05, 0.1, 0.2, 0.1]
    wave = utterance("mæn, lʊ", [0.1, 0.1, 0.2, 0.1, 0.2, 0.2, 0.1, 0.2, 0.1]).wave
    phones = locate(Utterance(wave, np.array(model)), phonemes, 0.0).phones
    pause = next(phone for phone in phones[1:-1] if not phone.symbol)
    assert (pause.start, pause.end) == pytest.approx((0.5, 0.9), abs=0.012)


def test_a_comma_that_is_spoken_over_is_no_pause():
    phones = locate(utterance("mæn, lʊ", [0.1] * 9, [0, *[1] * 7, 0]), "mæn, lʊ", 0.0).phones
    assert all(phone.symbol for phone in phones[1:-1])


def test_the_silence_of_a_stop_within_a_word_is_no_pause():
    phones = locate(utterance("æpə", [0.1, 0.2, 0.15, 0.2, 0.1], [0, 1, 0, 1, 0]), "æpə", 0.0).phones
    assert [phone.symbol for phone in phones] == ["", "æ", "p", "ə", ""]


def test_silence_that_the_model_gave_to_the_last_sound_is_silence():
    wave = utterance("ɑn.", [0.1, 0.2, 0.1, 0.5, 0.1]).wave
    phones = locate(Utterance(wave, np.array([0.1, 0.2, 0.6, 0.05, 0.05])), "ɑn.", 0.0).phones
    assert phones[-2].symbol == "n"
    assert phones[-2].end == pytest.approx(0.4, abs=0.012)


PHONEMES = st.text(alphabet=sorted(vocabulary()), min_size=1, max_size=30)


@settings(deadline=None, max_examples=200)
@given(PHONEMES, st.randoms(use_true_random=False), st.floats(0, 0.2))
def test_phones_are_contiguous_and_in_order_whatever_the_model_says(phonemes, random, lag):
    seconds = [random.choice([0.0, 0.025, 0.1, 0.3]) for _ in range(len(phonemes) + 2)]
    seconds[-1] += 0.05
    levels = [random.choice([0, 1]) for _ in seconds]
    phones = locate(utterance(phonemes, seconds, levels), phonemes, lag).phones
    spoken = utterance(phonemes, seconds, levels)
    assert_contiguous(phones, 0.0, len(spoken.wave) / RATE)
    symbols = iter([IPA.get(char, char) for char in phonemes])
    assert all(
        any(phone.symbol.rstrip("ː") == symbol for symbol in symbols) for phone in phones if phone.symbol
    )
    assert {phone.stress for phone in phones} <= {0, 1, 2}


def test_a_second_of_silence_has_only_silence():
    silent = Utterance(np.zeros(RATE, np.float32), np.array([0.5, 0.5]))
    assert_contiguous(locate(silent, "", 0.0).phones, 0.0, 1.0)
