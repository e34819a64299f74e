"""Narrations that are killed, and gone on with."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import stories
from stories import FRAMES, TEXT, story
from toys import CALLS

from pfy_core import InputError, catalogue
from pfy_core.errors import OutputError
from pfy_core.media import audio, formats, segments, video
from pfy_core.media.parts import Parts
from pfy_core.narration.resume import clock, differences

HALF = 80
"""Painted frames at which a run is stopped: three parts are finished."""


@pytest.fixture(autouse=True)
def _toys(monkeypatch):
    monkeypatch.setattr(segments, "SECONDS", 1.0)
    monkeypatch.setattr(catalogue, "_installed", stories.known())
    for option, value in stories.EXACT.items():
        monkeypatch.setitem(formats.X264.options, option, value)
    yield
    stories.STOP.clear()


def heard(notes):
    return lambda event: notes.append(event.text) if event.kind == "note" else None


def stopped(out, at=HALF, **more):
    """A run that was stopped by Ctrl-C after so many frames; what the user was told."""
    notes = []
    stories.STOP[:] = [at]
    with pytest.raises(KeyboardInterrupt):
        story(out, watch=heard(notes), **more)
    stories.STOP.clear()
    CALLS.clear()
    return notes


def folder(out):
    return out.with_name(f".{out.name}.parts")


def same(one, other):
    """Whether two videos show and sound the same, to the bit."""
    shown = all(np.array_equal(*pair) for pair in zip(video.read(one), video.read(other), strict=True))
    return shown and np.array_equal(audio.read(one, 24_000), audio.read(other, 24_000))


@pytest.fixture
def whole(tmp_path):
    (tmp_path / "whole").mkdir()
    made = story(tmp_path / "whole" / "a.mp4")
    CALLS.clear()
    return made.path


def interrupted(*_):
    raise KeyboardInterrupt


# What is left ---------------------------------------------------------------------------------------


def test_after_kill_9_a_run_goes_on_and_gives_what_an_uninterrupted_one_gives(tmp_path, whole):
    out = tmp_path / "a.mp4"
    process = subprocess.Popen(
        [sys.executable, stories.__file__, str(out)],
        env={**os.environ, stories.SLOW: "0.01"},
        cwd=Path(stories.__file__).parent,
    )
    deadline = time.monotonic() + 60
    while not (folder(out) / "00002.mp4").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    there = 25 * len(json.loads((folder(out) / "parts.json").read_text())["parts"])
    assert not out.exists()
    notes = []
    made = story(out, resume=True, watch=heard(notes))
    assert same(made.path, whole)
    assert made.frames == FRAMES
    assert made.record["output"]["resumed_at"] == there >= 50
    assert CALLS["painted"] == FRAMES - there
    assert any(note.startswith("going on at 0:0") for note in notes)
    assert sorted(tmp_path.iterdir()) == [out, tmp_path / "whole"]


def test_who_stops_a_long_run_is_told_how_to_go_on(tmp_path):
    out = tmp_path / "a.mp4"
    notes = stopped(out)
    assert len(notes) == 1
    assert "75 frames of a.mp4 are kept" in notes[0]
    assert "--resume" in notes[0]
    assert {file.name for file in folder(out).iterdir()} == {
        *("00000.mp4", "00001.mp4", "00002.mp4"),
        "parts.json",
        "lock",
    }
    assert list(tmp_path.iterdir()) == [folder(out)]


def test_a_run_stopped_before_the_first_part_leaves_nothing(tmp_path):
    assert stopped(tmp_path / "a.mp4", at=15) == []
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_succeeds_leaves_the_video_alone(tmp_path):
    story(tmp_path / "a.mp4")
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_a_run_may_be_stopped_again_and_again(tmp_path, whole):
    out = tmp_path / "a.mp4"
    stopped(out, at=30)
    stopped(out, at=30, resume=True)
    stopped(out, at=30, resume=True)
    assert same(story(out, resume=True).path, whole)


def test_a_run_stopped_while_its_parts_are_joined_paints_nothing_again(tmp_path, whole, monkeypatch):
    out = tmp_path / "a.mp4"
    with monkeypatch.context() as patch:
        patch.setattr(segments, "join", interrupted)
        with pytest.raises(KeyboardInterrupt):
            story(out)
    CALLS.clear()
    assert same(story(out, resume=True).path, whole)
    assert CALLS["painted"] == 0


@pytest.mark.parametrize(
    ("suffix", "paint"), [(".webm", "decoder/glass"), (".mov", "decoder/glass"), (".mkv", "decoder/paint")]
)
def test_every_format_can_be_gone_on_with(tmp_path, suffix, paint):
    whole = story(tmp_path / f"whole{suffix}", paint=paint).path
    out = tmp_path / f"a{suffix}"
    CALLS.clear()
    stopped(out, paint=paint)
    assert same(story(out, paint=paint, resume=True).path, whole)
    assert next(video.read(out)).shape[2] == (4 if paint == "decoder/glass" else 3)


def test_a_component_that_is_not_framewise_paints_again_and_says_so(tmp_path, whole):
    out, notes = tmp_path / "a.mp4", []
    stopped(out, paint="decoder/film")
    made = story(out, paint="decoder/film", resume=True, watch=heard(notes))
    assert same(made.path, whole)
    assert CALLS["painted"] == FRAMES
    assert any("decoder/film cannot begin in the middle" in note for note in notes)


# What is not gone on with -----------------------------------------------------------------------------


def test_parts_are_neither_overwritten_nor_used_unasked(tmp_path, whole):
    out = tmp_path / "a.mp4"
    stopped(out)
    with pytest.raises(InputError, match=r"0:03 of a\.mp4 are here") as caught:
        story(out)
    assert "--resume" in caught.value.fix
    assert "--force" in caught.value.fix
    assert (folder(out) / "00002.mp4").exists()
    assert CALLS["painted"] == 0
    assert same(story(out, force=True).path, whole)
    assert CALLS["painted"] == FRAMES
    assert not folder(out).exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": TEXT + " more"}, "another text"),
        ({"seed": 4}, "seed 0 (now 4)"),
        ({"overrides": ["paint.side=16"]}, "paint.side=nothing (now 16)"),
        ({"overrides": ["move.style=lively"]}, "move.style=nothing (now lively)"),
        ({"paint": "decoder/film"}, "paint=decoder/paint (now decoder/film)"),
    ],
)
def test_other_arguments_are_refused_and_named(tmp_path, change, words):
    out = tmp_path / "a.mp4"
    stopped(out)
    with pytest.raises(InputError) as caught:
        story(out, resume=True, **change)
    assert words in caught.value.sends
    assert "--force" in caught.value.fix
    assert (folder(out) / "00002.mp4").exists()


def test_resuming_what_was_never_begun_begins_it(tmp_path, whole):
    notes = []
    made = story(tmp_path / "a.mp4", resume=True, watch=heard(notes))
    assert same(made.path, whole)
    assert notes == ["no unfinished a.mp4 is here; it begins anew"]


@pytest.mark.parametrize("how", ["shortened", "changed", "gone"])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_damaged_part_is_made_again_with_all_behind_it(tmp_path, whole, how, index):
    out, notes = tmp_path / "a.mp4", []
    stopped(out)
    part = folder(out) / f"{index:05d}.mp4"
    data = part.read_bytes()
    match how:
        case "shortened":
            part.write_bytes(data[:-100])
        case "changed":
            part.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        case "gone":
            part.unlink()
    assert same(story(out, resume=True, watch=heard(notes)).path, whole)
    assert CALLS["painted"] == FRAMES - 25 * index
    assert f"{75 - 25 * index} frames of the unfinished a.mp4 are damaged and are made again" in notes


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 99}', '{"schema": 1, "identity": {}, "parts": 3}']
)
def test_a_list_of_parts_that_cannot_be_read_is_as_good_as_none(tmp_path, whole, text):
    out = tmp_path / "a.mp4"
    stopped(out)
    (folder(out) / "parts.json").write_text(text)
    assert same(story(out, resume=True).path, whole)
    assert CALLS["painted"] == FRAMES


def test_a_list_of_parts_names_no_file_elsewhere(tmp_path):
    out, other = tmp_path / "a.mp4", tmp_path / "mine.txt"
    other.write_text("mine")
    stopped(out)
    listed = json.loads((folder(out) / "parts.json").read_text())
    listed["parts"][0]["file"] = "../mine.txt"
    (folder(out) / "parts.json").write_text(json.dumps(listed))
    story(out, force=True)
    assert other.read_text() == "mine"


def test_two_processes_do_not_write_one_video(tmp_path):
    with Parts(tmp_path / "a.mp4"), pytest.raises(OutputError, match="another process is writing"):
        story(tmp_path / "a.mp4")
    story(tmp_path / "a.mp4")


def test_differences_are_told_in_words():
    before = {
        "inputs": {"face": "1", "voice": "2"},
        "code": {"decoder/x": "a"},
        "weights": {"w": "1"},
        "seed": 1,
    }
    now = {"inputs": {"face": "3"}, "code": {"decoder/x": "b"}, "weights": {"w": "2"}, "seed": 1}
    assert differences(before, now) == [
        "another version of decoder/x",
        "another face",
        "another voice",
        "other weights for w",
    ]
    assert differences(before, before) == []


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.9, "0:59"), (724, "12:04"), (3723, "1:02:03")]
)
def test_times_read_as_on_a_clock(seconds, text):
    assert clock(seconds) == text
