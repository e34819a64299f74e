"""Rows that were measured differently are refused, and the message says in what they differ."""

from __future__ import annotations

import pytest
from bench_runs import make_run

from pfy_bench import records
from pfy_bench.comparing import differences, measures, places, refuse
from pfy_core import InputError

SET = "fd-efficientnet-lite0"


def load(folder, **about):
    return records.load(make_run(folder, **about))


def test_rows_of_one_run_may_stand_together(tmp_path):
    rows = places([load(tmp_path / "a")])
    assert [place.label for place in rows] == ["portrait", "portrait+still-head"]
    refuse(["stoi", SET], rows)


def test_rows_of_two_runs_are_told_apart(tmp_path):
    rows = places([load(tmp_path / "a"), load(tmp_path / "b", rows={"portrait": 0.1})])
    assert [place.label for place in rows] == ["a: portrait", "b: portrait", "portrait+still-head"]
    refuse(["stoi", SET], rows)


def test_another_protocol_is_refused_with_both_values(tmp_path):
    rows = places([load(tmp_path / "a"), load(tmp_path / "b", protocol={"clip.fps": 30})])
    with pytest.raises(InputError, match=r"a: portrait / b: portrait, clip.fps: 25 and 30  \(stoi") as error:
        refuse(["stoi"], rows)
    assert "--apart" in error.value.fix


def test_a_field_that_only_one_has_is_a_difference(tmp_path):
    rows = places([load(tmp_path / "a"), load(tmp_path / "b", protocol={"jpeg": 75})])
    assert differences("stoi", rows[0], rows[1]) == ["jpeg: not said and 75"]


def test_other_weights_are_refused(tmp_path):
    rows = places([load(tmp_path / "a"), load(tmp_path / "b", protocol={"weights": "0ther"})])
    with pytest.raises(InputError, match="weights: 579344248a93e230 and 0ther"):
        refuse([SET], rows)


def test_other_clips_are_refused(tmp_path):
    rows = places([load(tmp_path / "a"), load(tmp_path / "b", clips=6)])
    with pytest.raises(InputError, match="clips: 8 and 6, not in both are mini/0006, mini/0007"):
        refuse(["stoi"], rows)


def test_a_clip_that_only_has_the_same_name_is_refused(tmp_path):
    one, other = load(tmp_path / "a"), load(tmp_path / "b")
    item = other.items["portrait", "mini/0002", 0]
    real = records.Real(**vars(item.real) | {"sha256": "e" * 64})
    records.append(tmp_path / "b", records.Item(**vars(item) | {"real": real}))
    with pytest.raises(InputError, match="real clip mini/0002: 000000000000 and eeeeeeeeeeee"):
        refuse(["stoi"], places([one, records.load(tmp_path / "b")]))


def test_sets_of_other_sizes_are_refused(tmp_path):
    found = load(tmp_path / "a")
    value = found.sets["portrait+still-head", SET, 0]
    records.append(tmp_path / "a", records.SetValue(**vars(value) | {"n": (350, 480), "clips": 7}))
    rows = places([records.load(tmp_path / "a")])
    refuse(["stoi"], rows)
    with pytest.raises(InputError, match="400 made and 480 real of 8 clips, and 350 made"):
        refuse([SET], rows)


def test_sets_as_large_of_other_clips_are_refused(tmp_path):
    found = load(tmp_path / "a")
    take = {"made": "made.image", "reference": "real.image"}
    suite = found.run.suite | {"measures": {SET: {"use": "metric/fd", "take": take}}}
    records.append(tmp_path / "a", records.Run(**vars(found.run) | {"suite": suite}))
    refuse([SET], places([records.load(tmp_path / "a")]))
    for row, number in (("portrait", 1), ("portrait+still-head", 2)):
        item = found.items[row, f"mini/000{number}", 0]
        lost = {"image": {"made": None, "real": "ba4"}}
        records.append(tmp_path / "a", records.Item(**vars(item) | {"features": lost}))
    with pytest.raises(InputError, match="of both rows of mini/0001, mini/0002"):
        refuse([SET], places([records.load(tmp_path / "a")]))


def test_measures_are_chosen_by_pattern(tmp_path):
    found = [load(tmp_path / "a")]
    assert measures(found, ["fd-*", "stoi"]) == ["stoi", SET]
    with pytest.raises(InputError, match="no measure 'stoy'") as error:
        measures(found, ["stoy"])
    assert "stoi" in error.value.fix
