"""What happens between steps: batches made ahead, suites, videos, and what is shown."""

import threading
import time

import numpy as np
import pupils
import pytest

from pfy_core import Graph
from pfy_core.events import Event
from pfy_train import recipe as recipes
from pfy_train import suites, videos
from pfy_train.ahead import DEPTH, Ahead
from pfy_train.shown import Shown


def test_items_come_in_their_order_and_a_fault_is_raised_where_they_are_read():
    def items():
        yield from range(5)
        raise ValueError("at the end")

    reading = iter(Ahead(items(), lambda item: item * 2))
    found = [next(reading) for _ in range(5)]
    with pytest.raises(ValueError, match="at the end"):
        next(reading)
    assert found == [0, 2, 4, 6, 8]
    assert list(Ahead(range(4))) == [0, 1, 2, 3]


def test_no_more_is_made_ahead_than_is_wanted_and_closing_stops_it():
    made = []

    def items():
        for number in range(10_000):
            made.append(number)
            yield number

    ahead = Ahead(items())
    assert next(iter(ahead)) == 0
    time.sleep(0.3)
    assert len(made) <= DEPTH + 3
    before = threading.active_count()
    ahead.close()
    assert threading.active_count() == before - 1
    assert len(made) < 20


def source(tmp_path, text):
    return recipes.from_yaml(pupils.RECIPE + text, "pupils", tmp_path)


def test_a_suite_that_there_is_not_or_that_measures_no_corpus_is_a_problem(tmp_path):
    pytest.importorskip("pfy_bench")
    for suite, code in (("moton", "R701"), ("quick", "R702"), ("motion", ""), ("", "")):
        found = source(tmp_path, f"validate: {{suite: '{suite}'}}\n")
        suites.check(found)
        assert [problem.code for problem in found.problems] == ([code] if code else [])
        assert all(problem.line for problem in found.problems)


def test_a_suite_that_cannot_be_run_stops_no_training(room, tmp_path):
    pytest.importorskip("pfy_bench")
    told = []
    from pfy_core.events import watching

    validate = source(tmp_path, "validate: {suite: motion, clips: 1}\n").recipe.validate
    with watching(told.append):
        graph = Graph.load(room.parent / "graph.yaml").output(elsewhere="spread")
        assert suites.numbers(graph, tmp_path / "corpus" / "nowhere", validate, 0, "") == {}
    assert "no numbers of the suite motion" in told[0].text


def test_a_sample_video_is_of_a_clips_own_sound_words_and_face(tmp_path, monkeypatch):
    class Sample:
        wave, text = np.zeros(640, np.float32), "Hello."
        image, landmarks = np.zeros((4, 4, 3), np.uint8), None

    graph = Graph("film").input("speech", "audio.wave").input("text", "text", optional=True)
    graph = graph.input("face", "image.rgb").output(frames="video", wave="$speech")
    assert videos.can(graph)
    assert not videos.can(pupils.graph())
    given = videos._given(graph, Sample())
    assert set(given) == {"speech", "text", "face"}
    assert given["speech"][1] == 16_000
    told = []
    from pfy_core.events import watching

    with watching(told.append):
        videos.make(graph, Sample(), tmp_path / "samples" / "000001.mp4", 0)
    assert told[0].text.startswith("no sample video: ")  # its node is none; the training goes on


def test_in_a_log_file_there_is_a_line_now_and_then_and_every_note_once(capsys):
    with Shown() as shown:
        for step in range(1, 101):
            shown.watch(Event("progress", "train", "loss 1", step, 100))
            shown.watch(Event("note", "frozen", "two faces found"))
    told = capsys.readouterr().err.splitlines()
    assert told.count("note: two faces found") == 1
    assert len(told) == 3
    assert told[-1].startswith("step 100/100  loss 1")
    with Shown(quiet=True) as shown:
        shown.watch(Event("note", "train", "nothing"))
    assert capsys.readouterr().err == ""
