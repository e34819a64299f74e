"""About the measuring: controls, coverage, time, protocols and where it ran."""

from __future__ import annotations

import json
import re
from html import escape
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_bench import differences, statistics, tables
from pfy_bench.report import plots
from pfy_bench.report.measured import MARKS, name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pfy_bench.comparing import Place
    from pfy_bench.records import Measure, Results
    from pfy_bench.tables import Column, Table

STEP = re.compile(r"(?P<ladder>.+?)-(?P<step>\d+)$")
"""A control that is a step of a ladder, such as ``blur-2``."""
UNSPOILED = "same"
"""The control that takes the real clip as it is: where every ladder begins."""
STAGES = 5
"""Stages of the work that are told apart; the shorter ones are added up."""

NOT_COMMERCIAL = "<span class='mark warn'>not commercial</span>"


def facts(results: Sequence[Results], table: Table, rows: Sequence[Place]) -> str:
    """What was run, in a line and a few numbers."""
    items = {(place.results.folder, item.item): item for place in rows for item in place.items}
    people = {item.identity for item in items.values()}
    cells = [cell for line in table.lines for cell in line.cells if cell and cell.items]
    scored, asked = sum(cell.scored for cell in cells), sum(cell.items for cell in cells)
    calibrated = sum(column.calibrated is True for column in table.columns)
    told = [
        (len({item.item for item in items.values()}), "clips"),
        (len(people), "people"),
        (len(rows), "rows"),
        (f"{100 * scored / asked:.0f} %" if asked else "–", "of the values could be had"),
        (f"{calibrated} of {len(table.columns)}", "measures calibrated"),
    ]
    runs = "<br>".join(
        escape(
            f"{each.run.id[:12]}, {each.run.started}: suite {each.run.suite.get('name')} version "
            f"{each.run.suite.get('version')} on {', '.join(each.run.data) or 'no data'}"
        )
        for each in results
    )
    listed = "".join(f"<li><b>{value}</b>{escape(what)}" for value, what in told)
    return f"<div class=soft>{runs}</div><ul class=facts>{listed}</ul>"


def controls(results: Sequence[Results], table: Table) -> str:
    """Ladders of spoiled real clips: what each measure says of them."""
    cards = []
    for column in table.columns:
        drawn = next(filter(None, (_ladders(each, column.measure) for each in results)), "")
        told = f"<p>{escape(column.why)}</p>" if column.why else ""
        if drawn or told:
            cards.append(_control(column, told, drawn))
    if not cards:
        return ""
    return (
        "<p>Real clips, spoiled step by step, take the place of the made ones. A measure that does not put "
        "the steps in their order is uncalibrated: on these clips it cannot tell.</p>"
        f"<div class=measures>{''.join(cards)}</div>"
    )


def _control(column: Column, told: str, drawn: str) -> str:
    return (
        f"<div class=card><h3>{name(column.measure)} {MARKS[column.calibrated]}</h3>{told}"
        f"<div class=ladders>{drawn}</div></div>"
    )


def _ladders(results: Results, measure: Measure) -> str:
    found: dict[str, list[tuple[int, str, float]]] = {}
    start = []
    for row in results.rows.values():
        value = _control_value(results, row.row, measure) if row.control else nan
        if row.control is None or not np.isfinite(value):
            continue
        if row.control == UNSPOILED:
            start = [(0, plots.REAL, value)]
            continue
        step = STEP.match(row.control)
        ladder, number = (step["ladder"], int(step["step"])) if step else (row.control, 1)
        found.setdefault(ladder, []).append((number, row.title or row.control, value))
    seen = _sees(results, measure.measure)
    return "".join(
        plots.ladder(ladder, [(label, value) for _, label, value in sorted(start + steps)], measure.digits)
        for ladder, steps in found.items()
        if seen is None or ladder in seen
    )


def _control_value(results: Results, row: str, measure: Measure) -> float:
    if measure.over == "set":
        found = results.sets.get((row, measure.measure, 0))
        return found.value if found else nan
    items = results.of(row)
    values = np.array([differences.value(item, measure.measure) for item in items])
    return statistics.mean(values, [item.identity for item in items]).value


def _sees(results: Results, measure: str) -> set[str] | None:
    """The ladders that the suite says a measure sees; None where it does not say."""
    about = results.run.suite.get("measures", {}).get(measure, {})
    return set(about["sees"]) if "sees" in about else None


def coverage(table: Table, rows: Sequence[Place]) -> str:
    """How many clips each row has a value of, and why not the others."""
    notes = tables.coverage(table.columns, rows, table.lines)
    if not notes:
        return "<p>Every clip of every row has a value in every measure.</p>"
    lines = "".join(f"<li>{escape(note)}" for note in notes)
    return f"<p>What is not complete. Means are over the clips that have a value.</p><ul>{lines}</ul>"


def time(rows: Sequence[Place]) -> str:
    """Seconds for a clip by stage, of every row."""
    found = _longest({place.label: _stages(place) for place in rows})
    most = max((sum(stages.values()) for stages in found.values()), default=0.0)
    if not most:
        return ""
    names = list(dict.fromkeys(stage for stages in found.values() for stage in stages))
    legend = "".join(
        f"<span><i class=part{index % 6}></i>{escape(n)}</span>" for index, n in enumerate(names)
    )
    lines = []
    for label, stages in found.items():
        total = sum(stages.values())
        if total:
            parts = [(stage, stages.get(stage, 0.0)) for stage in names]
            lines.append(
                f"<tr><th>{escape(label)}<td>{total:.1f} s<td>{60 / total:.1f}<td style=width:60%>"
                f"{plots.shares(parts, most)}"
            )
    return (
        f"<div class=legend>{legend}</div><div class=wide><table style=width:100%><thead><tr><th>"
        f"<th>a clip<th>clips/min<th><tbody>{''.join(lines)}</table></div>"
    )


def _stages(place: Place) -> dict[str, float]:
    """Mean seconds of each stage over the clips."""
    items = place.items
    names = dict.fromkeys(stage for item in items for stage in item.seconds)
    return {stage: sum(item.seconds.get(stage, 0.0) for item in items) / len(items) for stage in names}


def _longest(found: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """The same with the longest stages alone, and the others added up."""
    total: dict[str, float] = {}
    for stages in found.values():
        for stage, seconds in stages.items():
            total[stage] = total.get(stage, 0.0) + seconds
    kept = sorted(total, key=lambda stage: -total[stage])[:STAGES]
    return {
        label: {
            **{stage: stages[stage] for stage in kept if stage in stages},
            **(
                {"other": sum(seconds for stage, seconds in stages.items() if stage not in kept)}
                if len(total) > len(kept)
                else {}
            ),
        }
        for label, stages in found.items()
    }


def protocols(results: Sequence[Results], table: Table, rows: Sequence[Place]) -> str:
    """How each measure was taken, what made the clips, and where it ran, folded."""
    parts = [
        f"<details><summary>{escape(column.measure.measure)}</summary>{_pairs(column.measure.protocol.items())}"
        "</details>"
        for column in table.columns
    ]
    parts.append("<h3>What made the clips</h3>")
    for place in [each for row in rows for each in (row.replicates or (row,))]:
        graph = (
            f"<pre>{escape(json.dumps(place.row.graph, indent=1, ensure_ascii=False))}</pre>"
            if place.row.graph
            else ""
        )
        parts.append(
            f"<details><summary>{escape(place.label)}</summary>"
            f"<p class=soft>digest {escape(place.row.digest)}</p>{_weights(place)}{graph}</details>"
        )
    parts.append("<h3>Where it ran</h3>")
    for each in results:
        run = each.run
        suite = json.dumps(run.suite, indent=1, ensure_ascii=False)
        data = {name: json.dumps(about, ensure_ascii=False) for name, about in run.data.items()}
        parts.append(
            f"<details><summary>{escape(run.id[:12])}</summary><pre>{escape(' '.join(run.argv))}</pre>"
            f"{_pairs({'seed': run.seed, **run.machine, **data}.items())}"
            f"{_pairs(run.packages.items())}<pre>{escape(suite)}</pre></details>"
        )
    return "".join(parts)


def _pairs(pairs: Iterable[tuple[str, Any]]) -> str:
    body = "".join(f"<tr><th>{escape(str(key))}<td>{escape(str(value))}" for key, value in pairs)
    return f"<table class=protocol>{body}</table>" if body else ""


def _weights(place: Place) -> str:
    body = "".join(
        f"<tr><th>{escape(weight)}<td>{escape(str(about.get('licence', '')))}"
        f"<td>{'' if about.get('commercial', True) else NOT_COMMERCIAL}"
        f"<td>{escape(str(about.get('sha256', '')))}"
        for weight, about in place.row.weights.items()
    )
    return f"<table class=protocol>{body}</table>" if body else ""
