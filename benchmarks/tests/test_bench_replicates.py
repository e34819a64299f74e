"""A model that was trained several times is one row."""

from __future__ import annotations

import json
import math
from statistics import stdev

import numpy as np
import pytest
from bench_runs import make_run
from hypothesis import given
from hypothesis import strategies as st

from pfy_bench import commands, differences, latex, records, rendering, replicates, tables
from pfy_bench.comparing import places
from pfy_bench.differences import best, compare
from pfy_bench.records import Item, Measure
from pfy_core import InputError, Score

SET = "fd-efficientnet-lite0"
ZERO = Measure("offset", "ms", "zero", 0, "clip", "one")


def load(folder, **about):
    return records.load(make_run(folder, **about))


def cells(table, label):
    line = next(line for line in table.lines if line.label == label)
    return dict(zip([column.measure.measure for column in table.columns], line.cells, strict=True))


def test_replicates_are_averaged_clip_by_clip_and_their_spread_is_told(tmp_path):
    found = load(tmp_path / "a", rows={"full": [0.0, 0.1, 0.2]})
    table = tables.table([found])
    assert [(line.label, line.replicates) for line in table.lines] == [("full", 3)]
    means = [np.mean([item.values["stoi"].value for item in found.of("full", k)]) for k in range(3)]
    cell = cells(table, "full")["stoi"]
    assert cell.value == pytest.approx(np.mean(means))
    assert cell.spread == pytest.approx(stdev(means))
    assert (cell.scored, cell.items) == (8, 8)  # not 24: clips are the samples
    fd = cells(table, "full")[SET]
    assert (fd.value, fd.spread) == (pytest.approx(3.0), pytest.approx(1.0))
    for form in (rendering.text, rendering.markdown):
        told = form(table)
        assert "full (3)" in told
        assert "±0.050" in told
        assert "Replicates, averaged clip by clip: full (3)" in told
    assert r"$\pm$0.050" in latex.latex(table)
    assert tables.as_dict(table)["rows"]["full"]["stoi"]["spread"] == pytest.approx(0.05)


def test_a_clip_that_a_replicate_lacks_is_not_compared():
    def item(name, values, replicate=0):
        return Item("r", name, name, "", values={"offset": Score(values)}, replicate=replicate)

    whole = [item("a", 1.0), item("b", 1.0)]
    short = [item("a", 3.0, 1)]
    lacking, both = replicates.averaged([whole, short])[1], replicates.averaged([whole, short])[0]
    assert math.isnan(differences.loss(ZERO, lacking))
    assert differences.loss(ZERO, both) == 2.0


def test_replicates_of_several_runs_are_pooled_when_it_is_said(tmp_path):
    runs = [make_run(tmp_path / name, rows={"full": worse}) for name, worse in (("a", 0.0), ("b", 0.2))]
    results = [records.load(run) for run in runs]
    assert [place.label for place in places(results)] == ["a: full", "b: full"]
    (pooled,) = places(results, pool=True)
    within = places([load(tmp_path / "c", rows={"full": [0.0, 0.2]})])[0]
    assert [item.values for item in pooled.items] == [item.values for item in within.items]
    found = json.loads(commands.table(runs, "json", pool=True))
    assert found["replicates"] == {"full": 2}
    assert "full" in commands.report(runs, tmp_path / "r.html", pool=True).read_text()
    assert "a: full" in commands.table(runs)


def test_replicates_that_were_measured_otherwise_or_on_other_clips_are_refused(tmp_path):
    one = load(tmp_path / "a", rows={"full": 0.0})
    with pytest.raises(InputError, match=r"clip\.fps: 25 and 30"):
        places([one, load(tmp_path / "b", rows={"full": 0.1}, protocol={"clip.fps": 30})], pool=True)
    with pytest.raises(InputError, match="clips: 8 and 6"):
        places([one, load(tmp_path / "c", rows={"full": 0.1}, clips=6)], pool=True)


def test_pooled_rows_are_compared_on_clips(tmp_path):
    found = load(tmp_path / "a", clips=24, rows={"full": [0.0, 0.02], "less": [0.4, 0.5]})
    full, less = places([found])
    compared = {each.measure.measure: each for each in compare(full, less)}
    assert compared["stoi"].verdict == "worse"
    assert (compared["stoi"].change.clips, compared["stoi"].change.identities) == (24, 12)
    assert best(found.measures["stoi"], [full, less])[0] == 0
    names = [f"{make_run(tmp_path / f'{row}{k}', clips=24, rows={row: worse})}:{row}" for row, k, worse in (
        ("full", 0, 0.0), ("full", 1, 0.02), ("less", 0, 0.4), ("less", 1, 0.5),
    )]  # fmt: skip
    told = commands.diff(",".join(names[:2]), ",".join(names[2:]))
    assert (
        told.splitlines()[2:5]
        == commands.diff(f"{tmp_path / 'a'}:full", f"{tmp_path / 'a'}:less").splitlines()[2:5]
    )


def item(name, value, replicate=0, reason=""):
    return Item("x", name, name, "k", values={"offset": Score(value, reason)}, replicate=replicate)


def test_one_that_is_early_and_one_that_is_late_are_not_both_in_time():
    from pfy_bench.differences import _judged, value

    (both,) = replicates.averaged([[item("a", -40.0)], [item("a", 40.0, 1)]])
    assert (value(both, "offset"), _judged(ZERO, both)) == (0.0, 40.0)


def test_a_clip_counts_where_all_replicates_have_a_value():
    several = [[item("a", 1.0), item("b", 2.0)], [item("a", math.nan, 1, "no face"), item("b", 4.0, 1)]]
    a, b = replicates.averaged(several)
    assert (a.values["offset"].reason, b.values["offset"].value) == ("no face", 3.0)
    assert replicates.spread([a, b], "offset") == pytest.approx(math.sqrt(2))
    lacking = replicates.averaged([several[0], several[1][1:]])[0]
    assert "replicate 1 has not been scored" in lacking.problem
    assert math.isnan(lacking.values["offset"].value)


@given(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3), min_size=2, max_size=4))
def test_the_mean_over_clips_is_the_mean_of_the_replicates_means(values):
    several = [[item(str(k), value, r) for k, value in enumerate(row)] for r, row in enumerate(values)]
    found = replicates.averaged(several)
    mean = np.mean([each.values["offset"].value for each in found])
    assert mean == pytest.approx(np.mean([np.mean(row) for row in values]), abs=1e-9)
    expected = stdev([float(np.mean(row)) for row in values])
    assert replicates.spread(found, "offset") == pytest.approx(expected, abs=1e-9)


def test_records_keep_replicates_apart(tmp_path):
    for replicate in (0, 1):
        records.append(tmp_path, records.Run("r", "", [], {}, 0, {}))
        records.append(tmp_path, item("a", float(replicate), replicate))
    found = records.load(tmp_path)
    assert [found.items["x", "a", k].values["offset"].value for k in (0, 1)] == [0.0, 1.0]
    assert len(found.of("x", 1)) == 1
