"""Intervals cover the truth as often as they say, tests agree with scipy's, and all is repeatable."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pfy_bench import statistics
from pfy_bench.statistics import holm, jackknife, jackknife_difference, mean, paired

TRUTH = 1.0
"""The mean of what is drawn below."""


def clustered(rng, people, clips=3, skewed=False):
    """Values of clips of people who differ as much as their clips do, and who they are."""
    who = np.repeat(np.arange(people), clips)
    own = rng.exponential(size=people) if skewed else rng.normal(TRUTH, 1, size=people)
    return own[who] + rng.normal(0, 0.5, size=len(who)), [f"p{one}" for one in who]


@pytest.mark.parametrize(("people", "skewed"), [(3, False), (8, False), (30, True)])
def test_intervals_cover_the_truth_as_often_as_they_say(people, skewed):
    rng = np.random.default_rng(people)
    hits = 0
    for _ in range(300):
        low, high = mean(*clustered(rng, people, skewed=skewed)).interval
        hits += low <= TRUTH <= high
    assert 0.90 <= hits / 300 <= 0.99


def test_an_interval_that_forgets_who_is_seen_would_not():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(100):
        values, _ = clustered(rng, 8, clips=4)
        low, high = mean(values, [str(one) for one in range(len(values))]).interval
        hits += low <= TRUTH <= high
    assert hits / 100 < 0.85


@pytest.mark.parametrize("people", [6, 12, 40])
def test_bca_is_that_of_scipy(people):
    values = np.random.default_rng(people).exponential(size=people)
    ours = mean(values, [str(one) for one in range(people)])
    theirs = stats.bootstrap(
        (values,),
        np.mean,
        confidence_level=1 - 2 * statistics._tail(people),
        method="BCa",
        n_resamples=40_000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert ours.value == pytest.approx(values.mean(), rel=1e-12)
    width = theirs.high - theirs.low
    assert ours.interval == pytest.approx((theirs.low, theirs.high), abs=0.04 * width)


def test_with_few_people_it_is_the_t_interval_of_their_means():
    values = np.array([1.0, 2.0, 4.0, 4.5])
    found = mean(values, ["a", "b", "c", "d"])
    expected = stats.t.interval(0.95, 3, loc=values.mean(), scale=stats.sem(values))
    assert found.interval == pytest.approx(expected, rel=1e-12)
    assert found.method == "t over 4 identities"


def test_one_identity_has_no_interval_and_no_p():
    found = mean(np.array([1.0, 2.0]), ["a", "a"])
    assert (found.interval, found.method) == (None, "no interval: one identity")
    assert math.isnan(paired(np.zeros(2), np.ones(2), ["a", "a"]).p)


def test_clips_without_a_value_are_left_out():
    found = mean(np.array([1.0, math.nan, 3.0]), ["a", "b", "c"])
    assert (found.value, found.clips, found.identities) == (2.0, 2, 2)
    nothing = mean(np.array([math.nan]), ["a"])
    assert math.isnan(nothing.value)
    assert nothing.method == "no clip has a value"


def test_equal_values_have_an_interval_of_no_width():
    assert mean(np.full(9, 0.3), [str(one) for one in range(9)]).interval == pytest.approx((0.3, 0.3))


@pytest.mark.parametrize("people", [2, 5, 9, 12])
def test_sign_flips_are_those_of_scipy(people):
    rng = np.random.default_rng(people)
    one, other = rng.normal(size=people), rng.normal(0.7, 1, size=people)
    found = paired(one, other, [str(name) for name in range(people)])
    theirs = stats.permutation_test(
        (other, one),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-12)
    assert found.value == pytest.approx(theirs.statistic, rel=1e-9)


def test_random_flips_come_near_to_all_of_them(monkeypatch):
    rng = np.random.default_rng(5)
    one, other = rng.normal(size=12), rng.normal(0.5, 1, size=12)
    names = [str(name) for name in range(12)]
    exact = paired(one, other, names).p
    monkeypatch.setattr(statistics, "EXACT", 1)
    found = paired(one, other, names)
    assert found.p == pytest.approx(exact, abs=0.015)
    assert "random" in found.method


def test_no_difference_is_found_as_rarely_as_it_should():
    rng = np.random.default_rng(3)
    ps = []
    for _ in range(400):
        one, names = clustered(rng, 8)
        other, _ = clustered(rng, 8)
        ps.append(paired(one, other, names).p)
    assert 0.02 <= np.mean(np.array(ps) <= 0.05) <= 0.08


def test_a_difference_is_the_opposite_of_its_opposite():
    rng = np.random.default_rng(4)
    one, names = clustered(rng, 7)
    other, _ = clustered(rng, 7)
    there, back = paired(one, other, names), paired(other, one, names)
    assert (there.value, there.p) == pytest.approx((-back.value, back.p))


def test_the_least_p_is_reached_and_not_passed():
    for people in (3, 6):
        names = [str(name) for name in range(people)]
        assert paired(np.zeros(people), np.ones(people), names).p == statistics.least_p(people)


def of_means(values, names):
    """The mean of the clips of some identities."""
    return lambda kept: float(np.mean([v for v, name in zip(values, names, strict=True) if name in kept]))


def test_the_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(0).normal(size=10)
    names = [str(one) for one in range(10)]
    found = jackknife(of_means(values, names), names)
    expected = stats.t.interval(0.95, 9, loc=values.mean(), scale=stats.sem(values))
    assert found.interval == pytest.approx(expected, rel=1e-9)


def test_people_of_unequal_numbers_of_clips_are_weighed():
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(300):
        sizes = rng.integers(1, 6, size=10)
        names = [f"p{one}" for one, size in enumerate(sizes) for _ in range(size)]
        own = rng.normal(TRUTH, 1, size=10)
        values = np.repeat(own, sizes) + rng.normal(0, 0.5, size=sizes.sum())
        low, high = jackknife(of_means(values, names), names).interval
        hits += low <= TRUTH <= high
    assert 0.88 <= hits / 300 <= 0.99


def spread_distance(points, names):
    """A squared distance of means, biased upwards by the spread over n, as Fréchet distances are."""

    def distance(kept):
        inside = np.array([name in kept for name in names])
        return float((points[inside].mean(axis=0) ** 2).sum())

    return distance


def test_the_interval_of_a_set_distance_lies_around_its_value_and_covers_its_mean():
    rng = np.random.default_rng(6)
    names = [f"p{one}" for one in range(40)]
    expected = 4 * 0.25 + 4 / 40  # |mean|^2 and the bias of 40 points
    hits = 0
    for _ in range(200):
        points = rng.normal(0.5, 1, size=(40, 4))
        found = jackknife(spread_distance(points, names), names)
        assert found.value == pytest.approx(spread_distance(points, names)(set(names)))
        low, high = found.interval
        assert low <= found.value <= high
        hits += low <= expected <= high
    assert 0.88 <= hits / 200 <= 0.99


def test_many_people_are_left_out_in_groups():
    asked = []

    def distance(kept):
        asked.append(len(kept))
        return float(len(kept))

    found = jackknife(distance, [str(one) for one in range(100)])
    assert len(asked) == 1 + statistics.GROUPS
    assert sum(100 - kept for kept in asked[1:]) == 100
    assert found.method == "jackknife over 100 identities in 24 groups"


def test_a_part_without_a_value_leaves_no_interval():
    found = jackknife(lambda kept: 1.0 if "a" in kept else math.nan, ["a", "b", "c"])
    assert (found.interval, found.method) == (None, "no interval: no value without a")
    assert jackknife(lambda kept: 1.0, ["a", "a"]).interval is None


def test_set_distances_of_two_rows_are_compared_by_what_they_share():
    rng = np.random.default_rng(8)
    names = [f"p{one}" for one in range(15)]
    points = rng.normal(size=(15, 4))
    near, far = points + 0.3, points + 0.45
    found = jackknife_difference(spread_distance(near, names), spread_distance(far, names), names)
    assert found.value > 0
    alone = jackknife(spread_distance(near, names), names)
    assert np.ptp(found.interval) < np.ptp(alone.interval)
    same = jackknife_difference(spread_distance(near, names), spread_distance(near, names), names)
    assert (same.value, same.p) == (0.0, 1.0)


def test_holm_is_the_worked_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    found = holm([0.02, math.nan, 0.03])
    assert found[0::2] == pytest.approx([0.04, 0.04])
    assert math.isnan(found[1])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_lies_between_the_raw_and_bonferroni(ps):
    found = holm(ps)
    for raw, corrected in zip(ps, found, strict=True):
        assert raw <= corrected <= min(1.0, raw * len(ps)) + 1e-12
    order = np.argsort(ps, kind="stable")
    assert list(np.array(found)[order]) == sorted(found)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1e3, 1e3), st.sampled_from("abcdefgh")), min_size=1, max_size=30),
    st.floats(-100, 100),
)
def test_an_interval_moves_with_its_values_and_comes_again(pairs, by):
    values, names = np.array([value for value, _ in pairs]), [name for _, name in pairs]
    found, again, moved = mean(values, names), mean(values, names), mean(values + by, names)
    assert found == again
    assert moved.value == pytest.approx(found.value + by, abs=1e-6)
    if found.interval is not None:
        low, high = found.interval
        assert low - 1e-9 <= high
        assert moved.interval == pytest.approx((low + by, high + by), abs=1e-5)
