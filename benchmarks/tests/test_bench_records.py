"""Records of a run: written line by line, read back whole, whatever happened in between."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_bench import records
from pfy_bench.records import Calibration, Item, Made, Measure, Real, Row, Run, SetValue
from pfy_core import InputError, Score

RUN = Run(id="r", started="2026-11-21T20:00:00Z", argv=["quick"], suite={"name": "quick"}, seed=0, data={})
ITEM = Item(
    row="portrait",
    item="mini/0001",
    identity="anna",
    key="k",
    made=Made("made/portrait/mini_0001.mp4", "ab", 2.0, 50),
    real=Real("cd", 2.5, 62, "mini/0001"),
    values={"stoi": Score(0.5), "lip-speed": Score(math.nan, "no face")},
    real_values={"lip-speed": Score(1.5)},
    features={"image": {"made": "ef", "real": None}},
    seconds={"make": 1.5},
)
LINES = [
    RUN,
    Row(row="portrait", title="Portrait", weights={"voice": {"licence": "MIT"}}),
    Measure("stoi", "", "high", 3, "clip", "pair", "doc", {"component": "metric/stoi", "fps": 25}),
    ITEM,
    SetValue("portrait", "fd", 1.5, "", (50, 60), 4, (1.0, 2.0), "jackknife over identities", 0.5),
    Calibration("stoi", True, "noise .1 < .2"),
]


def test_what_was_written_is_read(tmp_path):
    for line in LINES:
        records.append(tmp_path, line)
    found = records.load(tmp_path)
    assert found.run == RUN
    assert [found.rows["portrait", 0], found.measures["stoi"]] == LINES[1:3]
    read = found.items["portrait", "mini/0001", 0]
    assert math.isnan(read.values["lip-speed"].value)
    assert read.values["lip-speed"].reason == "no face"
    assert (read.made, read.real, read.identity) == (ITEM.made, ITEM.real, "anna")
    assert found.sets["portrait", "fd", 0] == LINES[4]
    assert found.calibrations["stoi"] == LINES[5]
    assert found.of("portrait") == [read]


def test_lines_are_json_that_others_can_read(tmp_path):
    records.append(tmp_path, RUN)
    records.append(tmp_path, ITEM)
    line = json.loads((tmp_path / records.FILE).read_text().splitlines()[1])
    assert line["identity"] == "anna"
    assert line["values"] == {"stoi": [0.5, ""], "lip-speed": [None, "no face"]}


def test_numbers_of_numpy_are_numbers(tmp_path):
    records.append(tmp_path, RUN)
    records.append(tmp_path, SetValue("a", "fd", np.float32(0.5), n=(np.int64(3), np.int64(4))))
    found = records.load(tmp_path).sets["a", "fd", 0]
    assert (found.value, found.n) == (0.5, (3, 4))


@settings(max_examples=30)
@given(cut=st.integers(1, 400))
def test_a_torn_last_line_is_passed_over_and_then_replaced(tmp_path_factory, cut):
    folder = tmp_path_factory.mktemp("run")
    records.append(folder, RUN)
    kept = (folder / records.FILE).read_bytes()
    records.append(folder, ITEM)
    whole = (folder / records.FILE).read_bytes()
    (folder / records.FILE).write_bytes(whole[: max(len(kept), len(whole) - cut)])
    assert records.load(folder).items == {}
    records.append(folder, LINES[1])
    found = records.load(folder)
    assert (found.items, list(found.rows)) == ({}, [("portrait", 0)])


def test_later_lines_replace_earlier_ones(tmp_path):
    records.append(tmp_path, RUN)
    for value in (1.0, 2.0):
        records.append(tmp_path, SetValue("a", "fd", value))
    assert records.load(tmp_path).sets["a", "fd", 0].value == 2.0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"schema": 3, "kind": "run"}\n', "schema 3"),
        ("{\n{}\n", ":1 is no record"),
        ('{"schema": 1, "kind": "weather"}\n', "weather"),
        ('{"schema": 1, "kind": "row"}\n', "faulty"),
        ('{"schema": 1, "kind": "item", "values": 3}\n', "faulty"),
        ("", "what was run"),
    ],
)
def test_faulty_records_are_refused(tmp_path, text, told):
    (tmp_path / records.FILE).write_text(text)
    with pytest.raises(InputError, match=told):
        records.load(tmp_path)


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="no run of the benchmark"):
        records.load(tmp_path)


def test_real_clips_are_found_where_local_says(tmp_path):
    records.append(tmp_path, RUN)
    (tmp_path / records.LOCAL).write_text('{"real": {"mini/0001": "/data/a.mp4"}}')
    assert records.load(tmp_path).real["mini/0001"].name == "a.mp4"
