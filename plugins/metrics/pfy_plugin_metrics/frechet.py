"""The Fréchet distance between two sets of feature vectors, each taken for a Gaussian.

d² = |μ₁ - μ₂|² + Tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½)  (Dowson and Landau, 1982; Heusel et al., arXiv 1706.08500, eq. 6)

No matrix root is taken. The last trace is the sum of the singular values of A Bᵀ, where Σ₁ = AᵀA and
Σ₂ = BᵀB; with centred samples as A and B it is found to machine precision, however many are missing
to full rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg

from pfy_core import InputError
from pfy_plugin_metrics.features import Matrix, checked, same_width
from pfy_plugin_metrics.threads import one_thread

UNBIASED = 1
"""Divide by n - 1, as pytorch-fid, torch-fidelity and Google's FAD do; StyleGAN-V and cd-fvd divide by n."""


@dataclass(frozen=True, eq=False)
class FrechetStats:
    """Mean and scatter of samples that need not be kept: statistics of parts add up to those of the whole.

    count:   number of samples
    mean:    float64 (d)
    scatter: float64 (d d), sum of the outer products of the deviations from the mean

    Both are merged by the update of Chan, Golub and LeVeque (1979), so that nothing cancels as it does
    in sums of squares.
    """

    count: int
    mean: Matrix
    scatter: Matrix

    @classmethod
    def of(cls, features: Any) -> FrechetStats:
        """The statistics of ``features`` (n d), n at least 1; InputError for what is not finite."""
        rows = checked(features)
        if not len(rows):
            raise InputError("no features", "one row at least")
        mean = rows.mean(axis=0)
        centred = rows - mean
        with one_thread():
            return cls(len(rows), mean, centred.T @ centred)

    def __add__(self, other: FrechetStats) -> FrechetStats:
        """The statistics of the samples of both; InputError when their features differ in length."""
        same_width(len(self.mean), len(other.mean))
        count = self.count + other.count
        step = other.mean - self.mean
        mean = self.mean + step * (other.count / count)
        between = np.outer(step, step) * (self.count * other.count / count)
        return FrechetStats(count, mean, self.scatter + other.scatter + between)

    def covariance(self, ddof: int = UNBIASED) -> Matrix:
        """(d d); InputError with too few samples for it."""
        _enough(self.count, ddof)
        return self.scatter / (self.count - ddof)


def frechet(made: Any, reference: Any, ddof: int = UNBIASED) -> float:
    """Squared Fréchet distance between two sets, each features (n d) or their FrechetStats.

    ddof: 1 divides the scatter by n - 1, 0 by n.

    From features it is exact to about 1e-15 of the traces, at any rank. From statistics it is so at full
    rank; below, small eigenvalues are known to 1e-16 of the largest and their roots to 1e-8. Raises
    InputError for sets of different width, for what is not finite, and for fewer than ``ddof + 1`` samples.
    """
    if ddof not in (0, 1):
        raise InputError(f"ddof {ddof}", "1, or 0")
    with one_thread():
        if isinstance(made, FrechetStats) or isinstance(reference, FrechetStats):
            sides = [
                side if isinstance(side, FrechetStats) else FrechetStats.of(side)
                for side in (made, reference)
            ]
            return _of_statistics(sides[0], sides[1], ddof)
        return _of_samples(checked(made, "made"), checked(reference, "reference"), ddof)


def _of_samples(made: Matrix, reference: Matrix, ddof: int) -> float:
    same_width(made.shape[1], reference.shape[1])
    width = made.shape[1]
    step = np.zeros(width)
    roots = []
    for rows, sign in ((made, 1), (reference, -1)):
        _enough(len(rows), ddof)
        mean = rows.mean(axis=0)
        step += sign * mean
        roots.append((rows - mean) / np.sqrt(len(rows) - ddof))
    one, two = roots
    traces = np.vdot(one, one) + np.vdot(two, two)
    if min(len(one), len(two)) > width:
        try:
            return _distance(step, traces, _cross_cholesky(one.T @ one, two.T @ two))
        except np.linalg.LinAlgError:
            pass  # features that depend on each other: the roots know them better than the covariances
    cross = np.linalg.svd(_square(one) @ _square(two).T, compute_uv=False).sum()
    return _distance(step, traces, float(cross))


def _of_statistics(made: FrechetStats, reference: FrechetStats, ddof: int) -> float:
    same_width(len(made.mean), len(reference.mean))
    one, two = made.covariance(ddof), reference.covariance(ddof)
    traces = np.trace(one) + np.trace(two)
    try:
        cross = _cross_cholesky(one, two)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(one)
        root = vectors * np.sqrt(np.maximum(values, 0))
        cross = _root_sum(root.T @ two @ root)
    return _distance(made.mean - reference.mean, traces, cross)


def _square(root: Matrix) -> Matrix:
    """A root of the same covariance with at most as many rows as columns."""
    if len(root) <= root.shape[1]:
        return root
    return np.asarray(np.linalg.qr(root, mode="r"))


def _cross_cholesky(one: Matrix, two: Matrix) -> float:
    """Tr (Σ₁ Σ₂)^½ from two covariances; LinAlgError when the first has not full rank."""
    factor = scipy.linalg.cholesky(one, lower=True)
    return _root_sum(factor.T @ two @ factor)


def _root_sum(symmetric: Matrix) -> float:
    """The sum of the roots of the eigenvalues; rounding makes zeros negative."""
    return float(np.sqrt(np.maximum(np.linalg.eigvalsh(symmetric), 0)).sum())


def _distance(step: Matrix, traces: float, cross: float) -> float:
    # It is a square; of two sets that are the same, rounding leaves a little on either side of zero.
    return max(0.0, float(step @ step + traces - 2 * cross))


def _enough(count: int, ddof: int) -> None:
    if count <= ddof:
        raise InputError(f"{count} sample{'s' * (count != 1)}", f"{ddof + 1} at least, for a covariance")
