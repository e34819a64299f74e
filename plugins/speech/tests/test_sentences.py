import pytest
import utterances
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_speech.text.sentences import LONGEST, pieces
from pfy_plugin_speech.text.tracked import Tracked

PROSE = st.text(alphabet="abcXYZ .,;:!?—–…\"'()\n019", max_size=1500)


def cut(text):
    return [(piece.text.text, piece.boundary) for piece in pieces(Tracked.of(text))]


def texts(text):
    return [said for said, _ in cut(text)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three? Four… Five.", 5),
        ("He said “Stop!” Then he left.", 2),
        ("Dr. Smith met Mrs. Jones at 5 p.m. today.", 1),
        ("J. R. R. Tolkien wrote it. I read it.", 2),
        ("The U.S. Army is large.", 1),
        ("See fig. 3 and no. 7 of vol. 2. It is there.", 2),
        ("Pi is 3.14 or so. Yes.", 2),
        ("Wait... what is it?", 1),
        ("It was me, i.e. Peter, vs. Paul.", 1),
        ("It was I. Then she came.", 2),
        ("Was it you? Yes, no. Maybe.", 3),
    ],
)
def test_sentences_end_where_people_end_them(text, count):
    assert len(texts(text)) == count


def test_a_paragraph_ends_in_a_longer_pause_than_a_sentence():
    assert cut("One. Two.\n\nThree.") == [
        ("One.", "sentence"),
        ("Two.", "paragraph"),
        ("Three.", "paragraph"),
    ]


def test_headings_and_verses_are_sentences_of_their_own():
    assert texts("Shopping list\nTwo apples\nOne pear") == ["Shopping list.", "Two apples.", "One pear."]


def test_a_wrapped_paragraph_is_joined():
    lines = [
        "The weather will stay warm through the weekend, with a",
        "gentle breeze from the south and no rain at all",
        "until Monday.",
    ]
    assert texts("\n".join(lines)) == [" ".join(lines)]


def test_a_long_sentence_is_cut_at_clauses_and_goes_on():
    long = ", ".join(["the quick brown fox jumps over the lazy dog"] * 20) + "."
    found = cut(long)
    assert [boundary for _, boundary in found] == ["clause"] * (len(found) - 1) + ["paragraph"]
    assert all(said.endswith("dog,") for said, _ in found[:-1])


def test_a_long_sentence_without_commas_is_cut_between_words():
    words = ["word"] * 200
    found = texts(" ".join(words))
    assert len(found) > 1
    assert " ".join(found).replace(",", "").rstrip(".").split() == words


@pytest.mark.parametrize("text", ["", "\n\n", "  \n \n"])
def test_nothing_gives_nothing(text):
    assert texts(text) == []


@utterances.PATIENT
@given(PROSE)
def test_no_character_is_lost_and_no_piece_is_too_long(text):
    found = texts(text)
    assert all(0 < len(piece) <= LONGEST + 1 for piece in found)
    said = "".join("".join(piece.split()) for piece in found)
    wanted = "".join(text.split())
    given_up = iter(said)
    assert all(char in given_up for char in wanted)
    assert set(said) <= set(wanted) | {",", "."}
    assert len(said) <= len(wanted) + len(found)


@utterances.PATIENT
@given(PROSE)
def test_every_piece_ends_in_punctuation_and_the_last_in_a_paragraph(text):
    found = cut(text)
    assert all(
        said.rstrip("\"”'’)]")[-1:] in tuple(".!?…,;:—–") for said, _ in found if said.strip("\"”'’)]")
    )
    assert not found or found[-1][1] == "paragraph"
