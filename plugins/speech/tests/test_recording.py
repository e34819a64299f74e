import difflib

import numpy as np
import pytest
from utterances import TEXT, assert_contiguous, noise, notes_of, tone

from pfy_core import InputError
from pfy_plugin_speech.ports import RATE
from pfy_plugin_speech.recording import Recording
from pfy_plugin_speech.sound.level import loudness

SAME = {"ʌ": "ə", "ɐ": "ə", "ɾ": "t", "ɜɹ": "ɜ", "əɹ": "ɜ", "i": "ɪ", "ɑ": "ɔ", "ᵊ": "ə", "ɪ": "ɪ"}
"""Sounds that the two alphabets write differently, or that dictionaries differ about."""


def symbols(phones):
    return [SAME.get(phone.symbol.rstrip("ː"), phone.symbol.rstrip("ː")) for phone in phones if phone.symbol]


def matched(found, phones):
    """Pairs of the same sound in two lists of phones."""
    found, phones = ([p for p in some if p.symbol] for some in (found, phones))
    blocks = difflib.SequenceMatcher(
        a=symbols(found), b=symbols(phones), autojunk=False
    ).get_matching_blocks()
    return [(found[b.a + i], phones[b.b + i]) for b in blocks for i in range(b.size)]


@pytest.fixture(scope="module")
def aligned(aligner, wave):
    return aligner(wave, TEXT)


def test_of_a_good_recording_only_the_level_is_changed(aligned, wave):
    assert len(aligned.wave) == len(wave)
    assert np.corrcoef(aligned.wave, wave)[0, 1] > 0.999


@pytest.mark.parametrize("gain", [0.005, 0.1, 1.0])
@pytest.mark.parametrize("target", [-23.0, -16.0])
def test_a_recording_comes_out_at_the_wanted_loudness(wave, gain, target):
    made = Recording(clean="off", loudness=target)(wave * np.float32(gain)).wave
    assert loudness(made, RATE) == pytest.approx(target, abs=0.3)
    assert np.abs(made).max() < 0.99


@pytest.mark.parametrize("target", [-40.0, 0.0])
def test_a_loudness_that_nobody_can_want_is_refused(target):
    with pytest.raises(InputError, match="loudness"):
        Recording(loudness=target)


def test_noise_is_taken_out_where_it_is_and_told(aligner, wave):
    spoiled = np.clip(wave + noise(len(wave) / RATE, RATE, 0.03)[: len(wave)], -1, 1)
    made, notes = notes_of(lambda: aligner(spoiled, TEXT))
    kept, _ = notes_of(lambda: Recording(clean="off")(spoiled, TEXT))
    pause = slice(0, int(0.1 * RATE))
    assert np.std(made.wave[pause]) < 0.2 * np.std(kept.wave[pause])
    assert any("took noise out" in told and "quality" in told for told in notes)


def test_what_was_cut_off_is_rebuilt(aligner, wave):
    peak = float(np.abs(wave).max())
    spoiled = np.clip(2.5 * wave / peak, -1, 1) * np.float32(0.7)
    made, notes = notes_of(lambda: Recording(clean="on")(spoiled, TEXT))
    assert any("clipped" in told for told in notes)
    assert any("rebuilt what was cut off" in told for told in notes)
    assert np.corrcoef(made.wave, wave)[0, 1] > 0.9  # below 60 Hz the phase is turned


def test_without_the_networks_a_recording_is_still_levelled(aligner, wave, empty_home):
    made = aligner(wave * np.float32(0.05), TEXT)
    assert loudness(made.wave, RATE) == pytest.approx(-16.0, abs=0.3)


def test_phones_are_contiguous_from_the_start_to_the_end_of_the_recording(aligned, wave):
    assert_contiguous(aligned.phones, 0.0, len(wave) / RATE)


def test_the_phones_of_known_words_are_those_of_the_words(aligned, phones):
    pairs = matched(aligned.phones, phones)
    assert len(pairs) > 0.9 * len(symbols(phones))


def test_boundaries_are_where_the_speech_was_made_to_have_them(aligned, phones):
    pairs = matched(aligned.phones, phones)
    errors = [abs(a.start - b.start) for a, b in pairs] + [abs(a.end - b.end) for a, b in pairs]
    assert np.median(errors) < 0.040


def test_stress_is_kept(aligned, phones):
    pairs = matched(aligned.phones, phones)
    stressed = [a.stress == b.stress for a, b in pairs if b.stress]
    assert len(stressed) > 15
    assert np.mean(stressed) > 0.9


def test_without_words_most_lips_that_close_are_found(aligner, wave, phones):
    found = aligner(wave).phones
    assert_contiguous(found, 0.0, len(wave) / RATE)
    closures = [(p.start + p.end) / 2 for p in phones if p.symbol in ("p", "b", "m")]
    heard = [(p.start - 0.06, p.end + 0.06) for p in found if p.symbol in ("p", "b", "m")]
    hits = [any(start <= at <= end for start, end in heard) for at in closures]
    assert len(hits) > 12
    assert np.mean(hits) > 0.6


@pytest.mark.parametrize(
    ("wave", "sends"),
    [
        (np.zeros(3 * RATE, np.float32), "silent"),
        (np.zeros(0, np.float32), r"0\.00 s of sound"),
        (tone(300, RATE, 0.2), r"0\.20 s of sound"),
    ],
    ids=["silent", "empty", "short"],
)
@pytest.mark.parametrize("text", [None, "Hello there."])
def test_silence_and_scraps_are_refused(aligner, wave, sends, text):
    with pytest.raises(InputError, match=sends):
        aligner(wave, text)


def test_noise_without_anybody_speaking_is_refused(aligner):
    with pytest.raises(InputError, match="no speech"):
        aligner(noise(5.0, RATE))


@pytest.mark.parametrize(
    "text",
    [
        "Completely different words that nobody has said in this recording at all, of quite another length.",
        "No.",
        "word " * 400,
    ],
)
def test_the_words_of_another_text_still_give_phones_in_order(aligner, wave, text):
    found, notes = notes_of(lambda: aligner(wave, text))
    assert_contiguous(found.phones, 0.0, len(wave) / RATE)
    assert any(phone.symbol for phone in found.phones)
    assert all("do not fit" in told for told in notes)


def test_words_that_cannot_be_in_the_recording_are_told(aligner, wave):
    _, notes = notes_of(lambda: aligner(wave, "far too many words for so short a recording " * 60))
    assert notes == ["the words do not fit the recording; its sounds are recognised without them"]


def test_digits_and_money_are_aligned_as_they_are_spoken(aligner, light):
    text = "In 1969 it cost $3.50, or 12%, at example.com. My number is 12345678901234567."
    said = list(light(text, seed=0))
    wave = np.concatenate([record.wave for record in said])
    made = [phone for record in said for phone in record.phones]
    found, notes = notes_of(lambda: aligner(wave, text))
    assert notes == []
    pairs = matched(found.phones, made)
    assert len(pairs) > 0.85 * len(symbols(made))
    assert np.median([abs(a.start - b.start) for a, b in pairs]) < 0.040


def test_level_does_not_matter(aligner, wave, aligned):
    quiet = aligner(wave * np.float32(0.02), TEXT).phones
    pairs = matched(quiet, aligned.phones)
    assert np.median([abs(a.start - b.start) for a, b in pairs]) < 0.011


def test_noise_around_the_speech_is_silence(aligner, wave, phones):
    padded = np.pad(wave, RATE) + noise(len(wave) / RATE + 2, RATE, 1e-3)[: len(wave) + 2 * RATE]
    found = aligner(padded.astype(np.float32), TEXT).phones
    first = next(phone for phone in found if phone.symbol)
    assert first.start == pytest.approx(1 + phones[0].end, abs=0.08)


@pytest.mark.parametrize("text", ["...", "", "Привет"])
def test_words_that_cannot_be_spoken_are_refused(aligner, wave, text):
    with pytest.raises(InputError):
        aligner(wave, text)


def test_the_recording_is_left_as_it_was_and_the_result_is_the_same_again(aligner, wave, aligned):
    before = wave.copy()
    assert aligner(wave, TEXT).phones == aligned.phones
    assert np.array_equal(wave, before)
