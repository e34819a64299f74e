import itertools
import re

import numpy as np
import pytest
import soxr
from utterances import TEXT, assert_contiguous, notes_of

from pfy_core import InputError
from pfy_core.events import watching
from pfy_core.kinds import VoiceProfile
from pfy_plugin_speech import bank
from pfy_plugin_speech.ports import LISTEN_RATE, RATE
from pfy_plugin_speech.sound import pitch, spectrum
from pfy_plugin_speech.sound.level import loudness
from pfy_plugin_speech.speech import END, LEAD, PAUSES, Speech


def speak(component, text, profile=None, seed=1):
    records = list(component(text, profile, seed=seed))
    return np.concatenate([record.wave for record in records]), [p for r in records for p in r.phones]


def pauses(phones):
    return [phone.end - phone.start for phone in phones[1:-1] if not phone.symbol]


def listened(wave):
    return np.asarray(soxr.resample(wave, RATE, LISTEN_RATE), np.float32)


def f0_of(wave):
    track = pitch.track(listened(wave))
    return float(np.median(track[track > 0]))


def test_there_is_a_record_for_every_sentence(said):
    assert len(said) == 3
    assert all(record.wave.dtype == np.float32 and record.wave.ndim == 1 for record in said)


def test_phones_are_contiguous_from_the_start_to_the_end_of_the_wave(phones, wave):
    assert_contiguous(phones, 0.0, len(wave) / RATE)


def test_every_record_has_the_phones_of_its_own_stretch(said):
    at = 0.0
    for record in said:
        assert_contiguous(record.phones, at, at + len(record.wave) / RATE)
        at += len(record.wave) / RATE


def test_the_sounds_are_those_of_the_text(phones):
    symbols = [phone.symbol for phone in phones if phone.symbol]
    assert "".join(symbols).startswith("ɡʊdmɔɹnɪŋmaɪmʌð")
    assert symbols.count("b") == TEXT.count("b")
    assert {phone.stress for phone in phones} == {0, 1, 2}


def test_there_is_sound_where_the_phones_say_so_and_silence_elsewhere(phones, wave):
    def level(phone):
        part = wave[int(phone.start * RATE) : int(phone.end * RATE)]
        return 20 * np.log10(np.sqrt(np.mean(part**2)) + 1e-9)

    vowels = [level(phone) for phone in phones if phone.stress == 2]
    silences = [level(phone) for phone in phones if not phone.symbol and phone.end - phone.start > 0.1]
    assert min(vowels) > -35
    assert max(silences) < -50


def test_speech_begins_and_ends_at_rest(phones):
    assert (phones[0].symbol, phones[-1].symbol) == ("", "")
    assert phones[0].end == pytest.approx(LEAD, abs=1e-3)
    assert phones[-1].end - phones[-1].start == pytest.approx(END, abs=1e-3)


def test_records_join_without_a_click(said):
    for one, other in itertools.pairwise(said):
        assert abs(one.wave[-1] - other.wave[0]) < 0.01


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(light, wave):
    assert np.array_equal(speak(light, TEXT)[0], wave)
    other = speak(light, TEXT, seed=2)[0]
    assert other.shape == wave.shape
    assert not np.array_equal(other, wave)


def test_a_component_has_no_memory(wave):
    speech = Speech(voice="light")
    speak(speech, "Something else before.")
    assert np.array_equal(speak(speech, TEXT)[0], wave)


@pytest.mark.parametrize("speed", [0.7, 0.9, 1.2, 1.6])
def test_speed_is_a_factor_on_the_pace_of_the_sounds(phones, speed):
    def spoken(phones):
        return sum(phone.end - phone.start for phone in phones if phone.symbol)

    _, other = speak(Speech(voice="light", speed=speed), TEXT)
    assert spoken(phones) / spoken(other) == pytest.approx(speed, rel=0.07)


@pytest.mark.parametrize("factor", [0.0, 0.5, 2.0])
def test_pause_is_a_factor_on_the_silence_between_sentences(factor):
    text = "One day. Two days.\n\nThree days."
    wave, phones = speak(Speech(voice="light", pause=factor), text)
    between = [pause for pause in pauses(phones) if pause > 0.039]
    usual = PAUSES["sentence"], PAUSES["paragraph"]
    if factor:
        breath = pauses(speak(Speech(voice="light", pause=0.0), text)[1])
        assert sum(between) - sum(breath) == pytest.approx(factor * sum(usual), abs=0.02)
    assert_contiguous(phones, 0.0, len(wave) / RATE)


@pytest.mark.parametrize("text", [TEXT, "Yes.", "No! Really? I do not think so."])
def test_speech_is_at_the_common_loudness(light, text):
    wave, _ = speak(light, text)
    assert loudness(wave, RATE) == pytest.approx(-16.0, abs=0.6)
    assert np.abs(wave).max() <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("text", [TEXT, "Hello. Yes. The old keeper climbed the stairs."])
def test_joe_speaks_at_the_common_loudness(text):
    wave, phones = speak(Speech(voice="joe"), text)
    assert loudness(wave, RATE) == pytest.approx(-16.0, abs=0.6)
    assert f0_of(wave) < 130
    assert_contiguous(phones, 0.0, len(wave) / RATE)


@pytest.mark.slow
def test_the_best_voice_speaks(kokoro):
    wave, phones = speak(Speech(voice="best"), "Yes, of course.")
    assert loudness(wave, RATE) == pytest.approx(-16.0, abs=0.8)
    assert_contiguous(phones, 0.0, len(wave) / RATE)
    assert "".join(phone.symbol for phone in phones).startswith("jɛs")


@pytest.mark.parametrize(
    ("text", "sends"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("?!...", "only punctuation"),
        ("%%% @ $", "only punctuation"),
        ("🙂 🙂", "only emoji"),
        ("Привет, мир", "mostly in Cyrillic script"),
        ("你好", "mostly in Chinese script"),
    ],
)
def test_what_cannot_be_spoken_is_refused(light, text, sends):
    with pytest.raises(InputError, match=sends):
        list(light(text, seed=0))


@pytest.mark.parametrize(
    ("config", "sends"),
    [
        ({"speed": 0.1}, "speed 0.1"),
        ({"speed": 3.0}, "speed 3"),
        ({"pause": -1.0}, "pause -1"),
        ({"voice": "hart"}, "voice 'hart'"),
    ],
)
def test_a_config_that_cannot_be_is_refused_before_anything_is_loaded(config, sends):
    with pytest.raises(InputError, match=re.escape(sends)) as caught:
        Speech(**config)
    assert caught.value.wants


def test_what_is_left_out_is_told(light):
    (wave, _), notes = notes_of(lambda: speak(light, "Well done 👍, мир."))
    assert len(notes) == 2
    assert "1 emoji" in notes[0]
    assert "3 letters of Cyrillic" in notes[1]
    assert len(wave) > RATE / 2


@pytest.mark.parametrize(
    "text", ["I", "a", "9", "9,9,9,9,9,9", "1.2.3.4", "x" * 500, "http://", "ß", "½", "Hm"]
)
def test_the_shortest_and_strangest_texts_are_spoken(light, text):
    wave, phones = speak(light, text)
    assert np.isfinite(wave).all()
    assert any(phone.symbol for phone in phones)
    assert_contiguous(phones, 0.0, len(wave) / RATE)


def test_a_long_text_is_heard_before_all_of_it_is_made(light):
    text = " ".join(f"This is sentence number {number} of many." for number in range(600))
    assert len(text) > 20_000
    done = []
    with watching(lambda event: done.append(event.done / event.total) if event.kind == "progress" else None):
        stream = light(text, seed=0)
        first = next(stream)
        assert done == [0.0]
        second = next(stream)
        stream.close()
    assert len(first.wave) < 6 * RATE
    assert second.phones[0].start == pytest.approx(len(first.wave) / RATE, abs=1e-6)
    assert done[-1] < 0.01


def test_a_sentence_longer_than_the_engine_can_say_is_said_in_parts(light):
    text = " ".join(["nineteen hundred and seventy seven thousand"] * 25)
    wave, phones = speak(light, text)
    assert_contiguous(phones, 0.0, len(wave) / RATE)
    assert sum(phone.symbol == "θ" for phone in phones) == 25


def profile(f0, bands=None):
    own = bank.sounds()["heart"].spectrum
    return VoiceProfile(10.0, f0, 2.5, own if bands is None else bands, -25.0, 40.0)


@pytest.mark.parametrize("semitones", [-2.5, 2.0])
def test_a_profile_moves_the_pitch_to_its_own(light, wave, semitones):
    target = bank.sounds()["heart"].f0 * 2 ** (semitones / 12)
    moved, phones = speak(light, TEXT, profile(target))
    assert 12 * np.log2(f0_of(moved) / f0_of(wave)) == pytest.approx(semitones, abs=0.5)
    assert len(moved) == pytest.approx(len(wave), rel=0.06)
    assert_contiguous(phones, 0.0, len(moved) / RATE)


def test_a_profile_moves_the_colour_toward_its_own_and_keeps_the_level(light, wave):
    own = bank.sounds()["heart"]
    tilt = np.linspace(8, -8, 48, dtype=np.float32)
    moved, _ = speak(light, TEXT, profile(own.f0, own.spectrum + tilt))
    change = spectrum.average(listened(moved)) - spectrum.average(listened(wave))
    assert np.polyfit(tilt, change, 1)[0] == pytest.approx(0.5, abs=0.2)
    assert loudness(moved, RATE) == pytest.approx(-16.0, abs=0.6)


def test_phones_stay_on_the_sounds_when_the_pitch_is_moved(light, phones):
    _, moved = speak(light, TEXT, profile(bank.sounds()["heart"].f0 * 2 ** (-2 / 12)))
    here, there = ([p for p in found if p.symbol] for found in (phones, moved))
    assert [p.symbol for p in here] == [p.symbol for p in there]
    lengths = np.array([[p.end - p.start for p in found] for found in (here, there)])
    assert np.abs(lengths[0] - lengths[1]).mean() < 0.02
