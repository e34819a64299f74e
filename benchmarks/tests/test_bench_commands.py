"""What the command line calls: folders in, text out."""

from __future__ import annotations

import json

import pytest
from bench_runs import make_run

from pfy_bench import commands
from pfy_bench.published import everything, published
from pfy_core import InputError


def test_a_table_in_every_format(tmp_path):
    folder = make_run(tmp_path / "a")
    for form in ("text", "markdown", "latex"):
        assert "portrait" in commands.table([folder], form, ["stoi"])


def test_published_rows_of_the_same_data_come_by_themselves(tmp_path):
    folder = make_run(tmp_path / "a")
    assert "Published" not in commands.table([folder])
    assert commands.table([folder], sources=["p4y"]).count("HDTF") >= 2
    with pytest.raises(InputError, match="no published results 'p5y'") as error:
        commands.table([folder], sources=["p5y"])
    assert "p4y" in error.value.fix


def test_rows_are_named_by_folder_and_row(tmp_path):
    folder = make_run(tmp_path / "a", clips=24)
    told = commands.diff(folder, f"{folder}:portrait+still-head")
    assert "portrait+still-head less portrait" in told
    assert commands.diff(folder, f"{folder}:portrait+still-head", "markdown").startswith("|")
    with pytest.raises(InputError, match="no row 'portrai'") as error:
        commands.diff(folder, f"{folder}:portrai")
    assert "'portrait'" in error.value.fix


def test_a_row_must_be_named_where_there_are_several(tmp_path):
    folder = make_run(tmp_path / "a", rows={"portrait": 0.0, "hallo": 0.1})
    with pytest.raises(InputError, match="has 2 rows"):
        commands.place(folder)


def test_rows_of_two_runs_are_told_apart(tmp_path):
    runs = [make_run(tmp_path / name, clips=24, rows={"portrait": 0.0}) for name in "ab"]
    assert "b: portrait less a: portrait" in commands.diff(*runs)


def test_published_results_are_complete():
    rows = {row.method for row in published(["p4y"])}
    assert rows == {"P4Y, shared encoders (STE)", "P4Y, explicit encoders (ETE)"}
    assert len(published(["p4y"])) == 8
    for name, found in everything().items():
        for row in found:
            assert row.source, name
            assert row.protocol == "unpublished"
            assert set(row.values) <= set(row.better), name
            assert all(float(value) >= 0 for value in row.values.values())
            assert set(row.better.values()) <= {"high", "low"}


def test_a_table_is_data_too(tmp_path):
    found = json.loads(commands.table([make_run(tmp_path / "a")], "json", sources=["joyhallo"]))
    assert found["rows"]["portrait"]["stoi"]["items"] == 8
    assert found["real"]["stoi"] is None
    assert found["real"]["fd-efficientnet-lite0"]["value"] == 1.5
    assert found["measures"]["offset"]["calibrated"] is False
    assert found["published"][0]["protocol"] == "unpublished"


def test_runs_on_several_data_sets_have_a_table_each(tmp_path):
    runs = [make_run(tmp_path / name, clips=4 + number, data=name) for number, name in enumerate("ab")]
    with pytest.raises(InputError, match="clips: 4 and 5"):
        commands.table(runs)
    assert [line for line in commands.table(runs, by_data=True).splitlines() if line in ("a", "b")] == [
        "a",
        "b",
    ]
    assert "### b" in commands.table(runs, "markdown", by_data=True)
    assert "Data: b." in commands.table(runs, "latex", by_data=True)
    assert set(json.loads(commands.table(runs, "json", by_data=True))) == {"a", "b"}
