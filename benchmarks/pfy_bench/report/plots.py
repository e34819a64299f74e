"""Plots as SVG, drawn here: they need no script and take their colours from the page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from pfy_bench.rendering import interval, number

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL, PLOT, RIGHT = 170, 430, 30
"""Widths of the rows' names, of the plot, and of what the last tick may take beside it."""
ROW, TOP, AXIS = 34, 8, 26
SPREAD = 5.0
"""Clips of one row lie up to so far above and below its line, so that equal values can be seen."""
MOST = 100
"""Clips of a row that are drawn: more would lie on top of each other, and make the page slow."""
GOLDEN = (math.sqrt(5) - 1) / 2
BEYOND = 1.0
"""How far a scale goes beyond what it shows for the end of an interval, in widths of the former: the
interval of two people may be a hundred times wider than their values lie apart."""
TICKS = 5
LONGEST = 24
"""Letters of a row's name that have room."""
LADDER, END = (150, 104), 24
"""Width and height of a ladder's plot, and the room for the numbers at its ends."""
REAL = "real"
"""Label of the step at which nothing is spoiled."""


@dataclass(frozen=True)
class Dots:
    """A row of a dot plot: its mean with an interval, and (name, value) of every clip."""

    label: str
    value: float
    interval: tuple[float, float] | None
    clips: Sequence[tuple[str, float]]
    best: bool = False


@dataclass(frozen=True)
class Band:
    """Where real footage lies: a value, and its interval where it has one."""

    label: str
    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Scale:
    """Values from ``low`` to ``high`` along ``width``."""

    low: float
    high: float
    width: float

    def __call__(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low) * self.width


def scale(values: Sequence[float], width: float) -> Scale:
    """One that shows all finite values, with some room beside them."""
    known = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    room = (high - low) * 0.05 or max(abs(high), 1.0) * 0.1
    return Scale(low - room, high + room, width)


def ticks(found: Scale) -> list[float]:
    """Round values in a scale: steps of 1, 2 or 5 times a power of ten."""
    rough = (found.high - found.low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first = math.ceil(found.low / step)
    return [index * step for index in range(first, math.floor(found.high / step + 1e-9) + 1)]


def dots(rows: Sequence[Dots], band: Band | None, digits: int, title: str) -> str:
    """A line for each row: the clips as faint dots, the mean and its interval; real footage as a band."""
    along = scale(_shown(rows, band), PLOT)
    width, height = LABEL + PLOT + RIGHT, TOP + ROW * len(rows) + AXIS
    parts = [
        f'<svg class=plot viewBox="0 0 {width} {height}" role=img aria-label="{escape(title)}">',
        *_grid(along, TOP, ROW * len(rows)),
    ]
    if band:
        parts.append(_band(band, along, ROW * len(rows), digits))
    for index, row in enumerate(rows):
        parts += _row(row, along, TOP + ROW * (index + 0.5), digits)
    return "".join([*parts, "</svg>"])


def _shown(rows: Sequence[Dots], band: Band | None) -> list[float]:
    """The values that the scale must show; ends of intervals only as far as ``BEYOND`` from the others."""
    values = [value for row in rows for _, value in row.clips] + [row.value for row in rows]
    ends = [end for row in rows for end in row.interval or ()]
    if band:
        values.append(band.value)
        ends += band.interval or ()
    known = [value for value in values if math.isfinite(value)]
    reach = BEYOND * (max(known) - min(known)) if known else 0.0
    if not reach:
        return known + ends
    return known + [min(max(end, min(known) - reach), max(known) + reach) for end in ends]


def _grid(along: Scale, top: float, height: float) -> list[str]:
    found = ticks(along)
    step = found[1] - found[0] if len(found) > 1 else abs(found[0]) if found else 1.0
    digits = max(0, -math.floor(math.log10(step or 1.0) + 1e-9))
    parts = []
    for tick in found:
        x = LABEL + along(tick)
        parts.append(f'<line class=grid x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{top + height}"/>')
        parts.append(_small(x, top + height + 17, f"{tick:.{digits}f}"))
    return parts


def _small(x: float, y: float, told: str) -> str:
    return f'<text class=tick x="{x:.1f}" y="{y}" text-anchor=middle>{escape(told)}</text>'


def _band(band: Band, along: Scale, height: float, digits: int) -> str:
    x = LABEL + along(band.value)
    told = f"{band.label}: {number(band.value, digits)}"
    area = ""
    if band.interval:
        left, right = (min(max(along(value), 0.0), PLOT) for value in band.interval)
        told += f" {interval(band.interval, digits)}"
        wide = max(right - left, 2)
        area = f'<rect x="{LABEL + left:.1f}" y="{TOP}" width="{wide:.1f}" height="{height}"/>'
    line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + height}"/>'
    return f"<g class=band><title>{escape(told)}</title>{area}{line}</g>"


def _row(row: Dots, along: Scale, y: float, digits: int) -> list[str]:
    label = row.label if len(row.label) <= LONGEST else f"{row.label[: LONGEST - 1]}…"
    strong = " class=best" if row.best else ""
    parts = [
        f'<text{strong} x="{LABEL - 10}" y="{y + 4}" text-anchor=end>{escape(label)}'
        f"<title>{escape(row.label)}</title></text>"
    ]
    for index, (name, value) in enumerate(_thinned(row.clips)):
        beside = y + SPREAD * (2 * ((index * GOLDEN) % 1) - 1)
        parts.append(
            f'<circle class=clip cx="{LABEL + along(value):.1f}" cy="{beside:.1f}" r="3">'
            f"<title>{escape(name)}: {number(value, digits)}</title></circle>"
        )
    if not math.isfinite(row.value):
        parts.append(f'<text class=tick x="{LABEL + 6}" y="{y + 4}">no value</text>')
        return parts
    told = f"{row.label}: {number(row.value, digits)}"
    if row.interval:
        low, high = (LABEL + along(value) for value in row.interval)
        told += f" {interval(row.interval, digits)}"
        parts.append(_whisker(low, high, y))
    x = LABEL + along(row.value)
    parts.append(f'<circle class=mean cx="{x:.1f}" cy="{y}" r="5.5"><title>{escape(told)}</title></circle>')
    return parts


def _thinned(clips: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """The clips that have a value; of more than ``MOST`` so many, evenly by rank, with both ends."""
    known = [clip for clip in clips if math.isfinite(clip[1])]
    if len(known) <= MOST:
        return known
    known.sort(key=lambda clip: clip[1])
    return [known[round(index * (len(known) - 1) / (MOST - 1))] for index in range(MOST)]


def _whisker(low: float, high: float, y: float) -> str:
    """An interval, with an arrowhead where it goes on beyond the plot."""
    left, right = max(low, LABEL), min(high, LABEL + PLOT)
    heads = [(left, 7) for _ in range(low < left)] + [(right, -7) for _ in range(high > right)]
    arrows = "".join(f'<path class=beyond d="M{x:.1f} {y} l{back} -5 v10 z"/>' for x, back in heads)
    return f'<line class=whisker x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}"/>{arrows}'


def ladder(name: str, steps: Sequence[tuple[str, float]], digits: int) -> str:
    """A negative control: what a measure gives for clips that are spoiled more and more."""
    width, height = LADDER
    known = [value for _, value in steps if math.isfinite(value)]
    up = scale(known, height - 56)
    across = (width - 2 * END) / max(1, len(steps) - 1)
    points = [
        (END + across * index, height - 36 - up(value), label, value)
        for index, (label, value) in enumerate(steps)
        if math.isfinite(value)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in points)
    marks = "".join(
        f'<circle class="mean{" real" if label == REAL else ""}" cx="{x:.1f}" cy="{y:.1f}" r="3.5">'
        f"<title>{escape(label)}: {number(value, digits)}</title></circle>"
        for x, y, label, value in points
    )
    ends = _ends(points, digits)
    below = _small(width / 2, height - 3, name)
    title = f"{name}: " + ", ".join(f"{label} {number(value, digits)}" for label, value in steps)
    return (
        f'<svg class=ladder viewBox="0 0 {width} {height}" role=img aria-label="{escape(title)}">'
        f'<polyline class=whisker fill=none points="{line}"/>{marks}{ends}{below}</svg>'
    )


def _ends(points: Sequence[tuple[float, float, str, float]], digits: int) -> str:
    """The numbers of the first and the last step, on the side where the line is not."""
    if not points:
        return ""
    rises = points[-1][1] < points[0][1]
    (x0, y0, _, first), (x1, y1, _, last) = points[0], points[-1]
    found = [_small(x0, y0 + (15 if rises else -7), number(first, digits))]
    if len(points) > 1:
        found.append(_small(x1, y1 + (-7 if rises else 15), number(last, digits)))
    return "".join(found)


def shares(parts: Sequence[tuple[str, float]], most: float) -> str:
    """Seconds of stages as one bar, as long as they are beside ``most``."""
    found = []
    left = 0.0
    for index, (name, value) in enumerate(parts):
        wide = 100 * value / most
        found.append(
            f'<rect class="part part{index % 6}" x="{left:.2f}%" width="{wide:.2f}%" height="18">'
            f"<title>{escape(name)}: {value:.2f} s</title></rect>"
        )
        left += wide
    return f"<svg class=bar height=18 role=img aria-label=time>{''.join(found)}</svg>"
