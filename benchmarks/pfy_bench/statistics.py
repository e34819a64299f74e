"""How sure a number is: intervals and tests over clips that are clustered by identity.

Clips of one person are alike, so what is drawn, left out or flipped here is always a whole identity.
Everything is a function of its arguments and a seed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from math import nan
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Distance = Callable[[frozenset[str]], float]

LEVEL = 0.95
"""Of every interval."""
DRAWS = 9_999
"""Bootstrap samples: the quantiles of an interval then vary by less than 1 % of its width."""
FLIPS = 10_000
"""Random sign flips where there are too many to do all."""
BLOCK = 8_000_000
"""Numbers of the bootstrap that are held at a time: 64 MB."""
EXACT = 1 << 12
"""Sign flips up to which all are done."""
FEWEST = 6
"""Identities from which the bootstrap is used. The range of k draws from a symmetric distribution covers
its centre with probability 1 - 2^(1-k), and no resampled mean leaves the range: below 6 no bootstrap
interval can reach 95 %."""
GROUPS = 24
"""Most groups of the jackknife, each a distance to calculate; Kott (2001) uses 15 or more."""


@dataclass(frozen=True)
class Estimate:
    """A number of ``clips`` clips of ``identities`` people; ``method`` says where the interval comes from."""

    value: float
    interval: tuple[float, float] | None
    clips: int
    identities: int
    method: str


@dataclass(frozen=True)
class Difference:
    """How much more one row has than another on the same clips; ``p`` is NaN where nothing was tested."""

    value: float
    interval: tuple[float, float] | None
    p: float
    clips: int
    identities: int
    method: str


def mean(values: Floats, identities: Sequence[str], seed: int = 0) -> Estimate:
    """The mean of clips (n), with an interval over identities (n); NaN clips are left out.

    BCa bootstrap of whole identities (Efron 1987), its tails widened for few of them as in R's
    ``resample::CI.bca(expand=TRUE)`` (Hesterberg 2015, arXiv 1411.5279, 4.3); below ``FEWEST`` identities
    Student's t with the jackknife's standard error; none with one identity.
    """
    sums, counts = _clusters(values, identities)
    clips, people = int(counts.sum()), len(sums)
    if not clips:
        return Estimate(nan, None, 0, 0, "no clip has a value")
    value = float(sums.sum() / clips)
    if people == 1:
        return Estimate(value, None, clips, 1, "no interval: one identity")
    without = (sums.sum() - sums) / (clips - counts)
    if people < FEWEST:
        error = np.sqrt(_variance(value, without, counts))
        return Estimate(value, _student(value, error, people), clips, people, f"t over {people} identities")
    resampled = _resampled(sums, counts, seed)
    interval = _bca(value, resampled, without)
    return Estimate(value, interval, clips, people, f"BCa bootstrap over {people} identities")


def _clusters(values: Floats, identities: Sequence[str]) -> tuple[Floats, Floats]:
    """Sum and number of the values of every identity that has one, in the order of the names."""
    known = np.isfinite(values)
    names, index = np.unique(np.asarray(identities, dtype=str)[known], return_inverse=True)
    sums = np.bincount(index, weights=np.asarray(values, dtype=np.float64)[known], minlength=len(names))
    counts: Floats = np.bincount(index, minlength=len(names)).astype(np.float64)
    return sums.astype(np.float64), counts


def _resampled(sums: Floats, counts: Floats, seed: int) -> Floats:
    """The means of ``DRAWS`` samples of as many clusters, drawn with replacement."""
    people = len(sums)
    rows = max(1, BLOCK // people)
    starts = range(0, DRAWS, rows)
    blocks = (_times_drawn(people, min(rows, DRAWS - start), seed, start) for start in starts)
    return np.concatenate([(block @ sums) / (block @ counts) for block in blocks])


@lru_cache(maxsize=2)
def _times_drawn(people: int, rows: int, seed: int, start: int) -> Floats:
    """How often each of ``people`` is in each sample (rows people); cells of a table share them."""
    drawn = np.random.default_rng([seed, start]).integers(people, size=(rows, people))
    flat = drawn + people * np.arange(rows)[:, None]
    times: Floats = np.bincount(flat.ravel(), minlength=rows * people).reshape(rows, people).astype(float)
    return times


def _bca(value: float, resampled: Floats, without: Floats) -> tuple[float, float]:
    """Efron & Tibshirani 1993, 14.3, with the jackknife's acceleration."""
    spread = float(np.ptp(resampled))
    if spread < 1e-12 * max(1.0, abs(value)):
        return (value, value)
    close = 1e-9 * spread  # so that rounding breaks no tie
    below = (np.mean(resampled < value - close) + np.mean(resampled <= value + close)) / 2
    bias = special.ndtri(np.clip(below, 0.5 / DRAWS, 1 - 0.5 / DRAWS))
    skew = without.mean() - without
    acceleration = (skew**3).sum() / (6 * (skew**2).sum() ** 1.5)
    tail = special.ndtri(_tail(len(without)))
    low, high = (special.ndtr(bias + (bias + z) / (1 - acceleration * (bias + z))) for z in (tail, -tail))
    return (float(np.quantile(resampled, low)), float(np.quantile(resampled, high)))


def _tail(people: int) -> float:
    """The share of a tail, less than 2.5 %: a bootstrap of k lacks sqrt(k/(k-1)) and the tails of t."""
    quantile = special.stdtrit(people - 1, (1 - LEVEL) / 2)
    return float(special.ndtr(np.sqrt(people / (people - 1)) * quantile))


def _student(value: float, error: float, groups: int) -> tuple[float, float]:
    reach = float(special.stdtrit(groups - 1, (1 + LEVEL) / 2) * error)
    return (value - reach, value + reach)


def _variance(value: float, without: Floats, sizes: Floats) -> float:
    """The variance of an estimate, from its values ``without`` each group of ``sizes`` clips.

    The delete-m_j jackknife (Busing, Meijer & van der Leeden 1999, Statistics and Computing 9). Its
    pseudo-values are free of a bias of first order in 1/n, which a Fréchet distance has.
    """
    parts = sizes.sum() / sizes
    pseudo = parts * value - (parts - 1) * without
    return float(np.mean((pseudo - _jackknifed(value, without, sizes)) ** 2 / (parts - 1)))


def _jackknifed(value: float, without: Floats, sizes: Floats) -> float:
    return float(len(sizes) * value - ((1 - sizes / sizes.sum()) * without).sum())


def jackknife(distance: Distance, identities: Sequence[str], seed: int = 0) -> Estimate:
    """A distance between sets of clips, with an interval; ``identities`` are those of the clips (n).

    ``distance`` gives the value of the clips of some identities, on both sides. Whole identities are left
    out, in up to ``GROUPS`` groups; the interval lies around the value of all, which stays as it is,
    since a bootstrap with its doubled clips would inflate a Fréchet distance. None with one identity, or
    where a part has no value.
    """
    everyone = frozenset(identities)
    value = float(distance(everyone))
    found = _left_out(distance, identities, seed)
    clips, people = len(identities), len(everyone)
    if isinstance(found, str):
        return Estimate(value, None, clips, people, found)
    without, sizes = found
    error = np.sqrt(_variance(value, without, sizes))
    method = f"jackknife over {people} identities" + (
        f" in {len(sizes)} groups" if len(sizes) < people else ""
    )
    return Estimate(value, _student(value, error, len(sizes)), clips, people, method)


def jackknife_difference(
    one: Distance, other: Distance, identities: Sequence[str], seed: int = 0
) -> Difference:
    """How much greater ``other`` is than ``one``, two distances of the same clips, as in ``jackknife``.

    ``p`` is that of Student's t on the jackknife's standard error.
    """

    def change(kept: frozenset[str]) -> float:
        return float(other(kept)) - float(one(kept))

    found = jackknife(change, identities, seed)
    if found.interval is None:
        return Difference(found.value, None, nan, found.clips, found.identities, found.method)
    groups = min(GROUPS, found.identities)
    error = (found.interval[1] - found.value) / float(special.stdtrit(groups - 1, (1 + LEVEL) / 2))
    if error:
        p = float(2 * special.stdtr(groups - 1, -abs(found.value) / error))
    else:
        p = 0.0 if found.value else 1.0
    return Difference(found.value, found.interval, p, found.clips, found.identities, found.method)


def _left_out(distance: Distance, identities: Sequence[str], seed: int) -> tuple[Floats, Floats] | str:
    """The distances without each group and the groups' sizes in clips, or why there are none."""
    clips = Counter(identities)
    if len(clips) < 2:
        return "no interval: one identity"
    names = sorted(clips)
    if len(names) > GROUPS:
        names = [names[index] for index in np.random.default_rng(seed).permutation(len(names))]
    groups = [frozenset(names[start::GROUPS]) for start in range(min(GROUPS, len(names)))]
    without = np.array([float(distance(frozenset(names) - group)) for group in groups])
    for group, value in zip(groups, without, strict=True):
        if not np.isfinite(value):
            return f"no interval: no value without {', '.join(sorted(group)[:3])}"
    return without, np.array([float(sum(clips[name] for name in group)) for group in groups])


def paired(one: Floats, other: Floats, identities: Sequence[str], seed: int = 0) -> Difference:
    """How much greater ``other`` is than ``one`` (n), of clips that both have, over identities (n).

    The interval is that of ``mean``; ``p`` is two-sided, by flipping the sign of whole identities: under
    the hypothesis of no difference the two rows could be exchanged. All flips are done up to ``EXACT``,
    else ``FLIPS`` random ones, of which the observed is one (Phipson & Smyth 2010).
    """
    changes = np.asarray(other, dtype=np.float64) - np.asarray(one, dtype=np.float64)
    found = mean(changes, identities, seed)
    if found.identities < 2:
        return Difference(found.value, None, nan, found.clips, found.identities, found.method)
    told = "all" if 2**found.identities <= EXACT else f"{FLIPS} random"
    method = f"{found.method}; {told} sign flips of {found.identities} identities"
    p = sign_flips(changes, identities, seed)
    return Difference(found.value, found.interval, p, found.clips, found.identities, method)


def sign_flips(changes: Floats, identities: Sequence[str], seed: int = 0) -> float:
    """The p-value of ``paired`` alone, of changes (n); NaN with one identity."""
    sums, _ = _clusters(changes, identities)
    if len(sums) < 2:
        return nan
    exact = 2 ** len(sums) <= EXACT
    draws = 2 ** len(sums) if exact else FLIPS
    least = abs(sums.sum()) * (1 - 1e-12)
    reached = sum(int((np.abs(signs @ sums) >= least).sum()) for signs in _signs(len(sums), draws, seed))
    return reached / draws if exact else (1 + reached) / (1 + draws)


def _signs(people: int, draws: int, seed: int) -> Iterator[Floats]:
    """Signs of identities (draws people), all of them or drawn at random, in blocks."""
    rows = max(1, BLOCK // people)
    for start in range(0, draws, rows):
        yield _some_signs(people, min(rows, draws - start), None if draws == 2**people else seed, start)


@lru_cache(maxsize=2)
def _some_signs(people: int, rows: int, seed: int | None, start: int) -> Floats:
    if seed is None:
        bits = (np.arange(start, start + rows)[:, None] >> np.arange(people)) & 1
    else:
        bits = np.random.default_rng([seed, start]).integers(2, size=(rows, people))
    return (1 - 2 * bits).astype(np.float64)


def least_p(identities: int) -> float:
    """The least p-value that sign flips of so many identities can give."""
    return 2.0 ** (1 - identities) if 2**identities <= EXACT else 1 / (1 + FLIPS)


def holm(ps: Sequence[float]) -> list[float]:
    """P-values of one table, corrected so that any false finding is as rare as one (Holm 1979).

    NaN stays, and does not count.
    """
    values = np.asarray(ps, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    corrected = values.copy()
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(values[order] * factors))
    return [float(value) for value in corrected]
