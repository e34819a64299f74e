"""What was measured: the table, a plot for each measure, and differences between rows."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pfy_bench import differences
from pfy_bench.rendering import APART, ARROWS, interval, labelled, number, printed, shown
from pfy_bench.report import plots
from pfy_core import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pfy_bench.comparing import Place
    from pfy_bench.differences import Compared, Distances
    from pfy_bench.records import Measure
    from pfy_bench.tables import Cell, Column, Line, Table

LEGEND = (
    "<div class=legend><span><i class=key-mean></i>mean, interval of 95 %</span>"
    f"<span><i class=key-clip></i>one clip (of more than {plots.MOST} so many, by rank)</span>"
    "<span><i class=key-real></i>real footage, or the floor between halves of it</span></div>"
)
MARKS = {
    True: "<span class='mark good'>calibrated</span>",
    False: "<span class='mark bad'>uncalibrated</span>",
    None: "<span class='mark warn'>no control</span>",
}
"""What the negative controls say of a measure."""


def table(found: Table) -> str:
    """Measures down, rows of the benchmark across, as a page is scrolled."""
    lines = (found.real, *found.lines)
    head = "".join(f"<th>{escape(labelled(line))}" for line in lines)
    body = []
    for index, column in enumerate(found.columns):
        cells = "".join(_cell(line.cells[index], column.measure, line is found.real) for line in lines)
        body.append(f"<tr><th>{name(column.measure)} {_marked(column)}</th>{cells}")
    notes = "".join(f"<li>{escape(note)}" for note in found.notes)
    return (
        f"<div class=wide><table><thead><tr><th>{head}<tbody>{''.join(body)}</table></div>"
        f"<details><summary>Notes</summary><ul class=notes>{notes}</ul></details>"
    )


def name(measure: Measure) -> str:
    """A measure's name, unit and arrow."""
    unit = f" <small>{escape(measure.unit)}</small>" if measure.unit else ""
    return f"{escape(measure.measure)}{unit} <small>{ARROWS[measure.better]}</small>"


def _marked(column: Column) -> str:
    return "" if column.calibrated else f"<br>{MARKS[column.calibrated]}"


def _cell(cell: Cell | None, measure: Measure, real: bool) -> str:
    if cell is None:
        return "<td class=none>–"
    if cell.told:
        short = "not comparable" if cell.told.startswith("not comparable") else "–"
        return f'<td class=none title="{escape(cell.told)}">{short}'
    value = number(cell.value, measure.digits)
    rest = shown(cell, measure).removeprefix(value)
    told = f"<b>{value}</b>" if cell.best else value
    return f"<td{' style=color:var(--real)' if real else ''}>{told}<small>{escape(rest)}</small>"


def plots_of(found: Table, rows: Sequence[Place], index: int) -> str:
    """One measure as a card."""
    column = found.columns[index]
    measure = column.measure
    drawn = [
        _dots(line, index, place, measure)
        for line, place in zip(found.lines, rows, strict=True)
        if line.cells[index] is not None
    ]
    real = found.real.cells[index]
    label = "floor" if measure.over == "set" else "real footage"
    band = plots.Band(label, real.value, real.interval) if real else None
    picture = plots.dots(drawn, band, measure.digits, f"{measure.measure} by row") if drawn else ""
    return (
        f"<div class=card><h3>{name(measure)} {MARKS[column.calibrated]}</h3>"
        f"<p>{escape(measure.doc)}</p>{picture}</div>"
    )


def _dots(line: Line, index: int, place: Place, measure: Measure) -> plots.Dots:
    cell = line.cells[index]
    assert cell is not None
    clips = []
    if measure.over == "clip" and not cell.told.startswith("not comparable"):
        clips = [(item.item, differences.value(item, measure.measure)) for item in place.items]
    return plots.Dots(line.label, cell.value, cell.interval, clips, cell.best)


def plots_section(found: Table, rows: Sequence[Place]) -> str:
    cards = "".join(plots_of(found, rows, index) for index in range(len(found.columns)))
    return f"{LEGEND}<div class=measures>{cards}</div>" if cards else ""


def differences_of(rows: Sequence[Place], distances: Distances | None) -> str:
    """Every row less the first one of its run that is no ablation, on the same clips."""
    parts = []
    for place in rows:
        whole = next(
            (one for one in rows if one.results is place.results and one.row.ablation is None), rows[0]
        )
        if place is whole and place is rows[0]:
            continue
        base = whole if place is not whole else rows[0]
        parts.append(f"<h3>{escape(place.label)} less {escape(base.label)}</h3>")
        try:
            found = differences.compare(base, place, None, distances)
        except InputError as error:
            parts.append(f"<p class=soft>{escape(error.sends)}</p>")
            continue
        parts.append(_differences(found))
    if not parts:
        return ""
    return (
        "<p>On the clips that both have. p by flipping the sign of whole identities (of sets: Student's t of "
        "the jackknife), corrected for the number of measures (Holm). Measures that aim at 0 or at real "
        "footage are compared by their distance from it.</p>" + "".join(parts)
    )


def _differences(found: Sequence[Compared]) -> str:
    lines = []
    for each in found:
        digits = each.measure.digits
        change = f"{each.change.value:+z.{digits}f}" if each.change.value == each.change.value else "–"
        bounds = f" <small>{interval(each.change.interval, digits)}</small>" if each.change.interval else ""
        verdict = {"better": "good", "worse": "bad"}.get(each.verdict)
        told = f"<span class='mark {verdict}'>{each.verdict}</span>" if verdict else escape(each.verdict)
        told += f" {MARKS[each.calibrated]}" if each.calibrated is not True else ""
        p = "–" if each.p != each.p else "&lt; .001" if each.p < 0.001 else f"{each.p:.3f}"
        lines.append(
            f"<tr><th>{name(each.measure)}<td>{change}{bounds}<td>{p}<td class=words>{told}"
            f"<td>{each.change.clips or '–'}"
        )
    head = "<tr><th><th>difference<th>p<th><th>clips"
    return f"<div class=wide><table><thead>{head}<tbody>{''.join(lines)}</table></div>"


def printed_by_others(found: Table) -> str:
    """Published rows by source, below everything that was measured."""
    parts = []
    for title, names, lines in printed(found.published):
        head = "".join(f"<th>{escape(each)}" for each in names)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}" for cell in line) for line in lines)
        told = "<br>".join(escape(line) for line in title.splitlines())
        parts.append(
            f"<p class=soft>{told}</p><div class=wide><table><thead><tr>{head}<tbody>{body}</table></div>"
        )
    return f"<p>{APART}</p>{''.join(parts)}" if parts else ""
