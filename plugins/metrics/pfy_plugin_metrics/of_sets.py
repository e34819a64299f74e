"""``metric/fd`` and ``metric/mmd``: two sets of features."""

from __future__ import annotations

from math import nan
from typing import Literal

from pfy_core import Metric, Score
from pfy_plugin_metrics.features import checked
from pfy_plugin_metrics.frechet import frechet
from pfy_plugin_metrics.mmd import mmd
from pfy_plugin_metrics.ports import Features, OtherFeatures

FEWEST = 2
"""Samples that have a covariance, and a pair."""


class FrechetDistance(Metric, name="fd"):
    """Squared Fréchet distance between two sets of features, taken for Gaussians: 0 when they are the same.

    protocol: ``fd/n-1`` divides the scatter by n - 1, ``fd/n`` by n.

    Biased upwards with few samples, by more than real differences are worth: compare only sets of one size,
    and look at ``metric/mmd`` beside it. Only with the features of the published Inception is it called
    FID, with I3D's FVD, with VGGish's FAD. Unscored: fewer than 2 samples. Raises InputError for features
    that are not finite or differ in length. Heusel et al., arXiv 1706.08500.
    """

    def __init__(self, *, protocol: Literal["fd/n-1", "fd/n"] = "fd/n-1") -> None:
        self._ddof = 1 if protocol == "fd/n-1" else 0

    def __call__(self, made: Features, reference: OtherFeatures) -> Score:
        """made (n d), reference (m d) -> distance, in squared units of the features."""
        made, reference = checked(made, "made"), checked(reference, "reference")
        if reason := _too_few(len(made), len(reference)):
            return Score(nan, reason)
        return Score(frechet(made, reference, self._ddof))


class MeanDiscrepancy(Metric, name="mmd"):
    """Squared maximum mean discrepancy between two sets of features: 0 on average when they are alike.

    protocol: ``mmd/poly3``, the kernel (x·y / d + 1)³ over all pairs; of Inception's features it is KID.

    Unscored: fewer than 2 samples. Raises InputError for features that are not finite or differ in length.
    Bińkowski et al., arXiv 1801.01401.
    """

    def __init__(self, *, protocol: Literal["mmd/poly3"] = "mmd/poly3") -> None:
        self._protocol = protocol

    def __call__(self, made: Features, reference: OtherFeatures) -> Score:
        """made (n d), reference (m d) -> discrepancy; may be negative."""
        made, reference = checked(made, "made"), checked(reference, "reference")
        if reason := _too_few(len(made), len(reference)):
            return Score(nan, reason)
        return Score(mmd(made, reference))


def _too_few(made: int, reference: int) -> str:
    fewest = min(made, reference)
    return f"{fewest} sample{'s' * (fewest != 1)}, {FEWEST} wanted" if fewest < FEWEST else ""
