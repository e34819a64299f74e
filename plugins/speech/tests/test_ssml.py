"""SSML: what it asks for is measured on the sound."""

import itertools
import time

import numpy as np
import pytest
import soxr
import utterances
from hypothesis import given
from hypothesis import strategies as st
from utterances import assert_contiguous, notes_of

from pfy_core import InputError
from pfy_plugin_speech.ports import LISTEN_RATE, RATE
from pfy_plugin_speech.sound import pitch
from pfy_plugin_speech.text.pronunciation import from_ipa
from pfy_plugin_speech.text.sayas import say_as
from pfy_plugin_speech.text.ssml import is_ssml, parse

SENTENCE = "We walk along the river every morning."


def speak(component, text):
    records = list(component(text, seed=1))
    wave = np.concatenate([record.wave for record in records])
    phones = [phone for record in records for phone in record.phones]
    assert_contiguous(phones, 0.0, len(wave) / RATE)
    return wave, phones, [word for record in records for word in record.words]


def f0_of(wave):
    track = pitch.track(np.asarray(soxr.resample(wave, RATE, LISTEN_RATE), np.float32))
    return float(np.median(track[track > 0]))


def level_of(wave):
    return float(10 * np.log10(np.mean(wave.astype(float) ** 2)))


def during(wave, word):
    return wave[int(word.start * RATE) : int(word.end * RATE)]


def word_of(words, text):
    return next(word for word in words if word.text.strip(".,") == text)


@pytest.fixture(scope="module")
def usual(light):
    return speak(light, SENTENCE)


@pytest.mark.parametrize("seconds", [0.3, 0.7, 2.0])
@pytest.mark.parametrize("text", ["One day <break time='{}s'/> later.", "One day. <break time='{}s'/>Later."])
def test_a_break_is_that_much_silence(light, text, seconds):
    wave, _, words = speak(light, f"<speak>{text.format(seconds)}</speak>")
    before, after = word_of(words, "day"), words[-1]
    assert after.start - before.end == pytest.approx(seconds, abs=0.03)
    silence = wave[int((before.end + 0.02) * RATE) : int((after.start - 0.02) * RATE)]
    assert np.abs(silence).max() < 0.02


def test_breaks_add_up_and_strength_names_a_length(light):
    _, _, words = speak(
        light, "<speak>One<break time='200ms'/><break time='300ms'/>two<break strength='none'/> three</speak>"
    )
    assert [word.text for word in words] == ["One", "two", "three"]
    assert words[1].start - words[0].end == pytest.approx(0.5, abs=0.03)
    assert words[2].start - words[1].end < 0.05


@pytest.mark.parametrize(("rate", "factor"), [("50%", 0.5), ("80%", 0.8), ("fast", 1.3), ("150%", 1.5)])
def test_the_rate_of_a_sentence(light, usual, rate, factor):
    _, _, words = speak(light, f"<speak><prosody rate='{rate}'>{SENTENCE}</prosody></speak>")
    lasted = words[-1].end - words[0].start
    assert (usual[2][-1].end - usual[2][0].start) / lasted == pytest.approx(factor, rel=0.1)


def test_the_rate_of_a_word_is_its_own(light, usual):
    slow = SENTENCE.replace("river", "<prosody rate='50%'>river</prosody>")
    _, _, words = speak(light, f"<speak>{slow}</speak>")

    def lasted(words, text):
        return word_of(words, text).end - word_of(words, text).start

    assert lasted(words, "river") == pytest.approx(2 * lasted(usual[2], "river"), rel=0.02)
    assert lasted(words, "walk") == pytest.approx(lasted(usual[2], "walk"), rel=0.02)


@pytest.mark.parametrize(
    ("asked", "semitones"), [("+3st", 3.0), ("-3st", -3.0), ("+10%", 1.65), ("x-high", 4.0)]
)
def test_the_pitch_of_a_sentence(light, usual, asked, semitones):
    wave, _, words = speak(light, f"<speak><prosody pitch='{asked}'>{SENTENCE}</prosody></speak>")
    assert 12 * np.log2(f0_of(wave) / f0_of(usual[0])) == pytest.approx(semitones, abs=0.4)
    assert words[-1].end == pytest.approx(usual[2][-1].end, abs=0.02)


@pytest.mark.parametrize(
    ("asked", "decibels"), [("-6dB", -6.0), ("soft", -6.0), ("+3dB", 3.0), ("50%", -6.0)]
)
def test_the_volume_of_a_sentence(light, usual, asked, decibels):
    wave, _, _ = speak(light, f"<speak><prosody volume='{asked}'>{SENTENCE}</prosody></speak>")
    assert level_of(wave) - level_of(usual[0]) == pytest.approx(decibels, abs=0.5)


def test_silent_is_silent(light):
    wave, _, _ = speak(light, f"<speak><prosody volume='silent'>{SENTENCE}</prosody></speak>")
    assert np.abs(wave).max() < 1e-4


def test_an_emphasised_word_is_longer_louder_and_higher(light, usual):
    marked = SENTENCE.replace("every", "<emphasis level='strong'>every</emphasis>")
    wave, phones, words = speak(light, f"<speak>{marked}</speak>")
    plain, strong = (word_of(found, "every") for found in (usual[2], words))
    assert strong.end - strong.start > 1.15 * (plain.end - plain.start)
    assert level_of(during(wave, strong)) > level_of(during(usual[0], plain)) + 1.5
    assert f0_of(during(wave, strong)) > 1.06 * f0_of(during(usual[0], plain))
    assert any(phone.stress == 2 for phone in phones if strong.start <= phone.start < strong.end)
    assert np.abs(wave).max() <= 0.98


def test_reduced_emphasis_is_the_other_way(light, usual):
    marked = SENTENCE.replace("every", "<emphasis level='reduced'>every</emphasis>")
    wave, _, words = speak(light, f"<speak>{marked}</speak>")
    plain, weak = (word_of(found, "every") for found in (usual[2], words))
    assert level_of(during(wave, weak)) < level_of(during(usual[0], plain)) - 1.5


@pytest.mark.parametrize(
    ("ipa", "symbols"),
    [
        ("təˈmɑːtəʊ", ["t", "ə", "m", "ɑː", "t", "əʊ"]),
        ("pɪˈkɑn", ["p", "ɪ", "k", "ɑ", "n"]),
        ("ˈt͡ʃiːz", ["tʃ", "iː", "z"]),
        ("ɡreɪt", ["ɡ", "ɹ", "eɪ", "t"]),
    ],
)
def test_a_phoneme_element_is_spoken_as_it_says(light, ipa, symbols):
    _, phones, words = speak(
        light, f"<speak>Say <phoneme alphabet='ipa' ph='{ipa}'>Xyz1</phoneme> again.</speak>"
    )
    assert [word.text for word in words] == ["Say", "Xyz1", "again."]
    inside = [
        p.symbol for p in phones if p.symbol and words[1].start <= (p.start + p.end) / 2 <= words[1].end
    ]
    assert inside == symbols


@pytest.mark.parametrize(
    ("text", "kind", "form", "said"),
    [
        ("abc", "characters", "", "A, B, C"),
        ("A-1", "spell-out", "", "A, dash, one"),
        ("1234", "cardinal", "", "one thousand two hundred thirty-four"),
        ("21", "ordinal", "", "twenty-first"),
        ("1234", "digits", "", "one two three four"),
        ("3/4", "fraction", "", "three quarters"),
        ("1 1/2", "fraction", "", "one and one half"),
        ("10/11/2024", "date", "dmy", "November tenth, twenty twenty-four"),
        ("10/11/2024", "date", "mdy", "October eleventh, twenty twenty-four"),
        ("2024-05", "date", "ym", "May, twenty twenty-four"),
        ("2'30", "time", "", "two minutes and thirty seconds"),
        ("+1 (555) 0199", "telephone", "", "plus one, five five five, zero one nine nine"),
        ("hello", "cardinal", "", "hello"),
    ],
)
def test_say_as(text, kind, form, said):
    assert say_as(text, kind, form) == said


def test_a_substitute_is_spoken_and_the_text_is_shown(light):
    _, phones, words = speak(light, "<speak>The <sub alias='World Wide Web'>W3 C</sub> is big.</speak>")
    assert [word.text for word in words] == ["The", "W3 C", "is", "big."]
    assert "".join(phone.symbol for phone in phones if phone.symbol).count("w") == 3


def test_paragraphs_and_sentences_end_what_is_in_them(light):
    _, _, words = speak(light, "<speak><p><s>one</s><s>two</s></p><p>three</p></speak>")
    gaps = [words[1].start - words[0].end, words[2].start - words[1].end]
    assert [word.text for word in words] == ["one", "two", "three"]
    assert gaps[1] > gaps[0] + 0.2 > 0.5


def test_a_voice_element_has_its_words_said_by_that_voice(light):
    script = parse("<speak>Hello. <voice name='joe'>Good day.</voice> Bye.</speak>")
    assert [passage.voice for passage in script.passages] == [None, "joe", None]
    with pytest.raises(InputError, match="voice 'jo'"):
        list(light("<speak><voice name='jo'>Good day.</voice></speak>", seed=0))


@pytest.mark.parametrize(
    ("text", "sends", "fix"),
    [
        ("<speak>one <b>two</speak>", "line 1, column 12: <b> is unknown", "one of <speak>"),
        ("<speak>\n<empasis>two</empasis></speak>", "line 2, column 1: <empasis> is unknown", "emphasis"),
        ("<speak>one", "line 1, column 11: the text ends before an element is closed", "close every"),
        ("<speak>one</p></speak>", "closing tag does not match", "close every"),
        ("<speak>a & b</speak>", "line 1, column 11", "&amp;"),
        ("<speak>a &nbsp; b</speak>", "an entity that XML does not know", "&amp;"),
        ("<speak>a <break time='5'/></speak>", 'time="5"', "1.5s"),
        ("<speak>a <break time='500s'/></speak>", "a break of 500 s", "60 s"),
        ("<speak>a <break strength='big'/></speak>", 'strength="big"', "medium"),
        ("<speak><prosody rate='fats'>a</prosody></speak>", 'rate="fats"', "fast"),
        ("<speak><prosody pitch='up'>a</prosody></speak>", 'pitch="up"', "2st"),
        ("<speak><emphasis level='strng'>a</emphasis></speak>", 'level="strng"', "strong"),
        ("<speak><phoneme>a</phoneme></speak>", "<phoneme> without ph", "ph="),
        ("<speak><phoneme ph='7'>a</phoneme></speak>", "unknown symbol 7", "IPA"),
        ("<speak><phoneme alphabet='x-sampa' ph='a'>a</phoneme></speak>", "x-sampa", "ipa"),
        ("<speak><sub alias='x'></sub></speak>", "<sub> has no text", ""),
        ("<speak><say-as interpret-as='ordnal'>1</say-as></speak>", "ordnal", "ordinal"),
        ("<speak>a</speak> b", "text after </speak>", ""),
        ("<speak><sub alias='x'>a<break/></sub></speak>", "holds text only", ""),
        ("<speak></speak>", "empty", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_place(light, text, sends, fix):
    with pytest.raises(InputError) as caught:
        list(light(text, seed=0))
    assert sends in caught.value.sends
    assert fix in caught.value.fix


BOMB = '<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {after} "{10 * ("&" + before + ";")}">' for before, after in itertools.pairwise("abcdefghij")
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB + "]><speak>&j;</speak>",
        '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><speak>&x;</speak>',
        '<!DOCTYPE speak SYSTEM "http://localhost/x.dtd"><speak>Hello.</speak>',
    ],
    ids=["bomb", "file", "dtd"],
)
def test_entities_are_refused_at_once(light, text):
    began = time.monotonic()
    with pytest.raises(InputError, match="document type"):
        list(light(text, seed=0))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "text", ["2 < 3 is true.", "I <3 you.", "Say <speak> aloud.", "<speaker> is here.", "a > b"]
)
def test_plain_text_with_angle_brackets_stays_plain(light, text):
    assert not is_ssml(text)
    _, _, words = speak(light, text)
    assert "".join(word.text for word in words) == "".join(text.split())


def test_what_changes_nothing_is_told(light):
    _, notes = notes_of(
        lambda: speak(light, "<speak>One <mark name='a'/><prosody contour='x'>two</prosody>.</speak>")
    )
    assert any("<mark>" in told for told in notes)
    assert any("contour" in told for told in notes)


def test_nested_styles_combine():
    script = parse(
        "<speak><prosody rate='200%' pitch='+2st'>a"
        "<prosody rate='50%' pitch='+1st'>b</prosody></prosody></speak>"
    )
    inner = script.style(script.written.index("b"))
    assert (inner.rate, inner.pitch) == (1.0, 3.0)


@utterances.PATIENT
@given(st.text(alphabet="<>/&;='\" speakbrtimonhu", max_size=80))
def test_any_text_after_speak_is_parsed_or_refused(text):
    try:
        script = parse(f"<speak>{text}</speak>")
    except InputError as error:
        told = error.sends
    else:
        told = "line"
        said = "".join("".join(passage.text.text.split()) for passage in script.passages)
        assert said == "".join(script.written.split())
    assert "line" in told


@pytest.mark.parametrize("ipa", ["", " ", "ˈ", "7", "ʘ"])
def test_what_is_no_sound_is_refused(ipa):
    with pytest.raises(InputError, match=r"symbol|sound"):
        from_ipa(ipa)
