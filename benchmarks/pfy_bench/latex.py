"""Tables as LaTeX, laid out like the paper's: rows of models and ablations, columns of measures."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from pfy_bench.rendering import APART, ARROWS, interval, labelled, number, printed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pfy_bench.tables import Cell, Column, Table

SIGNS = {
    "high": r"($\uparrow$)",
    "low": r"($\downarrow$)",
    "zero": r"($\to 0$)",
    "human": r"($\approx$ real)",
}
DAGGERS = {True: "", False: r"$^\dagger$", None: r"$^\ddagger$"}
ESCAPES = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
SYMBOLS = {
    "–": "--",
    "†": r"$\dagger$",
    "‡": r"$\ddagger$",
    "<=": r"$\leq$",
    "<": r"$<$",
    ">": r"$>$",
    "≈": r"$\approx$",
    "±": r"$\pm$",
}
"""Signs of the notes that plain LaTeX has no letters for."""


def latex(table: Table) -> str:
    """For a paper: rows of models and ablations, columns of measures with arrows; needs ``booktabs``."""
    head = ["", *(_head(column) for column in table.columns)]
    groups = [
        [_latex_row(table, labelled(line), line.cells) for line in members]
        for members in (
            [table.real],
            [line for line in table.lines if not line.ablation],
            [line for line in table.lines if line.ablation],
        )
        if members
    ]
    data = [f"Data: {table.data}."] if table.data else []
    caption = " ".join(escaped(note) for note in [*data, *table.notes])
    parts = [_float(head, groups, caption)]
    for title, names, values in printed(table.published):
        lines = [" & ".join(map(escaped, row)) + r" \\" for row in values]
        head = ["", "Data", *(_arrowed(name) for name in names[2:])]
        parts.append(_float(head, [lines], _sentences([*title.splitlines(), APART]), words=2))
    return "\n\n".join(parts) + "\n"


def _head(column: Column) -> str:
    unit = f" [{column.measure.unit}]" if column.measure.unit else ""
    mark = DAGGERS[column.calibrated]
    return f"{escaped(column.measure.measure + unit)}{mark} {SIGNS[column.measure.better]}"


def _arrowed(cell: str) -> str:
    for way, arrow in ARROWS.items():
        if cell.endswith(f" {arrow}"):
            return f"{escaped(cell.removesuffix(f' {arrow}'))} {SIGNS[way]}"
    return escaped(cell)


def _latex_row(table: Table, label: str, cells: Sequence[Cell | None]) -> str:
    found = [escaped(label)]
    for column, cell in zip(table.columns, cells, strict=True):
        if cell is None or not isfinite(cell.value):
            found.append("--")
            continue
        value = number(cell.value, column.measure.digits).replace("-", "$-$")
        told = rf"\textbf{{{value}}}" if cell.best else value
        small = []
        if cell.interval:
            small.append(interval(cell.interval, column.measure.digits).replace("-", "$-$"))
        if cell.spread is not None:
            small.append(rf"$\pm${number(cell.spread, column.measure.digits)}")
        if cell.method == "floor":
            small.append("floor")
        if cell.scored < cell.items:
            small.append(f"{cell.scored}/{cell.items}")
        found.append(told + (rf" {{\scriptsize {' '.join(small)}}}" if small else ""))
    return " & ".join(found) + r" \\"


def _sentences(lines: Sequence[str]) -> str:
    return " ".join(escaped(f"{line.rstrip('.')}.") for line in lines)


def _float(head: Sequence[str], groups: Sequence[Sequence[str]], caption: str, words: int = 1) -> str:
    """A table whose first columns hold ``words``, and the others numbers."""
    body = "\n\\midrule\n".join("\n".join(group) for group in groups)
    return "\n".join(
        [
            r"\begin{table*}[t]",
            r"\centering",
            r"\small",
            rf"\begin{{tabular}}{{{'l' * words}{'r' * (len(head) - words)}}}",
            r"\toprule",
            " & ".join(head) + r" \\",
            r"\midrule",
            body,
            r"\bottomrule",
            r"\end{tabular}",
            rf"\caption{{{caption}}}",
            r"\end{table*}",
        ]
    )


def escaped(told: str) -> str:
    """Words as LaTeX shows them."""
    told = "".join(ESCAPES.get(sign, sign) for sign in told)
    for sign, command in SYMBOLS.items():
        told = told.replace(sign, command)
    return told
