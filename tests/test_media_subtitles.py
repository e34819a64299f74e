"""Subtitles: cues that can be read, in the order of the speech, and files that players understand."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_core.kinds import Word
from pfy_core.media import subtitles

TEXT = (
    "Good morning. The weather will stay warm through the weekend, with a gentle breeze from the south, "
    "although some rain may fall on Sunday evening near the coast. Bring water!"
)


def spoken(text, pace=0.3, start=0.5):
    return [
        Word(word, start + index * pace, start + (index + 0.9) * pace)
        for index, word in enumerate(text.split())
    ]


def test_a_cue_ends_with_its_sentence():
    texts = [" ".join(cue.lines) for cue in subtitles.cues(spoken(TEXT))]
    assert texts[0] == "Good morning."
    assert texts[-1] == "Bring water!"
    assert " ".join(texts) == TEXT


def test_a_title_and_an_initial_do_not_end_a_sentence():
    words = spoken("Good morning, Dr. J. R. Smith! It is 5 p.m. already.")
    texts = [" ".join(cue.lines) for cue in subtitles.cues(words)]
    assert texts == ["Good morning, Dr. J. R. Smith!", "It is 5 p.m. already."]


def test_a_full_cue_is_parted_after_a_clause():
    texts = [" ".join(cue.lines) for cue in subtitles.cues(spoken(TEXT))]
    assert texts[1].endswith("the weekend,")


def test_a_cue_starts_with_its_first_word_and_lingers_after_its_last():
    first, second, *_ = subtitles.cues(spoken(TEXT))
    assert (first.start, round(first.end, 2)) == (0.5, round(0.5 + 1.9 * 0.3 + subtitles.LINGER, 2))
    assert second.start == pytest.approx(0.5 + 2 * 0.3)


def test_a_pause_parts_cues_without_punctuation():
    words = spoken("before the pause") + spoken("after it", start=9.0)
    assert [cue.lines for cue in subtitles.cues(words)] == [("before the pause",), ("after it",)]


def test_lines_are_of_nearly_the_same_length():
    (cue,) = subtitles.cues(spoken("the quick brown fox jumps over the lazy dog once more", pace=0.2))
    short, long = sorted(map(len, cue.lines))
    assert long - short <= 8


def test_a_cue_is_known_before_the_next_sentence_is():
    def words():
        yield from spoken("It is here.")
        raise AssertionError("the next sentence was asked for")

    assert next(subtitles.cues(words())).lines == ("It is here.",)


@given(
    st.lists(st.tuples(st.text("abcé.,!—", min_size=1, max_size=60), st.floats(0.05, 3)), max_size=60),
    st.integers(8, 60),
)
def test_cues_hold_every_word_in_order_and_stay_within_their_size(parts, line):
    words, at = [], 0.0
    for text, length in parts:
        words.append(Word(text, at, at + 0.8 * length))
        at += length
    found = list(subtitles.cues(words, line))
    assert "".join("".join(cue.lines) for cue in found).replace(" ", "") == "".join(text for text, _ in parts)
    for cue in found:
        assert len(cue.lines) <= subtitles.LINES or len(cue.lines[0]) == line  # one word too long for a cue
        assert all(len(text) <= line for text in cue.lines)
    shown = list(subtitles.apart(found))
    assert all(one.end <= other.start for one, other in itertools.pairwise(shown))
    assert [cue.start for cue in shown] == sorted(cue.start for cue in shown)


def test_subrip_is_numbered_and_timed():
    text = subtitles.srt([Word("One.", 0.5, 1.0), Word("Two.", 3661.25, 3662.0)])
    assert text == ("1\n00:00:00,500 --> 00:00:01,500\nOne.\n\n2\n01:01:01,250 --> 01:01:02,500\nTwo.\n")


def test_webvtt_escapes_what_would_be_markup():
    text = subtitles.vtt([Word("a<b", 0.0, 0.5), Word("&c.", 0.5, 1.0)])
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n")
    assert "a&lt;b &amp;c." in text


def test_times_never_overlap_in_a_file():
    times = re.findall(r"(\S+) --> (\S+)", subtitles.srt(spoken(TEXT)))
    assert len(times) > 3
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(times))


def test_no_words_give_an_empty_file():
    assert subtitles.srt([]) == ""
    assert subtitles.vtt([]) == "WEBVTT\n"
