"""Words: every character of the written text belongs to one, and each has its time."""

import itertools
import re

import numpy as np
import pytest
import utterances
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_plugin_speech.ports import RATE
from pfy_plugin_speech.speech import Speech
from pfy_plugin_speech.text.g2p import phonemizer
from pfy_plugin_speech.text.lines import lines
from pfy_plugin_speech.text.read import read
from pfy_plugin_speech.text.transcript import Transcript
from pfy_plugin_speech.text.words import Page


def speak(component, text):
    records = list(component(text, seed=1))
    return np.concatenate([r.wave for r in records]), [w for r in records for w in r.words]


def assert_ordered(words, length):
    assert all(0 <= word.start < word.end <= length for word in words)
    assert all(one.end <= other.start + 1e-9 for one, other in itertools.pairwise(words))


def test_every_word_has_its_time(light, said, phones):
    words = [word for record in said for word in record.words]
    assert [word.text for word in words] == utterances.TEXT.split()
    assert_ordered(words, phones[-1].end)
    starts = {round(phone.start, 6) for phone in phones}
    assert all(round(word.start, 6) in starts for word in words)


def test_words_hold_their_own_sounds(said, phones):
    words = [word for record in said for word in record.words]
    mother = next(word for word in words if word.text == "mother")
    inside = [p.symbol for p in phones if mother.start <= (p.start + p.end) / 2 <= mother.end]
    assert inside == ["m", "ʌ", "ð", "ə", "ɹ"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It costs $5.20, Dr. Lee.", ["It", "costs", "$5.20,", "Dr.", "Lee."]),
        ("About $5 million went.", ["About", "$5 million", "went."]),
        ("On May 5, 2024, we met.", ["On", "May", "5,", "2024,", "we", "met."]),
        ("Call 555-123-4567 now!", ["Call", "555-123-4567", "now!"]),
        ("One — two.", ["One —", "two."]),
        ("- milk\n- eggs", ["- milk", "- eggs"]),
        ("Well done 👍, you.", ["Well", "done 👍,", "you."]),
        ("“Yes,” he said…", ["“Yes,”", "he", "said…"]),
        ("See [the page](https://a.org/b c) now.", ["See", "[the", "page](https://a.org/b c)", "now."]),
        ("Write to jo@home.net.", ["Write", "to", "jo@home.net."]),
        ("2+2=4 is true", ["2+2=4", "is", "true"]),
        ("*** One *** two ***", ["*** One ***", "two ***"]),
    ],
)
def test_words_are_as_they_are_written(light, text, words):
    wave, found = speak(light, text)
    assert [word.text for word in found] == words
    assert_ordered(found, len(wave) / RATE)


WORDS = """
the cat sat, on a mat. Dr. $5.20 $3 million 12% — - (so) 5/6 May 5, 2024! 🙂 e.g. x² NASA's http://a.org/b
#tag @me 10-15 3:30 pm VIII 007 ... “quoted” don't naïve мир 1,234.5 km/h & * __init__ v1.2.3 +1 555 0199 a/b
"""
WRITTEN = st.lists(st.sampled_from([*WORDS.split(), "\n\n", "\n"]), min_size=1, max_size=14)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(WRITTEN)
def test_words_cover_the_text_in_order(parts):
    text = " ".join(parts)
    try:
        script = read(text)
    except InputError:
        return
    page = Page(script.written)
    found = []
    for line in lines(script, page, lambda _: phonemizer(), 400, 0, 1.0):
        times = [(float(index), index + 1.0) for index in range(len(line.groups))]
        assert sorted({owner for owner in line.owners if owner >= 0}) == list(range(len(line.groups)))
        found += page.take(line.groups, times, None if line.last else line.until)
    if found:
        assert "".join("".join(word.text.split()) for word in found) == "".join(text.split())


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WRITTEN)
def test_spoken_words_are_ordered_and_inside_the_speech(light, parts):
    try:
        wave, words = speak(light, " ".join(parts))
    except InputError:
        return
    assert_ordered(words, len(wave) / RATE)
    assert "".join("".join(word.text.split()) for word in words) == "".join("".join(parts).split())


def test_a_sentence_in_parts_has_each_word_once():
    text = ", ".join(["nineteen hundred and seventy seven thousand reasons"] * 14) + "."
    wave, words = speak(Speech(voice="light"), text)
    assert [word.text for word in words] == text.split()
    assert_ordered(words, len(wave) / RATE)


def test_a_recording_has_the_times_of_its_words(aligner, said, wave):
    made = [word for record in said for word in record.words]
    found = aligner(wave, utterances.TEXT).words
    assert [word.text for word in found] == [word.text for word in made]
    assert np.median([abs(a.start - b.start) for a, b in zip(found, made, strict=True)]) < 0.04
    assert np.median([abs(a.end - b.end) for a, b in zip(found, made, strict=True)]) < 0.05
    assert aligner(wave).words == []


def test_a_transcript_knows_what_is_said_of_every_word():
    transcript = Transcript("It cost $3.50 — on May 5.")
    times = [(float(index), index + 1.0) for index in range(len(transcript.pronunciations))]
    words = transcript.words(times)
    assert [word.text for word in words] == ["It", "cost", "$3.50 —", "on", "May", "5."]
    assert words[2].end - words[2].start == 5.0
    assert len(transcript.words([None] * len(times))) == 0


def test_a_long_script_is_read_as_it_is_spoken(monkeypatch, light):
    """Before the first sound, no more than the first three sentences are turned into phonemes."""
    asked = []
    real = type(phonemizer()).__call__
    monkeypatch.setattr(type(phonemizer()), "__call__", lambda self, *a: (asked.append(1), real(self, *a))[1])
    stream = light("Here is one more sentence to say. " * 1500, seed=0)
    next(stream)
    assert len(asked) <= 3
    next(stream)
    assert len(asked) <= 4
    stream.close()


def test_what_cannot_be_spoken_is_told_before_anything_is_said(light):
    with pytest.raises(InputError, match=r"nothing in the text can be spoken|only punctuation"):
        next(light("<speak>% </speak>", seed=0))


def test_a_slow_voice_begins_with_the_first_clause():
    script = read(
        "When the long winter was over at last, the old keeper of the lighthouse climbed down, "
        "and slept for a week."
    )
    page = Page(script.written)
    made = list(lines(script, page, lambda _: phonemizer(), 400, 60, 1.0))
    whole = list(lines(script, page, lambda _: phonemizer(), 400, 0, 1.0))
    assert len(made) == 2
    assert len(whole) == 1
    assert re.sub(r"\s", "", "".join(line.phonemes for line in made)) == re.sub(r"\s", "", whole[0].phonemes)
    assert made[0].phonemes.endswith(",")
