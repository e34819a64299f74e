"""Ways to cut the streams that enter a component."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from pfy_core.testing.samples import SLOWEST

Cut = Callable[[Mapping[str, Any], Mapping[str, float | None]], dict[str, list[Any]]]
"""Pieces by port, of the values and the clocks by port."""


def whole(values: Mapping[str, Any], _: Mapping[str, float | None]) -> dict[str, list[Any]]:
    """Every stream in one piece."""
    return {name: [value] for name, value in values.items()}


def rows(step: int) -> Cut:
    """Pieces of that many rows of the slowest stream (40 ms of a wave), all cut at the same times."""

    def cut(values: Mapping[str, Any], rates: Mapping[str, float | None]) -> dict[str, list[Any]]:
        count = _rows(values, rates)
        return _at(values, [row / count for row in range(step, count, step)] if count else [])

    return cut


def uneven(values: Mapping[str, Any], rates: Mapping[str, float | None]) -> dict[str, list[Any]]:
    """Pieces of 1, 2, 3 ... rows with an empty one among them, all streams cut at the same times."""
    count = _rows(values, rates)
    ends = [row * (row + 1) // 2 for row in range(1, count) if row * (row + 1) // 2 < count]
    return _at(values, [end / count for end in [*ends[:2], *ends[1:]]])


def apart(values: Mapping[str, Any], _: Mapping[str, float | None]) -> dict[str, list[Any]]:
    """Every stream in pieces of its own: three of the first, five of the second, and so on."""
    made: dict[str, list[Any]] = {}
    for index, (name, value) in enumerate(values.items()):
        count = 3 + 2 * index
        made |= _at({name: value}, [(place / count) ** 1.3 for place in range(1, count)])
    return made


WHOLE: Cut = whole


def after(value: Any, share: float) -> Any:
    """What of a value comes after a share of it."""
    return value[_index(value, share) :]


def _rows(values: Mapping[str, Any], rates: Mapping[str, float | None]) -> int:
    """Rows of the slowest stream with a clock (which counts as SLOWEST at most), else of the shortest."""
    clocked = {name: rate for name, rate in rates.items() if rate and name in values}
    if clocked:
        name, rate = min(clocked.items(), key=lambda item: item[1])
        return round(len(values[name]) * min(1.0, SLOWEST / rate))
    return min((len(value) for value in values.values() if hasattr(value, "__len__")), default=0)


def _at(values: Mapping[str, Any], places: list[float]) -> dict[str, list[Any]]:
    """Streams cut at shares of their length; items with times (phones, words) by when they start."""
    made: dict[str, list[Any]] = {}
    for name, value in values.items():
        if not hasattr(value, "__getitem__") or not hasattr(value, "__len__"):
            made[name] = [value]
            continue
        marks = [0, *(_index(value, place) for place in places), len(value)]
        made[name] = [value[start:end] for start, end in pairwise(marks)]
    return made


def _index(value: Any, share: float) -> int:
    if isinstance(value, list) and value and hasattr(value[0], "start") and hasattr(value[-1], "end"):
        return int(np.searchsorted([item.start for item in value], share * value[-1].end - 1e-9))
    return round(share * len(value))
