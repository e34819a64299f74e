"""Dynamic time warping: the table filled cell by cell, and every path's own cost."""

import numpy as np
import pytest

from pfy_plugin_metrics import warping


def cheapest(costs):
    """The total of the cheapest way, cell by cell."""
    total = np.full((len(costs) + 1, costs.shape[1] + 1), np.inf)
    total[0, 0] = 0
    for i, row in enumerate(costs):
        for j, cost in enumerate(row):
            total[i + 1, j + 1] = cost + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return total[-1, -1]


@pytest.mark.parametrize("block", [256, 7])
@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 9), (9, 1), (30, 30), (20, 55), (55, 20)])
def test_it_is_the_cheapest_way(monkeypatch, block, n, m):
    monkeypatch.setattr(warping, "BLOCK", block)
    random = np.random.default_rng(n * m)
    one, two = random.standard_normal((n, 4)), random.standard_normal((m, 4))
    costs = np.linalg.norm(one[:, None] - two, axis=-1)
    pairs = warping.path(one, two)
    assert costs[pairs[:, 0], pairs[:, 1]].sum() == pytest.approx(cheapest(costs), rel=1e-12)
    assert pairs[0].tolist() == [0, 0]
    assert pairs[-1].tolist() == [n - 1, m - 1]
    steps = np.diff(pairs, axis=0)
    assert steps.min(initial=0) == 0
    assert set(map(tuple, steps)) <= {(0, 1), (1, 0), (1, 1)}


def test_what_is_the_same_goes_on_in_both():
    rows = np.random.default_rng(0).standard_normal((40, 3))
    rows[10:20] = rows[10]
    np.testing.assert_array_equal(warping.path(rows, rows), np.arange(40)[:, None].repeat(2, 1))


def test_a_delay_is_warped_away():
    rows = np.random.default_rng(0).standard_normal((40, 3)).cumsum(0)
    late = np.concatenate([rows[:1].repeat(7, 0), rows])
    pairs = warping.path(rows, late)
    assert np.abs(rows[pairs[:, 0]] - late[pairs[:, 1]]).max() == 0
