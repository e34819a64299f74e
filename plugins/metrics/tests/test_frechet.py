"""The Fréchet distance: identities, and scipy's matrix root where that is accurate."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_plugin_metrics.frechet import FrechetStats, frechet


def samples(n, d, seed=0, *, rank=None):
    """Features with a slowly decaying spectrum, as networks give; of a lower rank on demand."""
    random = np.random.default_rng(seed)
    mixing = random.standard_normal((rank or d, d)) / np.arange(1, (rank or d) + 1)[:, None] ** 0.5
    return random.standard_normal((n, rank or d)) @ mixing + random.standard_normal(d)


def by_root(one, two, ddof=1):
    """The formula as it is written, by scipy's matrix root."""
    step = one.mean(0) - two.mean(0)
    left, right = (np.cov(side, rowvar=False, ddof=ddof) for side in (one, two))
    root = scipy.linalg.sqrtm(left @ right)
    return step @ step + np.trace(left + right - 2 * root.real)


def size(rows):
    """What errors are measured against: the trace of the covariance."""
    return rows.var(axis=0, ddof=1).sum()


SHAPES = [(300, 300, 24), (300, 60, 24), (20, 20, 64), (20, 300, 64), (300, 20, 64)]


@pytest.mark.parametrize(("n", "m"), [(200, 300), (80, 65)])
@pytest.mark.parametrize("ddof", [0, 1])
def test_it_is_the_formula_where_a_matrix_root_is_accurate(n, m, ddof):
    one, two = samples(n, 32), samples(m, 32, seed=1) * 1.2
    expected = by_root(one, two, ddof)
    assert frechet(one, two, ddof) == pytest.approx(expected, rel=1e-9)
    assert frechet(FrechetStats.of(one), FrechetStats.of(two), ddof) == pytest.approx(expected, rel=1e-9)


def test_gaussians_of_known_mean_and_covariance():
    # Whitened samples have exactly the mean 0 and the covariance 1.
    white = samples(500, 6)
    white = white - white.mean(0)
    white = white @ np.linalg.inv(np.linalg.cholesky(np.cov(white, rowvar=False)).T)
    spread = np.array([1.0, 2.0, 3.0, 0.5, 4.0, 1.0])
    shift = np.arange(6.0)
    expected = (shift**2).sum() + ((spread - 1) ** 2).sum()
    assert frechet(white, white * spread + shift) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("n", "m", "d"), SHAPES)
def test_a_set_is_at_no_distance_from_itself_and_a_shift_is_its_square(n, m, d):
    rows, shift = samples(n, d), np.linspace(-1, 1, d)
    assert frechet(rows, rows) <= 1e-12 * size(rows)
    assert frechet(rows, rows + shift) == pytest.approx(shift @ shift, abs=1e-12 * size(rows), rel=1e-12)
    other = samples(m, d, seed=1)
    assert frechet(rows, other) == pytest.approx(frechet(other, rows), rel=1e-12)


@pytest.mark.parametrize(("n", "m", "d"), SHAPES)
def test_a_scaled_set_is_where_algebra_says(n, m, d):
    rows = samples(n, d)
    expected = 0.3**2 * (rows.mean(0) @ rows.mean(0) + size(rows))
    assert frechet(rows, 1.3 * rows) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("n", "m", "d"), SHAPES)
def test_it_does_not_depend_on_the_axes_nor_on_the_order(n, m, d):
    one, two = samples(n, d), samples(m, d, seed=1)
    turn = np.linalg.qr(np.random.default_rng(2).standard_normal((d, d)))[0]
    expected = frechet(one, two)
    assert frechet(one @ turn, two @ turn) == pytest.approx(expected, rel=1e-11)
    assert frechet(one[::-1], two[::-1]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [2, 3, 30, 200])
def test_features_that_depend_on_each_other_cost_no_accuracy(n):
    rows = samples(n, 40, rank=5)
    expected = 0.1**2 * (rows.mean(0) @ rows.mean(0) + size(rows))
    assert frechet(rows, 1.1 * rows) == pytest.approx(expected, rel=1e-11)
    given = frechet(FrechetStats.of(rows), FrechetStats.of(1.1 * rows))
    assert given == pytest.approx(expected, rel=1e-4)


def test_a_feature_that_never_changes_is_no_obstacle():
    one, two = samples(100, 8), samples(100, 8, seed=1)
    still = np.full((100, 1), 3.0)
    plain = frechet(one, two)
    assert frechet(np.hstack([one, still]), np.hstack([two, still])) == pytest.approx(plain, rel=1e-12)
    assert frechet(np.hstack([one, still]), np.hstack([two, still + 2])) == pytest.approx(
        plain + 4, rel=1e-12
    )


def test_two_samples_a_side():
    one, two = np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([[0.0, 0.0], [0.0, 2.0]])
    # Means 1 apart along both axes; covariances 2 along one axis each, whose product is 0.
    assert frechet(one, two) == pytest.approx(2 + 2 + 2, rel=1e-15)
    assert frechet(one, two, ddof=0) == pytest.approx(2 + 1 + 1, rel=1e-15)


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(1, 29), max_size=4, unique=True), offset=st.sampled_from([0.0, 1e6]))
def test_statistics_of_parts_add_up_to_those_of_the_whole(cuts, offset):
    rows = samples(30, 5) + offset
    whole = FrechetStats.of(rows)
    parts = [FrechetStats.of(part) for part in np.split(rows, sorted(cuts))]
    for order in (parts, parts[::-1]):
        together = order[0]
        for part in order[1:]:
            together = together + part
        assert together.count == 30
        np.testing.assert_allclose(together.mean, whole.mean, rtol=1e-12)
        np.testing.assert_allclose(together.scatter, whole.scatter, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(whole.covariance(), np.cov(samples(30, 5), rowvar=False), rtol=1e-6)


@pytest.mark.parametrize(
    ("made", "sends"),
    [
        (np.zeros((1, 4)), "1 sample"),
        (np.zeros((0, 4)), "0 samples"),
        (np.zeros((5, 3)), "length 3 and 4"),
        (np.zeros(5), "shape (5,)"),
        (np.full((5, 4), np.nan), "5 of 5 rows with NaN"),
        (np.array([["a"] * 4] * 5), "dtype <U1"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(made, sends):
    with pytest.raises(InputError) as told:
        frechet(made, samples(10, 4))
    assert sends in told.value.sends


def test_features_and_their_statistics_may_be_mixed():
    one, two = samples(100, 8), samples(90, 8, seed=1)
    assert frechet(FrechetStats.of(one), two) == pytest.approx(frechet(one, two), rel=1e-12)
