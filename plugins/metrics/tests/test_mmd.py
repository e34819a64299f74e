"""The maximum mean discrepancy: the sum over pairs as it is written, and no bias."""

import numpy as np
import pytest

from pfy_core import InputError
from pfy_plugin_metrics import mmd as module
from pfy_plugin_metrics.mmd import mmd


def by_pairs(one, two):
    kernel = lambda x, y: (x @ y / len(x) + 1) ** 3  # noqa: E731
    own = [
        np.mean([kernel(x, y) for i, x in enumerate(rows) for j, y in enumerate(rows) if i != j])
        for rows in (one, two)
    ]
    return sum(own) - 2 * np.mean([kernel(x, y) for x in one for y in two])


@pytest.mark.parametrize("block", [1024, 4])
def test_it_is_the_mean_over_pairs(monkeypatch, block):
    monkeypatch.setattr(module, "BLOCK", block)
    random = np.random.default_rng(0)
    one, two = random.standard_normal((9, 5)), random.standard_normal((12, 5)) + 0.5
    assert mmd(one, two) == pytest.approx(by_pairs(one, two), rel=1e-12)


def test_of_one_distribution_it_is_zero_on_average_however_few_samples_there_are():
    random = np.random.default_rng(0)
    values = [mmd(*random.standard_normal((2, 10, 16))) for _ in range(400)]
    assert abs(np.mean(values)) < 3 * np.std(values) / 20
    assert min(values) < 0


def test_it_tells_a_shift_from_ten_samples():
    random = np.random.default_rng(0)
    one, two = random.standard_normal((2, 10, 16))
    assert mmd(one, two + 1) > 10 * abs(mmd(one, two))


@pytest.mark.parametrize("rows", [0, 1])
def test_one_sample_is_refused(rows):
    with pytest.raises(InputError, match=f"{rows} samples"):
        mmd(np.zeros((rows, 3)), np.zeros((4, 3)))
