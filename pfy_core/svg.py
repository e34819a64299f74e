"""Graphs as SVG pictures, made here and sent nowhere.

Boxes stand in columns by their distance from the inputs; each lists what it takes. An edge that
passes a column gets a place of its own in it, so that no edge runs behind a box.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from pfy_core.draw import Edge, edges

if TYPE_CHECKING:
    from pfy_core.check import Resolved

WIDTH, GAP_X, GAP_Y, MARGIN = 250, 70, 22, 20
HEADER, ROW = 42, 17
SWEEPS = 4
STYLE = (
    "svg{background:#fff}text{font:13px system-ui,sans-serif;fill:#1b2430}"
    ".use{font-style:italic;fill:#5b6673}.row{font-size:11px;fill:#44505c}rect{fill:#f4f7fb;stroke:#8aa0b8}.end{fill:#e9f5ec;stroke:#7fae8d}"
    "path{fill:none;stroke:#8aa0b8;stroke-width:1.4}"
)


@dataclass
class Box:
    """A node, an input or output of the graph, or (``width`` 0) the place where an edge passes."""

    name: str
    column: int
    below: str = ""
    rows: list[Edge] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    width: int = WIDTH
    x: int = 0
    y: float = 0.0

    @property
    def height(self) -> int:
        return HEADER + ROW * len(self.rows) if self.width else 8

    def row(self, edge: Edge) -> float:
        """Height of the middle of an edge's row."""
        index = next(index for index, row in enumerate(self.rows) if row is edge)  # rows may be equal
        return self.y + HEADER + ROW * (index + 0.5) - 4


def svg(resolved: Resolved) -> str:
    """A graph as an SVG document."""
    drawn = edges(resolved)
    boxes = _boxes(resolved, drawn)
    paths = _passages(boxes, drawn)
    columns = _arranged(boxes)
    width = 2 * MARGIN + len(columns) * (WIDTH + GAP_X) - GAP_X
    height = 2 * MARGIN + max(_height(column) for column in columns)
    size = f'viewBox="0 0 {width} {height:g}" width="{width}" height="{height:g}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size}>', f"<style>{STYLE}</style>"]
    parts += [_path(edge, [boxes[name] for name in path]) for edge, path in paths]
    parts += [line for box in boxes.values() if box.width for line in _drawn(box)]
    return "\n".join([*parts, "</svg>"])


def _boxes(resolved: Resolved, drawn: list[Edge]) -> dict[str, Box]:
    graph = resolved.graph
    boxes = {f"${name}": Box(f"${name}", 0, "input") for name in graph.inputs}
    for name in resolved.order:
        sources = [edge.source for edge in drawn if edge.target == name]
        column = 1 + max((boxes[source].column for source in sources if source in boxes), default=0)
        boxes[name] = Box(name, column, graph.nodes[name].use)
    last = 1 + max((box.column for box in boxes.values()), default=0)
    boxes |= {f">{name}": Box(f">{name}", last, "output") for name in graph.outputs}
    for edge in drawn:
        boxes[edge.target].rows.append(edge)
    return boxes


def _passages(boxes: dict[str, Box], drawn: list[Edge]) -> list[tuple[Edge, list[str]]]:
    """The boxes on the way of each edge; edges with the same content share their places."""
    paths = []
    for edge in drawn:
        if edge.source not in boxes:
            continue
        path = [edge.source]
        for column in range(boxes[edge.source].column + 1, boxes[edge.target].column):
            name = f"~{edge.source} {edge.what} {column}"
            boxes.setdefault(name, Box(name, column, width=0))
            path.append(name)
        path.append(edge.target)
        for one, other in itertools.pairwise(path):
            boxes[other].before.append(one)
        paths.append((edge, path))
    return paths


def _arranged(boxes: dict[str, Box]) -> list[list[Box]]:
    """Columns of boxes with their places, each near the middle of what it is joined to."""
    last = max((box.column for box in boxes.values()), default=0)
    columns = [[box for box in boxes.values() if box.column == column] for column in range(last + 1)]
    _place(columns)
    for _ in range(SWEEPS):
        for column in columns[1:]:
            column.sort(key=lambda box: _mean([_middle(boxes[name]) for name in box.before], box.y))
        _place(columns)
        for column in reversed(columns[:-1]):
            after = {box.name: [_middle(b) for b in boxes.values() if box.name in b.before] for box in column}
            column.sort(key=lambda box, after=after: _mean(after[box.name], box.y))  # type: ignore[misc]
        _place(columns)
    return columns


def _place(columns: list[list[Box]]) -> None:
    tallest = max(_height(column) for column in columns)
    for index, column in enumerate(columns):
        y = MARGIN + (tallest - _height(column)) / 2
        for box in column:
            box.x, box.y = MARGIN + index * (WIDTH + GAP_X), y
            y += box.height + GAP_Y


def _height(column: list[Box]) -> float:
    return sum(box.height + GAP_Y for box in column) - GAP_Y


def _middle(box: Box) -> float:
    return box.y + box.height / 2


def _mean(values: list[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _path(edge: Edge, way: list[Box]) -> str:
    first, *passed, target = way
    x, y = first.x + first.width, first.y + 20
    parts = [f"M{x} {y:g}"]
    for box in [*passed, target]:
        right, height = box.x, target.row(edge) if box is target else _middle(box)
        bend = max(25, (right - x) / 2)
        parts.append(f"C{x + bend:g} {y:g} {right - bend:g} {height:g} {right} {height:g}")
        x, y = right + (0 if box is target else WIDTH), height
        if box is not target:
            parts.append(f"H{x}")
    return f'<path d="{" ".join(parts)}"/>'


def _drawn(box: Box) -> list[str]:
    style = 'class="end" ' if box.name[0] in "$>" else ""
    lines = [f'<rect {style}x="{box.x}" y="{box.y:g}" width="{box.width}" height="{box.height}" rx="7"/>']
    lines.append(f'<text x="{box.x + 12}" y="{box.y + 18:g}">{escape(box.name.strip("$>"))}</text>')
    lines.append(f'<text class="use" x="{box.x + 12}" y="{box.y + 34:g}">{escape(box.below)}</text>')
    for edge in box.rows:
        label = f"{edge.port}: {edge.what}" if edge.port else edge.what
        lines.append(f'<text class="row" x="{box.x + 12}" y="{box.row(edge) + 4:g}">{escape(label)}</text>')
    return lines
