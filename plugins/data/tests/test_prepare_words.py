"""The words of a part of a film: those that are said in it, all of them, or none."""

import pytest

from pfy_core import InputError
from pfy_plugin_data.prepare.words import Words

VTT = """WEBVTT

00:00.500 --> 00:03.000
Good morning.

00:03.500 --> 00:06.000
<v Ann>How are you?

00:08.000 --> 00:13.000
Well, I am glad you came.
"""


@pytest.fixture
def words(tmp_path):
    (tmp_path / "a.vtt").write_text(VTT)
    return Words.beside(tmp_path / "a.mp4", 15.0)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (0, 3.2, "Good morning."),
        (0, 7, "Good morning. How are you?"),
        (3.2, 7, "How are you?"),
        (0, 10, ""),  # a sentence is cut off: what is said is not known word for word
        (6.2, 7.9, ""),
        (0, 15, "Good morning. How are you? Well, I am glad you came."),
    ],
)
def test_cues_are_of_the_part_that_they_lie_in(words, start, end, said):
    assert words.said(start, end) == said


def test_a_clip_ends_in_a_pause_where_one_is_in_reach(words):
    assert words.until(0, 2, 10) == 7.0
    assert words.until(7, 2, 10) == 17.0
    assert Words(60).until(0, 2, 10) == 10.0


def test_a_text_is_of_the_whole_film_alone(tmp_path):
    (tmp_path / "a.txt").write_text("All of\nit.\n")
    words = Words.beside(tmp_path / "a.mp4", 8.0)
    assert words.said(0.0, 7.6) == "All of it."
    assert words.said(0.0, 4.0) == ""
    assert words.said(2.0, 8.0) == ""


def test_nothing_beside_is_nothing_said(tmp_path):
    assert Words.beside(tmp_path / "a.mp4", 8.0).said(0, 8) == ""


def test_damaged_subtitles_are_named(tmp_path):
    (tmp_path / "a.srt").write_text("no times in here")
    with pytest.raises(InputError, match=r"a\.srt"):
        Words.beside(tmp_path / "a.mp4", 8.0)
