"""Two rows on the same clips: by how much they differ, and whether that could be chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, nan
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from pfy_bench import comparing, statistics
from pfy_bench.replicates import Averaged
from pfy_core import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pfy_bench.comparing import Place
    from pfy_bench.records import Item, Measure
    from pfy_bench.statistics import Difference, Distance

    Distances = Callable[[Place, str], Distance | None]
    """Gives the set measure of a row as a function of the identities that are kept; None where the
    clips' features are not at hand."""

CHANCE = 0.05
"""P-value up to which a difference is said to be one."""
OF = {"high": "", "low": "", "zero": "absolute values", "human": "distances from the real clips"}
"""What is compared, by which way is better."""
NO_FEATURES = "not tested: the features of its clips are not at hand"


@dataclass(frozen=True)
class Compared:
    """A measure of two rows.

    ``one`` and ``other`` are means (or set values) over the clips that both have. ``change`` tells how
    much greater the other is, in what ``of`` names; ``p`` is corrected for the number of measures.
    ``calibrated`` is that of a table's column.
    """

    measure: Measure
    one: float
    other: float
    change: Difference
    p: float
    of: str
    told: str = ""
    calibrated: bool | None = None

    @property
    def verdict(self) -> str:
        """better, worse, different, or that no difference is shown."""
        if not self.p <= CHANCE:
            return self.told or "no difference shown"
        greater = self.change.value > 0
        return "better" if greater == (self.measure.better == "high") else "worse"


def compare(
    one: Place, other: Place, wanted: Sequence[str] | None = None, distances: Distances | None = None
) -> list[Compared]:
    """Every measure that two rows share, with p-values corrected over all of them (Holm).

    Raises InputError where a protocol differs, where a name means another clip, or where they share
    no clip.
    """
    names = [
        name
        for name in comparing.measures([one.results, other.results], wanted)
        if one.has(name) and other.has(name)
    ]
    pairs = _common(one, other)
    faults = {
        name: comparing.protocol_differences(one.results.measures[name], other.results.measures[name])
        for name in names
    }
    lines = [f"  {name}, {told}" for name, found in faults.items() for told in found]
    lines += [f"  {told}" for told in comparing.item_differences(*zip(*pairs, strict=True))]
    if lines:
        raise InputError(
            "\n".join([f"{one.label} and {other.label} cannot be compared:", *lines]),
            "two rows of one protocol, on the same clips",
            "score both with one suite, or name the measures that both have with --measures",
        )
    found = [_compare(one.results.measures[name], one, other, pairs, distances) for name in names]
    corrected = statistics.holm([each.change.p for each in found])
    return [
        replace(
            each, p=p, calibrated=comparing.calibrated(each.measure.measure, [one.results, other.results])
        )
        for each, p in zip(found, corrected, strict=True)
    ]


def _common(one: Place, other: Place) -> list[tuple[Item, Item]]:
    theirs = {item.item: item for item in other.items}
    pairs = [(item, theirs[item.item]) for item in one.items if item.item in theirs]
    if not pairs:
        raise InputError(
            f"{one.label} and {other.label} have no clip in common", "two rows scored on the same clips"
        )
    return pairs


def _compare(
    measure: Measure,
    one: Place,
    other: Place,
    pairs: Sequence[tuple[Item, Item]],
    distances: Distances | None,
) -> Compared:
    if measure.over == "set":
        return _compare_sets(measure, one, other, distances)
    name = measure.measure
    ours, theirs = (np.array([value(item, name) for item in side]) for side in zip(*pairs, strict=True))
    both = np.isfinite(ours) & np.isfinite(theirs)
    change = statistics.paired(
        np.array([_judged(measure, item) for item, _ in pairs]),
        np.array([_judged(measure, item) for _, item in pairs]),
        [item.identity for item, _ in pairs],
    )
    before, after = (float(side[both].mean()) if both.any() else nan for side in (ours, theirs))
    return Compared(measure, before, after, change, change.p, OF[measure.better], _few(change))


def _compare_sets(measure: Measure, one: Place, other: Place, distances: Distances | None) -> Compared:
    ours, theirs = one.set_value(measure.measure), other.set_value(measure.measure)
    before, after = (found.value if found else nan for found in (ours, theirs))
    untested = statistics.Difference(after - before, None, nan, 0, 0, "")
    if comparing.set_differences(measure.measure, one, other):
        return Compared(measure, before, after, untested, nan, "", "not comparable: sets of other clips")
    functions = [distances(place, measure.measure) if distances else None for place in (one, other)]
    if functions[0] is None or functions[1] is None:
        return Compared(measure, before, after, untested, nan, "", NO_FEATURES)
    who = pooled_people(measure, one)
    change = statistics.jackknife_difference(functions[0], functions[1], who)
    return Compared(measure, before, after, change, change.p, "", _few(change))


def pooled_people(measure: Measure, place: Place) -> list[str]:
    """Who is seen in the clips that a set measure of a row compares, clip by clip."""
    clips = comparing.pooled(measure.measure, place)
    return [item.identity for item in place.items if item.item in clips and not item.problem]


def _few(change: Difference) -> str:
    if change.identities < 2:
        return "not tested: one identity" if change.clips else "not tested: no clip has both values"
    least = statistics.least_p(change.identities)
    if "sign flips" in change.method and least > CHANCE:
        return f"cannot be shown: {change.identities} identities give no p below {least:.2g}"
    return ""


def value(item: Item, measure: str) -> float:
    """A clip's value, NaN where it has none."""
    return item.values[measure].value if measure in item.values else nan


def _judged(measure: Measure, item: Item) -> float:
    """What is compared of a clip: for people's range, how far it is from the real clip's value.

    Of replicates it is averaged after that: one that is late and one that is early are not both in time.
    """
    if isinstance(item, Averaged):
        if not isfinite(value(item, measure.measure)):  # a replicate lacks it
            return nan
        return fmean(_judged(measure, part) for part in item.parts)
    found = value(item, measure.measure)
    if measure.better == "zero":
        return abs(found)
    if measure.better == "human":
        real = item.real_values.get(measure.measure)
        return abs(found - real.value) if real else nan
    return found


def loss(measure: Measure, item: Item) -> float:
    """A clip's value turned so that less is better."""
    judged = _judged(measure, item)
    return -judged if measure.better == "high" else judged


def best(measure: Measure, rows: Sequence[Place], distances: Distances | None = None) -> tuple[int, float]:
    """Which row is best in a measure, and the p-value of that claim; NaN where it cannot be tested.

    The best must beat each other row, so the greatest p counts (intersection-union); as any of the R rows
    might have come out best by chance, it is multiplied by R/2, which is 1 for two rows.
    """
    if len(rows) < 2:
        return 0, nan
    if measure.over == "set":
        return _best_set(measure, rows, distances)
    losses = [{item.item: loss(measure, item) for item in place.items} for place in rows]
    known = [{name for name, found in each.items() if np.isfinite(found)} for each in losses]
    who = {item.item: item.identity for item in rows[0].items}
    clips = [name for name in who if all(name in each for each in known)]
    if not clips:
        return 0, nan
    table = np.array([[each[name] for name in clips] for each in losses])
    winner = int(table.mean(axis=1).argmin())
    names = [who[name] for name in clips]
    ps = [
        statistics.sign_flips(table[rival] - table[winner], names)
        for rival in range(len(rows))
        if rival != winner
    ]
    return winner, _claimed(ps, len(rows))


def _best_set(measure: Measure, rows: Sequence[Place], distances: Distances | None) -> tuple[int, float]:
    turned = -1 if measure.better == "high" else 1
    found = [place.set_value(measure.measure) for place in rows]
    values = np.array([turned * each.value if each else nan for each in found])
    functions = [distances(place, measure.measure) if distances else None for place in rows]
    if not np.isfinite(values).all():
        return 0, nan
    winner = int(values.argmin())
    best_function, ps = functions[winner], []
    for rival, function in enumerate(functions):
        if rival != winner:
            if function is None or best_function is None:
                return winner, nan
            who = pooled_people(measure, rows[rival])
            ps.append(statistics.jackknife_difference(best_function, function, who).p)
    return winner, _claimed(ps, len(rows))


def _claimed(ps: Sequence[float], rows: int) -> float:
    return min(1.0, float(np.max(ps)) * rows / 2)


def reasons(items: Sequence[Item], measure: str) -> Mapping[str, int]:
    """Why clips have no value of a measure, and how many each."""
    found: dict[str, int] = {}
    for item in items:
        if not np.isfinite(value(item, measure)):
            score = item.values.get(measure)
            why = (score.reason if score else item.problem) or "not measured"
            found[why] = found.get(why, 0) + 1
    return found
