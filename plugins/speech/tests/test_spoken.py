import re

import pytest
import utterances
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_speech.text.spoken import spell_out


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("See https://www.example.co.uk/path/to?x=1#y.", "See example dot co dot U K slash path slash to."),
        ("Go to example.com, now.", "Go to example dot com, now."),
        ("www.my-site.org/a_b", "my dash site dot org slash a underscore b"),
        ("http://user@host.de:8080/", "host dot D E"),
        ("(https://pfy.dev)", "(pfy dot dev)"),
        ("jo.b+x@mail.example.org, please", "jo dot b plus x at mail dot example dot org, please"),
        ("mailto:me@home.net", "me at home dot net"),
        ("3.14 and v1.2.3 e.g. this", "3.14 and v1.2.3 e.g. this"),
        ("end.Then", "end.Then"),
    ],
)
def test_addresses_are_spoken_as_people_say_them(text, spoken):
    assert spell_out(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("# Title\n\n- one\n* two\n> three", "Title\n\none\ntwo\nthree"),
        ("a [link](https://a.org/b) and ![a picture](x.png)", "a link and a picture"),
        ("[it](https://a.org/b_(c)) is", "it is"),
        ("Wait -----!!!! what????", "Wait -! what?"),
        ("and so on...", "and so on..."),
    ],
)
def test_mark_up_is_not_spoken(text, spoken):
    assert spell_out(text) == spoken


def test_a_number_too_long_to_name_is_read_digit_by_digit():
    assert spell_out("card 1234567890123456.") == "card 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6."
    assert spell_out("only 123456789012345") == "only 123456789012345"


def test_a_pronoun_is_no_roman_numeral(american):
    assert "ˌI" in american(spell_out("This is the book I read."))
    assert "ˌI" not in american(spell_out("This is chapter I."))


@pytest.mark.parametrize(
    "long", ["a", "a.", "a-", "a@", "www.", "[", "[a](", "](", "http://", "1", "_", "a.b@", "*", "- ", "x/"]
)
def test_endless_nonsense_is_broken_up_without_endless_work(long):
    """Time that grows with the square of the length would be seen here as minutes."""
    spoken = spell_out(long * (200_000 // len(long)))
    assert max(map(len, spoken.split()), default=0) <= 48


@utterances.PATIENT
@given(st.text(alphabet="abz AI09@.:/-_[]()#*!?'\n", max_size=200))
def test_no_word_is_lost_but_from_the_tails_of_addresses(text):
    spoken = spell_out(text)
    if re.search(r"[@:/]|\]\(|www|\.\w\w", text):
        return
    kept = iter(spoken)
    assert all(char in kept for char in text if char.isalnum())


@utterances.PATIENT
@given(st.text(max_size=200))
def test_any_text_can_be_spelled_out(text):
    assert all(len(word) < 49 for word in spell_out(text).split())
