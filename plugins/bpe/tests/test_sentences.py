import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_bpe.languages import LANGUAGES
from pfy_plugin_bpe.sentences import parts, sentences

EN = LANGUAGES["en"]


def within(limit):
    return lambda text: len(text) <= limit


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Smith came. He left.", ["Dr. Smith came.", "He left."]),
        ("J. R. Smith came.", ["J. R. Smith came."]),
        ('He said "Go." Then he went...', ['He said "Go."', "Then he went..."]),
        ("It is 3.5 km to v1.2.", ["It is 3.5 km to v1.2."]),
        ("A title\n\nA text.", ["A title", "A text."]),
        ("One line\nof two", ["One line\nof two"]),
    ],
)
def test_sentences_end_where_a_reader_sees_them_end(text, found):
    assert [sentence for sentence in sentences(text, EN) if sentence] == found


def test_sentences_that_fit_together_stay_together():
    assert parts("One. Two. Three.", EN, within(9)) == ["One. Two.", "Three."]
    assert parts("One. Two. Three.", EN, within(100)) == ["One. Two. Three."]


def test_a_long_sentence_is_parted_at_a_pause_that_comes_late_enough():
    text = "the river and the bridge, and far away the sea"
    assert parts(text, EN, within(36)) == ["the river and the bridge,", "and far away the sea"]
    assert parts("a, bbb ccc ddd", EN, within(11)) == ["a, bbb ccc", "ddd"]


def test_a_word_that_is_too_long_is_cut():
    assert "".join(parts("a" * 100, EN, within(30))) == "a" * 100


@given(st.lists(st.text("abc,.! ", min_size=1, max_size=25), max_size=20), st.integers(1, 60))
def test_every_part_fits_and_nothing_is_lost(pieces, limit):
    text = " ".join(pieces)
    found = parts(text, EN, within(limit))
    assert all(len(part) <= limit for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())
