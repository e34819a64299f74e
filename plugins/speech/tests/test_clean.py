import string
from typing import NamedTuple

import pytest
import utterances
from hypothesis import given
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_plugin_speech.text.clean import Cleaner
from pfy_plugin_speech.text.tracked import Tracked

PLAIN = set(string.ascii_letters + string.digits)


class Cleaned(NamedTuple):
    text: str
    notes: tuple[str, ...] = ()


def clean(text):
    cleaner = Cleaner()
    return Cleaned(cleaner(Tracked.of(text)).text, cleaner.notes())


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Привет, как дела?", "Cyrillic"),
        ("مرحبا بالعالم", "Arabic"),
        ("你好，世界。", "Chinese"),
        ("नमस्ते दुनिया", "Devanagari"),
        ("Γειά σου Κόσμε", "Greek"),
        ("こんにちは", "Japanese"),
        ("안녕하세요", "Korean"),
        ("Hi, Привет всем", "Cyrillic"),
    ],
)
def test_a_text_mostly_in_another_script_is_refused_by_the_name_of_the_script(text, script):
    with pytest.raises(InputError, match=f"mostly in {script} script") as caught:
        clean(text)
    assert "Latin script" in caught.value.wants
    assert "translate" in caught.value.fix


def test_a_foreign_word_in_an_english_text_is_left_out_with_a_note():
    cleaned = clean("The word Привет means hello, and 你 means you.")
    assert " ".join(cleaned.text.split()) == "The word means hello, and means you."
    assert cleaned.notes == (
        "1 letter of Chinese script cannot be spoken and was left out",
        "6 letters of Cyrillic script cannot be spoken and were left out",
    )


@pytest.mark.parametrize(("text", "count"), [("Well done 👍!", "1 emoji"), ("So 🙂 happy 🎉.", "2 emoji")])
def test_emoji_are_left_out_with_a_note(text, count):
    cleaned = clean(text)
    assert cleaned.text.isascii()
    assert len(cleaned.notes) == 1
    assert cleaned.notes[0].startswith(count)


def test_a_joined_emoji_is_one_emoji():
    assert clean("My 👨‍👩‍👧 and 👍🏽 family").notes[0].startswith("2 emoji")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("... !?", "only punctuation"),
        ("🙂🙂", "only emoji"),
        ("🇫🇷", "only emoji"),
    ],
)
def test_nothing_to_say_is_refused_with_the_reason(text, what):
    with pytest.raises(InputError, match=what):
        clean(text)


def test_control_characters_become_spaces_and_newlines_stay():
    assert clean("one\x00two\tthree\x1b\r\nfour\rfive\u2028six").text == "one two three \nfour\nfive\nsix"


def test_invisible_characters_vanish_without_cutting_a_word():
    assert clean("co\u00adop\u200ber\ufeffate").text == "cooperate"


def test_look_alikes_become_one_character():
    assert clean("don’t – it´s ‘so’ „fine“ « yes »").text == "don't – it's 'so' “fine“ “ yes ”"
    assert clean("ＨＥＬＬＯ ﬁne ٣ ①").text.split() == ["HELLO", "fine", "3", "1"]


def test_known_accents_stay_and_unknown_ones_are_dropped():
    assert clean("café naïve Dvořák Łódź Nguyễn").text == "café naïve Dvořák Łódź Nguyen"
    assert clean("cafe\u0301").text == "café"


def test_a_greek_letter_alone_is_a_symbol_with_a_name():
    cleaned = clean("the angle β and 2 π r")
    assert " ".join(cleaned.text.split()) == "the angle beta and 2 pi r"
    assert not cleaned.notes


@utterances.PATIENT
@given(st.text(max_size=80))
def test_any_text_is_cleaned_or_refused_and_no_plain_letter_is_lost(text):
    try:
        cleaned = clean(text)
    except InputError:
        return
    kept = iter(cleaned.text)
    assert all(char in kept for char in text if char in PLAIN)
    assert clean(cleaned.text) == Cleaned(cleaned.text)
    assert all(char.isprintable() or char == "\n" for char in cleaned.text)
