import re

import pytest
import utterances
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_speech.text import spoken
from pfy_plugin_speech.text.tracked import Tracked


def spell_out(text):
    return spoken.spell_out(spoken.without_markup(Tracked.of(text))).text


@pytest.mark.parametrize(
    ("text", "wanted"),
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
def test_addresses_are_spoken_as_people_say_them(text, wanted):
    assert spell_out(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# Title\n\n- one\n* two\n> three", "Title\n\none\ntwo\nthree"),
        ("a [link](https://a.org/b) and ![a picture](x.png)", "a link and a picture"),
        ("[it](https://a.org/b_(c)) is", "it is"),
        ("Wait -----!!!! what????", "Wait -! what?"),
        ("and so on...", "and so on..."),
    ],
)
def test_mark_up_is_not_spoken(text, wanted):
    assert spell_out(text) == wanted


def test_handles_and_hashtags_are_said_in_words():
    assert spell_out("Ask @jane_doe about #MachineLearning2024.") == (
        "Ask at jane underscore doe about hashtag Machine Learning 2024."
    )


@pytest.mark.parametrize(
    "long", ["a", "a.", "a-", "a@", "www.", "[", "[a](", "](", "http://", "1", "_", "a.b@", "*", "- ", "x/"]
)
def test_endless_nonsense_is_broken_up_without_endless_work(long):
    """Time that grows with the square of the length would be seen here as minutes."""
    said = spell_out(long * (200_000 // len(long)))
    assert max(map(len, said.split()), default=0) <= 48


@utterances.PATIENT
@given(st.text(alphabet="abz AI09@.:/-_[]()#*!?'\n", max_size=200))
def test_no_word_is_lost_but_from_the_tails_of_addresses(text):
    said = spell_out(text)
    if re.search(r"[@:/]|\]\(|www|\.\w\w", text):
        return
    kept = iter(said)
    assert all(char in kept for char in text if char.isalnum())


@utterances.PATIENT
@given(st.text(max_size=200))
def test_any_text_can_be_spelled_out(text):
    assert all(len(word) < 49 for word in spell_out(text).split())
