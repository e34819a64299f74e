"""Tables: real footage first, honest about what is missing, bold only for what could not be chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from bench_runs import make_run

from pfy_bench import latex, records, rendering, tables
from pfy_bench.published import published
from pfy_core import InputError

SET = "fd-efficientnet-lite0"


def load(folder, **about):
    return records.load(make_run(folder, **about))


def cells(table, label):
    line = next(line for line in (table.real, *table.lines) if line.label == label)
    names = [column.measure.measure for column in table.columns]
    return dict(zip(names, line.cells, strict=True))


def test_values_are_means_of_the_clips_that_have_one(tmp_path):
    results = load(tmp_path / "a")
    found = cells(tables.table([results]), "portrait")
    values = [item.values["lip-speed"].value for item in results.of("portrait")]
    assert found["lip-speed"].value == pytest.approx(np.nanmean(values))
    assert (found["lip-speed"].scored, found["lip-speed"].items) == (7, 8)
    assert found[SET].interval == (1.5, 2.5)


def test_real_footage_stands_in_its_own_row(tmp_path):
    found = cells(tables.table([load(tmp_path / "a")]), "real footage")
    assert found["stoi"] is None
    assert found["offset"].value == 0.0
    assert (found[SET].value, found[SET].method) == (1.5, "floor")


def test_controls_are_no_rows(tmp_path):
    table = tables.table([load(tmp_path / "a")])
    assert [line.label for line in table.lines] == ["portrait", "portrait+still-head"]


def test_what_has_no_value_is_told_with_its_reason(tmp_path):
    table = tables.table([load(tmp_path / "a", failing="portrait/3")])
    assert "stoi, offset, portrait: 7/8 clips, the voice gave no sound (1)." in table.notes
    assert any("no face in 41 of 50 frames (1)" in note for note in table.notes)


def test_measures_that_miss_the_controls_are_marked(tmp_path):
    table = tables.table([load(tmp_path / "a")])
    marks = {column.measure.measure: column.calibrated for column in table.columns}
    assert marks == {"stoi": True, "lip-speed": None, "offset": False, SET: True}
    told = rendering.text(table)
    assert "offset [frames] → 0 †" in told
    assert "lip-speed [iod/s] ≈ real ‡" in told


def test_a_large_difference_is_bold_and_chance_is_not(tmp_path):
    far = tables.table([load(tmp_path / "far", clips=24)])
    assert cells(far, "portrait")["stoi"].best
    assert not cells(far, "portrait+still-head")["stoi"].best
    near = tables.table([load(tmp_path / "near", clips=24, rows={"portrait": 0, "portrait+nothing": 0})])
    assert not any(cell.best for line in near.lines for cell in line.cells if cell)


def test_few_people_cannot_make_anything_bold(tmp_path):
    table = tables.table([load(tmp_path / "a", clips=6)])
    assert not any(cell.best for line in table.lines for cell in line.cells if cell)


def test_what_differs_is_refused_or_shown_apart(tmp_path):
    runs = [load(tmp_path / "a"), load(tmp_path / "b", rows={"portrait": 0.1}, protocol={"clip.fps": 30})]
    with pytest.raises(InputError, match=r"clip.fps: 25 and 30"):
        tables.table(runs)
    found = cells(tables.table(runs, apart=True), "b: portrait")["stoi"]
    assert math.isnan(found.value)
    assert found.told == "not comparable: clip.fps: 25 and 30"


def test_text_fits_a_terminal_and_names_every_row_in_each_block(tmp_path):
    told = rendering.text(tables.table([load(tmp_path / "a", failing="portrait/3")]))
    blocks = told.split("\n\n")[:2]
    assert all(len(line) <= rendering.WIDTH for block in blocks for line in block.splitlines())
    starts = [line.split("  ")[0] for line in told.splitlines()]
    assert starts.count("portrait") == starts.count("real footage") == 2


def test_markdown_is_one_table_of_even_rows(tmp_path):
    told = rendering.markdown(tables.table([load(tmp_path / "a", clips=24)]))
    rows = [line for line in told.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {6}
    assert "| portrait | **0." in told


def test_latex_has_a_row_for_every_line_and_escapes(tmp_path):
    rows = {"portrait": 0.0, "portrait+no_50%_&_more": 0.2}
    told = latex.latex(tables.table([load(tmp_path / "a", clips=24, rows=rows)]))
    body = told[told.index(r"\midrule") : told.index(r"\bottomrule")].splitlines()
    lines = [line for line in body if line.endswith(r"\\")]
    assert len(lines) == 3
    assert {line.replace(r"\&", "").count("&") for line in lines} == {4}
    assert r"portrait+no\_50\%\_\&\_more" in told
    assert r"\textbf{0." in told
    assert told.count("{") == told.count("}")
    assert "≈" not in told


def test_published_rows_stand_apart_with_their_source(tmp_path):
    rows = published(["p4y"], ["hdtf"])
    table = tables.table([load(tmp_path / "a")], published=rows)
    for form in (rendering.text, rendering.markdown, latex.latex):
        above, below = form(table).split("portrait", 1)
        assert "15.58" not in above
        assert "protocol unpublished" in below
        assert "15.58" in below


def test_a_run_without_anything_yet_is_an_empty_table(tmp_path):
    results = load(tmp_path / "a", rows={}, controls=False)
    assert "real footage" in rendering.text(tables.table([results]))


def test_what_all_rows_lack_is_said_once(tmp_path):
    notes = tables.table([load(tmp_path / "a")]).notes
    assert "lip-speed, all rows: 7/8 clips, no face in 41 of 50 frames (1)." in notes
    assert sum(note.startswith("lip-speed") for note in notes) == 1
