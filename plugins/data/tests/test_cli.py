"""``pfy data``: what it prints, and which status it ends with."""

import json
import subprocess
import sys

import pytest
from corpora import shard
from films import talking, tone


def pfy(*arguments):
    command = [sys.executable, "-m", "pfy_core", "data", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("synth", "OUT", "--clips", "3"), "3 clips"),
        (("synth", "OUT", "--voices", "best"), "light or all"),
        (("prepare", "ABSENT", "OUT"), "ABSENT"),
        (("synth",), "Missing argument"),
    ],
)
def test_what_makes_no_sense_is_told_without_a_traceback(tmp_path, arguments, told):
    names = {"OUT": tmp_path / "out", "ABSENT": tmp_path / "ABSENT"}
    done = pfy(*(names.get(one, one) for one in arguments))
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    shard(tmp_path / "train")
    done = pfy("synth", tmp_path, "--clips", "20")
    assert done.returncode == 2
    assert "corpus.json" in done.stderr


@pytest.mark.slow
def test_films_of_which_some_cannot_be_used_end_with_status_3(tmp_path):
    talking(tmp_path / "films" / "ann.mp4")
    tone(tmp_path / "films" / "nobody.mp4")
    done = pfy("prepare", tmp_path / "films", tmp_path / "corpus", "--workers", "1")
    assert done.returncode == 3, done.stderr
    assert "left out: nobody.mp4: no face" in done.stderr
    assert "train" in done.stdout
    told = pfy("prepare", tmp_path / "films", tmp_path / "corpus", "--json")
    assert json.loads(told.stdout)["unusable"].keys() == {"nobody.mp4"}
