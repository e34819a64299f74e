"""``metric/stoi`` and ``metric/mcd``: two recordings of the same words."""

from __future__ import annotations

from math import nan
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pfy_core import InputError, Metric, Score
from pfy_plugin_metrics.mcd import mcd
from pfy_plugin_metrics.ports import RATE, Made, Reference
from pfy_plugin_metrics.stoi import stoi
from pfy_plugin_metrics.unscored import scored

APART = 0.04
"""Seconds by which two lengths may differ that are compared sample by sample: a frame of 25 fps video."""


class Stoi(Metric, name="stoi"):
    """Short-time objective intelligibility against an aligned recording: 1 when they are the same.

    protocol: ``stoi/pystoi-0.4.1`` as the Python package, ``stoi/matlab`` as the authors' stoi.m, or the
        extended measure ``estoi/pystoi-0.4.1``.

    Both are compared sample by sample, so it says something only of sound that is meant to reproduce the
    reference: 10 ms apart are 0.92, 40 ms 0.66. Unscored: lengths more than a video frame apart, a silent
    reference, less than 0.38 s of speech. Raises InputError for what is not finite. Taal et al., 2011.
    """

    def __init__(
        self,
        *,
        protocol: Literal["stoi/pystoi-0.4.1", "stoi/matlab", "estoi/pystoi-0.4.1"] = "stoi/pystoi-0.4.1",
    ) -> None:
        self._protocol = protocol

    def __call__(self, made: Made, reference: Reference) -> Score:
        """made (s), reference (n), both at 16 kHz -> STOI, at most 1."""
        _finite(made, reference)
        apart = abs(len(made) - len(reference)) / RATE
        if apart > APART:
            return Score(
                nan, f"made and reference differ by {apart:.2f} s in length, at most {APART} s is one clip"
            )
        return scored(lambda: stoi(made, reference, RATE, self._protocol))


class Mcd(Metric, name="mcd"):
    """Mel-cepstral distortion between two recordings of the same words, in dB: 0 when they are the same.

    protocol: ``mcd/mcep-dtw``, which a gain does not change and which warps time, or
    ``mcd/pymcd-0.2.1-plain`` as
        the package pymcd in its mode "plain" (pip install 'pfy-plugin-metrics[world]').

    Unscored: silence, less than 25 ms, more than 60 s. Raises InputError for what is not finite. Kubichek,
    1993.
    """

    def __init__(
        self, *, protocol: Literal["mcd/mcep-dtw", "mcd/pymcd-0.2.1-plain"] = "mcd/mcep-dtw"
    ) -> None:
        self._protocol = protocol

    def __call__(self, made: Made, reference: Reference) -> Score:
        """made (s), reference (n), both at 16 kHz -> dB."""
        _finite(made, reference)
        return scored(lambda: mcd(made, reference, self._protocol))


def _finite(*waves: NDArray[np.float32]) -> None:
    if not all(np.isfinite(wave).all() for wave in waves):
        raise InputError("a recording with NaN or infinity", "numbers from -1 to 1")
