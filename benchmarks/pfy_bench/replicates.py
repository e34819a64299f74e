"""Replicates: a model that was trained several times, with other seeds, as one row.

They are averaged clip by clip, so that clips and identities stay the independent samples; how far the
means of the replicates lie apart is told beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from pfy_bench.records import Item, SetValue
from pfy_core import Score

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Averaged(Item):
    """A clip as several replicates made it: means of their values, all else that of the first.

    A measure has a value where all replicates have one, so that each counts as much as the others.
    """

    parts: tuple[Item, ...] = ()


def averaged(several: Sequence[Sequence[Item]]) -> list[Item]:
    """The items of replicates, clip by clip; one that a replicate lacks has no values."""
    by_name = [{item.item: item for item in items} for items in several]
    return [_average([each.get(name) for each in by_name]) for name in dict.fromkeys(_names(several))]


def _names(several: Sequence[Sequence[Item]]) -> list[str]:
    return [item.item for items in several for item in items]


def _average(parts: Sequence[Item | None]) -> Averaged:
    there = tuple(part for part in parts if part is not None)
    first = there[0]
    measures = list(dict.fromkeys(name for part in there for name in part.values))
    lacking = next((f"replicate {k} has not been scored" for k, p in enumerate(parts) if p is None), "")
    problem = lacking or next((part.problem for part in there if part.problem), "")
    values = {name: Score(nan, problem) if lacking else _mean(name, there) for name in measures}
    stages = dict.fromkeys(stage for part in there for stage in part.seconds)
    seconds = {stage: fmean(part.seconds.get(stage, 0.0) for part in there) for stage in stages}
    changed = {"values": values, "problem": problem, "seconds": seconds, "parts": there}
    return Averaged(**vars(first) | changed)


def _mean(measure: str, parts: Sequence[Item]) -> Score:
    scores = [part.values.get(measure, Score(nan, part.problem or "not measured")) for part in parts]
    value = fmean(score.value for score in scores)
    return (
        Score(value) if isfinite(value) else Score(nan, next(s.reason for s in scores if s.value != s.value))
    )


def spread(items: Sequence[Item], measure: str) -> float | None:
    """Standard deviation (n - 1) between the replicates' means over the clips that all have; None without
    replicates or such clips."""
    known = [
        [part.values[measure].value for part in item.parts]
        for item in items
        if isinstance(item, Averaged) and measure in item.values and isfinite(item.values[measure].value)
    ]
    return (
        stdev(fmean(values) for values in zip(*known, strict=True)) if known and len(known[0]) > 1 else None
    )


def averaged_sets(values: Sequence[SetValue | None]) -> SetValue | None:
    """The mean of a distance of sets over replicates, each at its own clips' features; None where one lacks
    it. It has no interval of its own: that of a mean is not the mean of intervals."""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    first, value = known[0], fmean(each.value for each in known)
    reason = next((each.reason for each in known if not isfinite(each.value)), "")
    told = "no interval: of replicates, without the features of their clips"
    return SetValue(
        *(first.row, first.measure, value, reason, first.n, min(each.clips for each in known)),
        method=told if isfinite(value) else "",
        floor=first.floor,
    )


def spread_of_sets(values: Sequence[SetValue | None]) -> float | None:
    """Standard deviation (n - 1) between the replicates' distances; None where one has none."""
    known = [value.value for value in values if value is not None and isfinite(value.value)]
    return stdev(known) if len(known) == len(values) > 1 else None
