"""What may stand beside what: the same protocol, the same extractors, the same clips.

The same method scores 89 or 286 in a measure of one name, by how the measure was taken. Numbers that
were taken in different ways are therefore never set into one column.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pfy_bench.replicates import averaged, averaged_sets, spread, spread_of_sets
from pfy_core import InputError
from pfy_core.errors import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pfy_bench.records import Item, Measure, Results, Row, SetValue

ABSENT = "not said"
"""Shown for a field that one protocol has and the other has not."""


@dataclass(frozen=True)
class Place:
    """A row of one of several runs, with a label that no other has.

    Where it has ``replicates``, places of one row each, it is their mean, and ``results`` and ``row`` are
    those of the first.
    """

    results: Results
    row: Row
    label: str
    replicates: tuple[Place, ...] = ()

    @property
    def items(self) -> list[Item]:
        return list(self._items)

    @cached_property
    def _items(self) -> list[Item]:
        if self.replicates:
            return averaged([place.items for place in self.replicates])
        return self.results.of(*self.row.address)

    def set_value(self, measure: str) -> SetValue | None:
        if self.replicates:
            return averaged_sets([place.set_value(measure) for place in self.replicates])
        row, replicate = self.row.address
        return self.results.sets.get((row, measure, replicate))

    def spread(self, measure: str) -> float | None:
        """How far the means of its replicates lie apart, as a standard deviation; None without any."""
        of_sets = spread_of_sets([place.set_value(measure) for place in self.replicates])
        return spread(self._items, measure) if of_sets is None else of_sets

    def has(self, measure: str) -> bool:
        """Whether anything is known of this measure here, if only why it has no value."""
        if self.set_value(measure) is not None:
            return True
        return any(measure in item.values for item in self.items)


def places(several: Sequence[Results], *, pool: bool = False) -> list[Place]:
    """The rows of runs that are neither controls nor published, ablations last.

    Rows of one name in a run are replicates; with ``pool`` also those in different runs. Raises InputError
    where these were measured in another way or on other clips.
    """
    groups: dict[tuple[str, str], list[tuple[Results, Row]]] = {}
    for index, results in enumerate(several):
        for row in results.rows.values():
            if row.control is None and row.published is None:
                groups.setdefault(("" if pool else str(index), row.row), []).append((results, row))
    found = sorted(groups.values(), key=lambda group: group[0][1].ablation is not None)
    names = [group[0][1].row for group in found]
    return [
        _place(group, name if names.count(name) == 1 else f"{_folder(group[0][0], several)}: {name}", several)
        for group, name in zip(found, names, strict=True)
    ]


def _place(group: Sequence[tuple[Results, Row]], label: str, several: Sequence[Results]) -> Place:
    (results, row), *others = group
    if not others:
        return Place(results, row, label)
    return pooled_places(
        [Place(*each, f"{_folder(each[0], several)}: {each[1].row}") for each in group], label
    )


def pooled_places(replicates: Sequence[Place], label: str) -> Place:
    """Rows as the replicates of one; InputError where they were measured in another way or on other clips."""
    apart = [place for place in replicates if place.results is not replicates[0].results]
    if apart:
        refuse(measures([place.results for place in replicates], None), replicates)
    first = replicates[0]
    return Place(first.results, first.row, label, tuple(replicates))


def _folder(results: Results, several: Sequence[Results]) -> str:
    """The name of a run's folder; with its parents where another run's has the same."""
    same = [each for each in several if each.folder.name == results.folder.name]
    return results.folder.name if len(same) == 1 else str(results.folder)


def measures(several: Sequence[Results], wanted: Sequence[str] | None) -> list[str]:
    """Names of the measures in the order of the suites, those that ``wanted`` patterns name.

    Raises InputError for a pattern that names none.
    """
    known = list(dict.fromkeys(name for results in several for name in results.measures))
    if wanted is None:
        return known
    for pattern in wanted:
        if not any(fnmatch(name, pattern) for name in known):
            raise InputError(
                f"no measure {pattern!r} in these runs", listed(known), did_you_mean(pattern, known)
            )
    return [name for name in known if any(fnmatch(name, pattern) for pattern in wanted)]


def calibrated(measure: str, several: Sequence[Results]) -> bool | None:
    """Whether a measure ordered the negative controls of all runs; None where one does not tell."""
    found = [each.calibrations.get(measure) for each in several if measure in each.measures]
    states = [each.calibrated if each else None for each in found]
    return False if False in states else None if None in states else True


def differences(measure: str, one: Place, other: Place) -> list[str]:
    """Why the values of two rows cannot stand in one column; empty where they can."""
    return [
        *protocol_differences(one.results.measures[measure], other.results.measures[measure]),
        *item_differences(one.items, other.items),
        *set_differences(measure, one, other),
    ]


def protocol_differences(one: Measure, other: Measure) -> list[str]:
    """``field: value and value`` for every field of two protocols that differs."""
    ours, theirs = _fields(one), _fields(other)
    return [
        f"{name}: {_shown(ours, name)} and {_shown(theirs, name)}"
        for name in dict.fromkeys([*ours, *theirs])
        if name not in ours or name not in theirs or ours[name] != theirs[name]
    ]


def _fields(measure: Measure) -> dict[str, Any]:
    about = {"unit": measure.unit, "better": measure.better, "over": measure.over, "sides": measure.sides}
    return about | measure.protocol


def _shown(fields: dict[str, Any], name: str) -> str:
    return str(fields[name]) if name in fields else ABSENT


def item_differences(ours: Iterable[Item], theirs: Iterable[Item]) -> list[str]:
    """Clips that only one of two rows has, and names that mean another clip."""
    one = {item.item: item.real.sha256 if item.real else None for item in ours}
    other = {item.item: item.real.sha256 if item.real else None for item in theirs}
    if one.keys() != other.keys():
        apart = sorted(one.keys() ^ other.keys())
        return [f"clips: {len(one)} and {len(other)}, not in both are {listed(apart)}"]
    changed = sorted(name for name in one if one[name] != other[name])
    return [
        f"real clip {name}: {(one[name] or 'none')[:12]} and {(other[name] or 'none')[:12]}"
        for name in changed
    ]


def set_differences(measure: str, one: Place, other: Place) -> list[str]:
    """A distance of sets grows as they shrink, so their sizes and clips are part of what was measured."""
    ours, theirs = one.set_value(measure), other.set_value(measure)
    if ours is None or theirs is None or not (all(ours.n) and all(theirs.n)):
        return []
    if ours.n != theirs.n:
        return [
            f"features: {ours.n[0]} made and {ours.n[1]} real of {ours.clips} clips, "
            f"and {theirs.n[0]} made and {theirs.n[1]} real of {theirs.clips} clips"
        ]
    apart = sorted(pooled(measure, one) ^ pooled(measure, other))
    return [f"features: as many of each, but not of both rows of {listed(apart)}"] if apart else []


def pooled(measure: str, place: Place) -> set[str]:
    """The clips whose features a set measure of a row compares."""
    take = place.results.run.suite.get("measures", {}).get(measure, {}).get("take", {})
    features = {reference.split(".")[1] for reference in take.values()}
    return {
        item.item
        for item in place.items
        if all(all(item.features.get(feature, {"": None}).values()) for feature in features)
    }


def refuse(columns: Sequence[str], rows: Sequence[Place]) -> None:
    """Raise InputError that names every difference between rows that would stand in one column."""
    found: dict[str, list[str]] = {}
    for measure in columns:
        having = [place for place in rows if place.has(measure)]
        for place in having[1:]:
            for difference in differences(measure, having[0], place):
                found.setdefault(f"{having[0].label} / {place.label}, {difference}", []).append(measure)
    if not found:
        return
    lines = [f"  {told}  ({listed(names)})" for told, names in found.items()]
    raise InputError(
        "\n".join(["these rows cannot stand in one table:", *lines]),
        "rows of one protocol, on the same clips",
        "score them with one suite and one set of clips; or leave the measures out with --measures; "
        "or say --apart, which shows what can be compared and says of the rest why not",
    )
