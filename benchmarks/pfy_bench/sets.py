"""Numbers of a whole run: distances between the features of all clips, their floor, and whether every
measure has put the negative controls in order. They follow from the records and the kept features."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from math import isfinite, isnan, nan
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_bench import controls
from pfy_bench.bench import features_at
from pfy_bench.records import Calibration, SetValue
from pfy_bench.scoring import Scorer
from pfy_bench.statistics import jackknife
from pfy_bench.suite import SIDES, Suite
from pfy_core.errors import PfyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pfy_bench.comparing import Place
    from pfy_bench.records import Address, Item, Results
    from pfy_bench.statistics import Distance
    from pfy_core import Score


@dataclass(frozen=True)
class Pool:
    """The clips of a row whose features are there on both sides: identity and addresses of each."""

    folder: Path
    clips: tuple[tuple[str, str, str], ...]

    @classmethod
    def of(cls, folder: Path, items: Iterable[Item], feature: str, order: Sequence[str]) -> Pool:
        """From a row's items, in the order of the data, in whatever order they were finished."""
        place = {name: index for index, name in enumerate(order)}
        found = []
        for item in sorted(items, key=lambda item: place.get(item.item, len(place))):
            ends = item.features.get(feature, {})
            made, real = ends.get("made"), ends.get("real")
            if made and real:
                found.append((item.identity, made, real))
        return cls(folder, tuple(found))

    def rows(self, side: str, identities: frozenset[str] | None = None) -> Any:
        """The features (n d) of a side, of some identities; of all without any."""
        column = 1 + SIDES.index(side)
        addresses = [clip[column] for clip in self.clips if identities is None or clip[0] in identities]
        return np.concatenate(
            [np.load(features_at(self.folder, each), allow_pickle=False) for each in addresses]
        )

    def there(self) -> bool:
        """Whether the features themselves have come with the records."""
        return all(features_at(self.folder, each).is_file() for clip in self.clips for each in clip[1:])

    @property
    def identities(self) -> list[str]:
        return [clip[0] for clip in self.clips]


def lines(results: Results, scorer: Scorer, order: Sequence[str]) -> Iterator[SetValue | Calibration]:
    """Every line that follows from the items of a run; ``order`` is that of the items in the data."""
    suite = scorer.suite
    sets = [name for name, measure in suite.measures.items() if measure.over == "set"]
    values: dict[Address, SetValue] = {}
    for row, replicate in results.rows:
        for measure in sets:
            values[row, measure, replicate] = of_row(results, scorer, row, measure, order, replicate)
    yield from values.values()
    for name, wanted in suite.measures.items():
        if not wanted.sees:
            yield Calibration(name, None, "no control tells")
            continue
        verdict, why = controls.calibrated(wanted, *_by_control(results, name, values), suite.clip.fps)
        yield Calibration(name, verdict, why)


def of_row(
    results: Results, scorer: Scorer, row: str, measure: str, order: Sequence[str], replicate: int = 0
) -> SetValue:
    """A set measure of a row: value, interval over identities, and the floor of real against real."""
    feature = _feature(scorer, measure)
    items = results.of(row, replicate)
    pool = Pool.of(results.folder, items, feature, order)
    if not pool.clips:
        told = (item.features.get(feature, {}).get("why") or item.problem for item in items)
        reason = scorer.missing.get(measure) or next(filter(None, told), "no clip has its features")
        return SetValue(row, measure, nan, reason, replicate=replicate)

    @cache
    def distance(identities: frozenset[str]) -> Score:
        return scorer.of_sets(measure, pool.rows("made", identities), pool.rows("real", identities))

    found = distance(frozenset(pool.identities))
    n = len(pool.rows("made")), len(pool.rows("real"))
    if isnan(found.value):
        return SetValue(row, measure, nan, found.reason, n, len(pool.clips), replicate=replicate)
    if row.startswith(controls.UNDER):
        return SetValue(row, measure, found.value, "", n, len(pool.clips))
    estimate = jackknife(lambda some: distance(some).value, pool.identities)
    return SetValue(
        *(row, measure, found.value, "", n, len(pool.clips)),
        interval=estimate.interval,
        method=estimate.method,
        floor=_floor(scorer, measure, pool),
        replicate=replicate,
    )


def distances(place: Place, measure: str) -> Distance | None:
    """A set measure of a row as a function of the identities that are kept; None where its features, or
    the metric, are not at hand. Of replicates it is the mean."""
    if place.replicates:
        functions = [distances(each, measure) for each in place.replicates]
        known = [function for function in functions if function is not None]
        return (lambda kept: fmean(one(kept) for one in known)) if len(known) == len(functions) else None
    results = place.results
    scorer = _scorer(json.dumps(results.run.suite, sort_keys=True))
    if scorer is None or measure in scorer.missing:
        return None
    pool = Pool.of(
        results.folder, place.items, _feature(scorer, measure), [item.item for item in place.items]
    )
    if not pool.clips or not pool.there():
        return None

    def distance(identities: frozenset[str]) -> float:
        if identities.isdisjoint(pool.identities):
            return nan
        made, real = (pool.rows(side, identities) for side in SIDES)
        return scorer.of_sets(measure, made, real).value

    return distance


@cache
def _scorer(suite: str) -> Scorer | None:
    try:
        return Scorer(Suite.of_record(json.loads(suite)))
    except PfyError:  # a suite whose components have changed since: what is recorded still stands
        return None


def _feature(scorer: Scorer, measure: str) -> str:
    """The feature that a set measure compares."""
    _, reference = next(iter(scorer.suite.measures[measure].node.sources()))
    return reference.split(".")[1]


def _floor(scorer: Scorer, measure: str, pool: Pool) -> float | None:
    """The distance between the real clips of every other identity and those of the rest."""
    people = sorted(set(pool.identities))
    if len(people) < 2:
        return None
    halves = [frozenset(people[start::2]) for start in (0, 1)]
    found = scorer.of_sets(measure, *(pool.rows("real", half) for half in halves))
    return None if isnan(found.value) else found.value


def _by_control(
    results: Results, measure: str, sets: dict[Address, SetValue]
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Values of a measure by control and clip, of the clips scored, and those of their real sides."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    real: dict[str, float] = {}
    for row, _ in results.rows:
        if not row.startswith(controls.UNDER):
            continue
        control = row.removeprefix(controls.UNDER)
        if (row, measure, 0) in sets:
            found[control]["set"] = sets[row, measure, 0].value
            continue
        for item in results.of(row):
            score = item.values.get(measure)
            if score is not None and isfinite(score.value):
                found[control][item.item] = score.value
                if measure in item.real_values:
                    real[item.item] = item.real_values[measure].value
    return found, real
