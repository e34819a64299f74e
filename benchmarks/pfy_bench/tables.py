"""The table of one or several runs: rows of graphs, columns of measures, real footage first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_bench import comparing, differences, statistics
from pfy_core.errors import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pfy_bench.comparing import Place
    from pfy_bench.differences import Distances
    from pfy_bench.published import Published
    from pfy_bench.records import Measure, Results


@dataclass(frozen=True)
class Cell:
    """A value of ``scored`` of ``items`` clips; ``told`` says why there is none.

    ``spread``: the standard deviation between the means of replicates, where there are some.
    """

    value: float
    interval: tuple[float, float] | None = None
    scored: int = 0
    items: int = 0
    method: str = ""
    told: str = ""
    best: bool = False
    spread: float | None = None


@dataclass(frozen=True)
class Column:
    """A measure, and whether it put the negative controls in their order; None where none tells."""

    measure: Measure
    calibrated: bool | None
    why: str


@dataclass(frozen=True)
class Line:
    """A row: its cells are in the order of the columns, None where nothing is to be had.

    ``replicates``: of how many it is the mean.
    """

    label: str
    cells: tuple[Cell | None, ...]
    ablation: bool = False
    replicates: int = 1


@dataclass(frozen=True)
class Table:
    """What can stand side by side; ``published`` stands apart from it, for its protocols are unknown.

    ``data`` names the data sets, where there are several tables for several of them.
    """

    columns: tuple[Column, ...]
    real: Line
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    published: tuple[Published, ...] = ()
    data: str = ""


def table(
    results: Sequence[Results],
    measures: Sequence[str] | None = None,
    *,
    apart: bool = False,
    pool: bool = False,
    distances: Distances | None = None,
    published: Sequence[Published] = (),
) -> Table:
    """The rows of runs beside each other; ``measures`` are names or patterns, all where None.

    ``pool`` takes rows of one name in several runs for replicates, as those in one run always are.

    Raises InputError that names every differing field where protocols, extractor weights, clips or sizes
    of sets differ in a column; with ``apart`` the cells that differ from their column's first say why
    instead. ``distances`` gives set measures as functions, to test their differences.
    """
    names = comparing.measures(results, measures)
    rows = comparing.places(results, pool=pool)
    if not apart:
        comparing.refuse(names, rows)
    columns = tuple(_column(name, results) for name in names)
    grid = [_cells(column.measure, rows, distances) for column in columns]
    winners = [
        _winner(column.measure, rows, cells, distances) for column, cells in zip(columns, grid, strict=True)
    ]
    ps = statistics.holm([p for _, p in winners])
    for cells, (row, _), p in zip(grid, winners, ps, strict=True):
        cell = cells[row] if cells else None
        if cell is not None and p <= differences.CHANCE:
            cells[row] = replace(cell, best=True)
    lines = tuple(
        Line(
            place.label,
            tuple(cells[index] for cells in grid),
            place.row.ablation is not None,
            len(place.replicates) or 1,
        )
        for index, place in enumerate(rows)
    )
    real = Line("real footage", tuple(_real(column.measure, rows) for column in columns))
    notes = tuple(_notes(columns, rows, real, lines))
    return Table(columns, real, lines, notes, tuple(published))


def by_data(results: Sequence[Results]) -> dict[str, list[Results]]:
    """Runs by the data sets that they are on, as in the paper's tables of several."""
    found: dict[str, list[Results]] = {}
    for each in results:
        found.setdefault(", ".join(sorted(each.run.data)), []).append(each)
    return found


def _column(name: str, several: Sequence[Results]) -> Column:
    having = [results for results in several if name in results.measures]
    found = [results.calibrations.get(name) for results in having]
    state = comparing.calibrated(name, having)
    why = next((each.why for each in found if each and each.calibrated is state), "")
    return Column(having[0].measures[name], state, why)


def _cells(measure: Measure, rows: Sequence[Place], distances: Distances | None) -> list[Cell | None]:
    first = next((place for place in rows if place.has(measure.measure)), None)
    cells: list[Cell | None] = []
    for place in rows:
        if first is None or not place.has(measure.measure):
            cells.append(None)
            continue
        apart = _apart(measure.measure, first, place)
        cells.append(Cell(nan, told=f"not comparable: {apart}") if apart else cell(measure, place, distances))
    return cells


def _apart(measure: str, first: Place, place: Place) -> str:
    """Why a row cannot stand in the column that another began; empty where it can."""
    return "; ".join(comparing.differences(measure, first, place)) if place is not first else ""


def cell(measure: Measure, place: Place, distances: Distances | None = None) -> Cell:
    """A row's value in a measure, over its clips; ``distances`` gives an interval to sets of replicates."""
    items, between = place.items, place.spread(measure.measure)
    if measure.over == "set":
        found = place.set_value(measure.measure)
        if found is None:
            return Cell(nan, None, 0, len(items), told="not measured")
        told = "" if isfinite(found.value) else found.reason or "no value"
        interval, method = found.interval, found.method
        function = distances(place, measure.measure) if distances and place.replicates and not told else None
        if function is not None:
            estimate = statistics.jackknife(function, differences.pooled_people(measure, place))
            interval, method = estimate.interval, estimate.method
        return Cell(found.value, interval, found.clips, len(items), method, told, spread=between)
    values = np.array([differences.value(item, measure.measure) for item in items])
    estimate = statistics.mean(values, [item.identity for item in items])
    return Cell(
        estimate.value, estimate.interval, estimate.clips, len(items), estimate.method,
        "" if estimate.clips else estimate.method, spread=between,
    )  # fmt: skip


def _real(measure: Measure, rows: Sequence[Place]) -> Cell | None:
    """Real footage in the same measure: its own mean, or the distance between two halves of it."""
    first = next((place for place in rows if place.has(measure.measure)), None)
    if first is None:
        return None
    if measure.over == "set":
        found = first.set_value(measure.measure)
        return None if found is None or found.floor is None else Cell(found.floor, method="floor")
    items = [item for item in first.items if measure.measure in item.real_values]
    if not items:
        return None
    values = np.array([item.real_values[measure.measure].value for item in items])
    estimate = statistics.mean(values, [item.identity for item in items])
    return Cell(estimate.value, estimate.interval, estimate.clips, len(items), estimate.method)


def _winner(
    measure: Measure, rows: Sequence[Place], cells: Sequence[Cell | None], distances: Distances | None
) -> tuple[int, float]:
    able = [index for index, each in enumerate(cells) if each is not None and isfinite(each.value)]
    if not able:
        return 0, nan
    found, p = differences.best(measure, [rows[index] for index in able], distances)
    return able[found], p


def _notes(columns: Sequence[Column], rows: Sequence[Place], real: Line, lines: Sequence[Line]) -> list[str]:
    methods = sorted({each.method for line in lines for each in line.cells if each and each.interval})
    notes = [f"Intervals are of 95 %: {'; '.join(methods)}."] if methods else []
    without = sorted(
        {each.method for line in lines for each in line.cells if each and not each.interval and each.method}
    )
    notes += [f"{told[0].upper()}{told[1:]}." for told in without if told.startswith("no interval")]
    if any(each and each.method == "floor" for each in real.cells):
        notes.append("Floor: the distance between two halves of the real clips, at their own number.")
    if many := [f"{line.label} ({line.replicates})" for line in lines if line.replicates > 1]:
        notes.append(
            f"Replicates, averaged clip by clip: {listed(many)}. ±: standard deviation between their means."
        )
    if any(each and each.best for line in lines for each in line.cells):
        notes.append(
            "Best: better than every other row on the same clips (sign flips by identity, Holm over the "
            "columns, p <= 0.05); towards real footage, by the mean distance from the real clip."
        )
    for column in columns:
        if column.calibrated is False:
            notes.append(f"† {column.measure.measure} is uncalibrated on these clips: {column.why}.")
    untold = [column.measure.measure for column in columns if column.calibrated is None]
    if untold:
        notes.append(f"‡ No negative control tells whether these see anything: {', '.join(untold)}.")
    notes += coverage(columns, rows, lines)
    return notes


def coverage(columns: Sequence[Column], rows: Sequence[Place], lines: Sequence[Line]) -> list[str]:
    """Why cells lack clips or have no value: a note for each reason, with its measures and rows."""
    found: dict[tuple[str, str], list[str]] = {}
    for index, column in enumerate(columns):
        whose: dict[str, list[str]] = {}
        for place, line in zip(rows, lines, strict=True):
            if told := lacking(column.measure, place, line.cells[index]):
                whose.setdefault(told, []).append(line.label)
        for told, labels in whose.items():
            rows_named = "all rows" if len(labels) == len(lines) > 1 else listed(labels)
            found.setdefault((rows_named, told), []).append(column.measure.measure)
    return [f"{', '.join(names)}, {rows_named}: {told}." for (rows_named, told), names in found.items()]


def lacking(measure: Measure, place: Place, cell: Cell | None) -> str:
    """``7/8 clips, no face (1)``: what a cell lacks and why; empty where it lacks nothing."""
    if cell is None or (cell.scored == cell.items and not cell.told):
        return ""
    told = cell.told
    if measure.over == "clip" and not told.startswith("not comparable"):
        counted = differences.reasons(place.items, measure.measure).items()
        told = listed(f"{why} ({count})" for why, count in counted)
    elif not told:
        problems = Counter(item.problem for item in place.items if item.problem)
        told = listed(f"{why} ({count})" for why, count in sorted(problems.items()))
    return f"{cell.scored}/{cell.items} clips, {told}" if cell.items else told


def as_dict(found: Table) -> dict[str, Any]:
    """A table as JSON-ready data: rows by label, cells by measure; None stands for no number."""

    def cell(each: Cell | None) -> dict[str, Any] | None:
        if each is None:
            return None
        value = each.value if isfinite(each.value) else None
        return vars(each) | {"value": value, "interval": each.interval and list(each.interval)}

    names = [column.measure.measure for column in found.columns]
    return {
        "measures": {
            column.measure.measure: vars(column.measure)
            | {"calibrated": column.calibrated, "why": column.why}
            for column in found.columns
        },
        "real": dict(zip(names, map(cell, found.real.cells), strict=True)),
        "rows": {line.label: dict(zip(names, map(cell, line.cells), strict=True)) for line in found.lines},
        "replicates": {line.label: line.replicates for line in found.lines},
        "notes": list(found.notes),
        "published": [vars(row) for row in found.published],
    }
