"""Two rows are compared clip by clip, by people, and only where they were measured alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
from bench_runs import make_run

from pfy_bench import records
from pfy_bench.comparing import places
from pfy_bench.differences import NO_FEATURES, best, compare
from pfy_core import InputError

SET = "fd-efficientnet-lite0"


def rows(folder, **about):
    return places([records.load(make_run(folder, **about))])


def by_name(found):
    return {each.measure.measure: each for each in found}


def test_a_worse_row_is_said_to_be_worse_in_every_sense(tmp_path):
    one, other = rows(tmp_path / "a", clips=24, rows={"portrait": 0.0, "portrait+less": 0.5})
    found = by_name(compare(one, other))
    assert [found[name].verdict for name in ("stoi", "lip-speed", "offset")] == ["worse"] * 3
    assert found["stoi"].change.value < 0 < found["lip-speed"].change.value
    back = by_name(compare(other, one))
    assert [back[name].verdict for name in ("stoi", "lip-speed", "offset")] == ["better"] * 3


def test_only_clips_that_both_have_count(tmp_path):
    one, other = rows(tmp_path / "a", clips=24, failing="portrait/3")
    found = by_name(compare(one, other))
    assert (found["stoi"].change.clips, found["lip-speed"].change.clips) == (23, 22)


def test_p_values_are_corrected_for_the_number_of_measures(tmp_path):
    one, other = rows(tmp_path / "a", clips=24)
    alone = by_name(compare(one, other, ["lip-speed"]))["lip-speed"]
    among = by_name(compare(one, other))["lip-speed"]
    assert alone.change.p == among.change.p
    assert alone.p == alone.change.p <= among.p


def test_no_difference_is_not_said_to_be_one(tmp_path):
    one, other = rows(tmp_path / "a", clips=24, rows={"portrait": 0.0, "portrait+nothing": 0.0})
    assert by_name(compare(one, other))["stoi"].verdict == "no difference shown"


def test_few_people_are_told_that_they_are_too_few(tmp_path):
    one, other = rows(tmp_path / "a", clips=8, rows={"portrait": 0.0, "portrait+less": 0.5})
    told = by_name(compare(one, other))["stoi"].verdict
    assert told == "cannot be shown: 4 identities give no p below 0.12"


def test_sets_are_compared_by_their_features_where_they_are_at_hand(tmp_path):
    one, other = rows(tmp_path / "a", clips=24)
    assert by_name(compare(one, other))[SET].verdict == NO_FEATURES
    points = np.random.default_rng(0).normal(size=12)
    people = sorted({item.identity for item in one.items})

    def distances(place, measure):
        shift = 0.0 if place is one else 1.0
        return lambda kept: float(
            np.mean([p + shift for p, name in zip(points, people, strict=True) if name in kept]) ** 2 + 1
        )

    found = by_name(compare(one, other, distances=distances))[SET]
    assert found.change.method.startswith("jackknife over 12 identities")
    assert found.change.p < 0.05
    assert best(found.measure, [one, other], distances)[0] == 0


def test_other_protocols_are_refused(tmp_path):
    one = rows(tmp_path / "a")[0]
    other = rows(tmp_path / "b", protocol={"clip.fps": 30})[0]
    with pytest.raises(InputError, match=r"stoi, clip.fps: 25 and 30"):
        compare(one, other)


def test_runs_that_share_some_clips_are_compared_on_those(tmp_path):
    one, other = rows(tmp_path / "a", clips=16)[0], rows(tmp_path / "b", clips=24)[0]
    found = by_name(compare(one, other))
    assert found["stoi"].change.clips == 16
    assert found["stoi"].change.value == 0.0
    assert found[SET].verdict == "not comparable: sets of other clips"


def test_the_best_of_several_must_beat_them_all(tmp_path):
    some = rows(tmp_path / "a", clips=24, rows={"portrait": 0.0, "portrait+x": 0.0, "portrait+y": 0.5})
    measure = some[0].results.measures["stoi"]
    assert best(measure, some)[1] > 0.05
    winner, p = best(measure, [some[1], some[2]])
    assert (winner, p < 0.05) == (0, True)
    assert math.isnan(best(measure, some[:1])[1])
