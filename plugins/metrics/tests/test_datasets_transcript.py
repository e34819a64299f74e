"""Words beside a video: those of the part that is made again, and no others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_core.events import watching
from pfy_core.kinds import Word
from pfy_core.media import subtitles
from pfy_core.media.subtitles import parse
from pfy_plugin_metrics.datasets.transcript import beside

VTT = """WEBVTT

NOTE made by hand

1
00:00.500 --> 00:02.000 align:start
<v Anna>Good <b>morning</b>,
all &amp; sundry.

2
00:00:02.500 --> 00:00:05.000
How are you?

01:00:00.000 --> 01:00:01.000
Later.
"""
SRT = "\r\n".join(
    ["1", "00:00:00,500 --> 00:00:02,000", "Good morning.", "", "2", "00:00:02,500 --> 00:00:05,000", "Well?"]
)


def test_web_vtt_is_read_without_its_marks():
    assert parse(VTT, "a.vtt") == [
        (0.5, 2.0, "Good morning, all & sundry."),
        (2.5, 5.0, "How are you?"),
        (3600.0, 3601.0, "Later."),
    ]


def test_sub_rip_is_read_with_its_line_ends():
    assert parse(SRT, "a.srt") == [(0.5, 2.0, "Good morning."), (2.5, 5.0, "Well?")]


@given(
    st.lists(
        st.tuples(st.text("abz<&>'é.", min_size=1, max_size=9), st.integers(1, 900)), min_size=1, max_size=12
    )
)
def test_what_pfy_writes_it_reads(spoken):
    words, at = [], 0.0
    for word, length in spoken:
        words.append(Word(word, at, at + length / 100))
        at += length / 100
    for write, plain in ((subtitles.vtt, True), (subtitles.srt, all("<" not in word for word, _ in spoken))):
        found = parse(write(words), "made")
        assert found == sorted(found, key=lambda cue: cue[0])
        assert not plain or " ".join(words for *_, words in found).split() == [w.text for w in words]


@pytest.mark.parametrize("content", ["", "WEBVTT\n", "hello\n\nthere", "00:01 --> 00:02\nno thousandths"])
def test_what_has_no_cue_is_refused(content):
    with pytest.raises(InputError, match=r"a\.vtt has no line such as"):
        parse(content, "a.vtt")


def told(folder, files, end, length):
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    notes = []
    with watching(lambda event: notes.append(event.text)):
        found = beside(folder / "a.mp4", end, length)
    return found, notes


def test_subtitles_give_the_words_that_are_over_and_end_the_part_with_them(tmp_path):
    assert told(tmp_path, {"a.vtt": VTT, "a.txt": "no"}, 8.0, 60.0)[0] == (
        "Good morning, all & sundry. How are you?",
        5.0,
    )
    assert told(tmp_path, {"a.vtt": VTT}, 3.0, 60.0)[0] == ("Good morning, all & sundry.", 2.0)


def test_subtitles_of_which_none_is_over_are_no_words_and_a_note(tmp_path):
    found, notes = told(tmp_path, {"a.srt": SRT}, 1.5, 60.0)
    assert found == ("", 1.5)
    assert "no subtitle ends in the first 1.5 s" in notes[0]


def test_a_text_is_of_the_whole_clip_or_of_none(tmp_path):
    assert told(tmp_path, {"a.txt": "Good\n morning.\n"}, 8.0, 8.3) == (("Good morning.", 8.0), [])
    found, notes = told(tmp_path, {"a.txt": "Good morning."}, 8.0, 60.0)
    assert found == ("", 8.0)
    assert "a.txt is of all 60.0 s" in notes[0]


def test_without_a_file_there_are_no_words(tmp_path):
    assert told(tmp_path, {}, 8.0, 60.0) == (("", 8.0), [])


def test_a_text_that_is_no_utf_8_is_refused(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match="not UTF-8"):
        beside(tmp_path / "a.mp4", 8.0, 8.0)
