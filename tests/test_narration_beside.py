"""Files beside a video: subtitles, timings and motion, whole or not at all."""

import json

import numpy as np
import pytest

from pfy_core import Graph, InputError
from pfy_core.errors import OutputError
from pfy_core.kinds import Phone, Word
from pfy_core.media import motion
from pfy_core.narration.beside import Beside

WORDS = [Word("Hello,", 0.12, 0.5), Word("you.", 0.50049, 0.9)]
PHONES = [Phone("", 0.0, 0.12), Phone("h", 0.12, 0.2)]
MOTION = np.random.default_rng(0).uniform(0, 0.3, (60, 58)).astype(np.float32)
GRAPH = Graph("whole", outputs={name: f"a.{name}" for name in ("words", "phones", "motion")})


def write(beside):
    beside.check(GRAPH)
    beside.write(WORDS, PHONES, [MOTION[:20], MOTION[20:]], 25.0)


@pytest.mark.parametrize(("name", "start"), [("a.srt", "1\n00:00:00,120 -->"), ("a.vtt", "WEBVTT\n")])
def test_subtitles_are_of_the_kind_that_their_name_says(tmp_path, name, start):
    write(Beside(subtitles=tmp_path / name))
    text = (tmp_path / name).read_text()
    assert text.startswith(start)
    assert "Hello, you." in text


def test_timings_are_in_milliseconds(tmp_path):
    write(Beside(timings=tmp_path / "a.json"))
    data = json.loads((tmp_path / "a.json").read_text())
    assert data["seconds"] == 0.2
    assert data["words"] == [
        {"text": "Hello,", "start": 0.12, "end": 0.5},
        {"text": "you.", "start": 0.5, "end": 0.9},
    ]
    assert data["phones"][1] == {"symbol": "h", "start": 0.12, "end": 0.2, "stress": 0}


def test_motion_reads_back(tmp_path):
    write(Beside(motion=tmp_path / "a.csv"))
    assert np.abs(motion.load(tmp_path / "a.csv", 25.0) - MOTION).max() < 1e-5


def test_nothing_wanted_writes_nothing(tmp_path):
    write(Beside())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "wanted",
    [{"subtitles": "a.txt"}, {"timings": "a.csv"}, {"motion": "a.json"}, {"subtitles": "none/a.srt"}],
)
def test_a_name_that_cannot_be_is_refused_before_anything_runs(tmp_path, wanted):
    with pytest.raises(OutputError):
        Beside(**{name: tmp_path / value for name, value in wanted.items()}).check(GRAPH)


def test_an_existing_file_is_replaced_only_with_force(tmp_path):
    (tmp_path / "a.srt").write_text("mine")
    with pytest.raises(OutputError, match="--force"):
        write(Beside(subtitles=tmp_path / "a.srt"))
    assert (tmp_path / "a.srt").read_text() == "mine"
    write(Beside(subtitles=tmp_path / "a.srt", force=True))
    assert "Hello" in (tmp_path / "a.srt").read_text()


def test_a_graph_without_words_gives_no_subtitles(tmp_path):
    with pytest.raises(InputError, match="no output 'words'"):
        Beside(subtitles=tmp_path / "a.srt").check(Graph("bare"))
