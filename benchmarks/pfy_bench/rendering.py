"""Tables and differences as text for a terminal and as Markdown."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from pfy_core.errors import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pfy_bench.differences import Compared
    from pfy_bench.published import Published
    from pfy_bench.records import Measure
    from pfy_bench.tables import Cell, Line, Table

WIDTH = 120
"""Columns of a terminal that a table may take; more measures follow below."""
ARROWS = {"high": "↑", "low": "↓", "zero": "→ 0", "human": "≈ real"}
"""Which way is better."""
MARKS = {True: "", False: " †", None: " ‡"}
"""Of a column, by what the negative controls tell; the notes explain them."""
APART = "Printed by others; the protocols are unpublished, so these compare with nothing above."


def number(value: float, digits: int) -> str:
    """A value with the digits of its measure; a dash where there is none."""
    return f"{value:z.{digits}f}" if isfinite(value) else "–"


def shown(cell: Cell | None, measure: Measure) -> str:
    """``0.812 [0.79, 0.83] ±0.01 7/8``: value, interval, spread of replicates, and how many clips where some
    have none."""
    if cell is None:
        return "–"
    parts = [number(cell.value, measure.digits)]
    if cell.interval:
        parts.append(interval(cell.interval, measure.digits))
    if cell.spread is not None:
        parts.append(f"±{number(cell.spread, measure.digits)}")
    if cell.method == "floor":
        parts.append("floor")
    if cell.scored < cell.items:
        parts.append(f"{cell.scored}/{cell.items}")
    return " ".join(parts)


def labelled(line: Line) -> str:
    """``full (3)``: a row, and of how many replicates it is the mean."""
    return f"{line.label} ({line.replicates})" if line.replicates > 1 else line.label


def interval(bounds: tuple[float, float], digits: int) -> str:
    """``[0.79, 0.83]``"""
    return f"[{number(bounds[0], digits)}, {number(bounds[1], digits)}]"


def name(measure: Measure) -> str:
    """``lip-speed [iod/s] ≈ real``"""
    unit = f" [{measure.unit}]" if measure.unit else ""
    return f"{measure.measure}{unit} {ARROWS[measure.better]}"


def text(table: Table) -> str:
    """For a terminal: the measures in as many blocks as they need."""
    head = ["", *(name(column.measure) + MARKS[column.calibrated] for column in table.columns)]
    rows = _rows(table, lambda told: f"{told} *")
    blocks = [_aligned([head, *rows], some) for some in _blocks([head, *rows])]
    parts = [table.data, "\n\n".join(blocks), _notes(table)]
    if any(cell and cell.best for line in table.lines for cell in line.cells):
        parts.insert(2, "* best")
    for title, names, values in printed(table.published):
        parts.append(f"{title}\n" + _aligned([names, *values], range(len(names))))
    if table.published:
        parts.append(APART)
    return "\n\n".join(part for part in parts if part) + "\n"


def _rows(table: Table, best: Callable[[str], str]) -> list[list[str]]:
    return [
        [
            labelled(line),
            *(
                best(shown(cell, column.measure)) if cell and cell.best else shown(cell, column.measure)
                for column, cell in zip(table.columns, line.cells, strict=True)
            ),
        ]
        for line in (table.real, *table.lines)
    ]


def _notes(table: Table) -> str:
    return "\n".join(table.notes)


def _blocks(grid: Sequence[Sequence[str]]) -> list[list[int]]:
    widths = [max(len(row[index]) for row in grid) for index in range(len(grid[0]))]
    blocks: list[list[int]] = []
    for index in range(1, len(widths)):
        if not blocks or sum(widths[each] + 2 for each in [*blocks[-1], index]) > WIDTH:
            blocks.append([0])
        blocks[-1].append(index)
    return blocks


def _aligned(grid: Sequence[Sequence[str]], columns: Sequence[int]) -> str:
    widths = {index: max(len(row[index]) for row in grid) for index in columns}
    lines = ["  ".join(row[index].ljust(widths[index]) for index in columns).rstrip() for row in grid]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def printed(rows: Sequence[Published]) -> list[tuple[str, list[str], list[list[str]]]]:
    """Published rows by source: its title, head and lines."""
    found: dict[str, list[Published]] = {}
    for row in rows:
        found.setdefault("; ".join(filter(None, [row.source, row.url])), []).append(row)
    blocks = []
    for source, members in found.items():
        columns = list(dict.fromkeys(column for row in members for column in row.values))
        head = ["", "data", *(f"{column} {ARROWS[members[0].better[column]]}" for column in columns)]
        lines = [
            [
                row.method,
                row.dataset,
                *(row.values.get(column, "–") for column in columns),
            ]
            for row in members
        ]
        notes = list(dict.fromkeys(row.note for row in members if row.note))
        title = f"Published, protocol {members[0].protocol}: {source}" + "".join(
            f"\n{note}" for note in notes
        )
        blocks.append((title, head, lines))
    return blocks


def markdown(table: Table) -> str:
    """For a README: one table, the best in bold."""
    head = ["", *(name(column.measure) + MARKS[column.calibrated] for column in table.columns)]
    parts = [f"### {table.data}"] if table.data else []
    parts.append(_piped([head, *_rows(table, lambda told: f"**{told}**")]))
    if table.notes:
        parts.append("\n".join(f"- {note}" for note in table.notes))
    for title, names, values in printed(table.published):
        parts += [title, _piped([names, *values])]
    if table.published:
        parts.append(APART)
    return "\n\n".join(parts) + "\n"


def _piped(grid: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in grid]
    return "\n".join([lines[0], "|" + "---|" * len(grid[0]), *lines[1:]])


def difference(found: Sequence[Compared], one: str, other: str, *, piped: bool = False) -> str:
    """What ``differences.compare`` found, as text or Markdown."""
    head = ["", one, other, "difference", "p", "p (Holm)", "", "clips, identities"]
    rows = [
        [
            name(each.measure) + MARKS[each.calibrated],
            number(each.one, each.measure.digits),
            number(each.other, each.measure.digits),
            _change(each),
            _p(each.change.p),
            _p(each.p),
            each.verdict,
            f"{each.change.clips}, {each.change.identities}" if each.change.clips else "–",
        ]
        for each in found
    ]
    states = {each.calibrated for each in found}
    methods = sorted({each.change.method for each in found if each.change.method})
    turned = sorted({f"{each.measure.better}: of {each.of}" for each in found if each.of})
    notes = [
        f"Differences: {other} less {one}, on the same clips, with intervals of 95 %: {'; '.join(methods)}.",
        "p (Holm): corrected for the number of measures; up to 0.05 is said to be better or worse.",
        *([f"Differences towards {listed(turned)}."] if turned else []),
        *(["† Uncalibrated: missed the negative controls."] if False in states else []),
        *(["‡ No negative control tells whether these see anything."] if None in states else []),
    ]
    if piped:
        return "\n\n".join([_piped([head, *rows]), "\n".join(f"- {note}" for note in notes)]) + "\n"
    return "\n\n".join([_aligned([head, *rows], range(len(head))), "\n".join(notes)]) + "\n"


def _change(each: Compared) -> str:
    digits = each.measure.digits
    value = f"{each.change.value:+z.{digits}f}" if isfinite(each.change.value) else "–"
    return f"{value} {interval(each.change.interval, digits)}" if each.change.interval else value


def _p(value: float) -> str:
    return "–" if not isfinite(value) else "<.001" if value < 0.001 else f"{value:.3f}"
