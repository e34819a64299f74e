"""Recordings of speech, checked before a network hears them."""

from __future__ import annotations

from typing import Any

import numpy as np

from pfy_core.errors import InputError
from pfy_core.events import note

SILENT = 1e-5
"""Peak below which a recording holds nothing: a third of the smallest step of 16 bits."""


def checked(wave: Any, rate: int, shortest: int = 1) -> np.ndarray:
    """A recording at ``rate`` as float32 (s) of its own, s at least ``shortest``, every sample finite.

    A silent one passes with a note. Raises InputError for anything else.
    """
    samples = np.asarray(wave)
    least = f" of {shortest} samples and more" if shortest > 1 else ""
    wants = f"a mono recording (s) at {rate / 1000:g} kHz{least}, every sample finite"
    if samples.ndim != 1:
        shape = " ".join(map(str, samples.shape))
        raise InputError(f"wave: shape ({shape})", wants, "mix its channels to one")
    if len(samples) < shortest:
        raise InputError(f"wave: {len(samples)} samples", wants, "record more")
    with np.errstate(over="ignore"):
        samples = np.array(samples, np.float32)
    if wrong := int((~np.isfinite(samples)).sum()):
        raise InputError(f"wave: {wrong} of {len(samples)} samples are not finite", wants, "record it again")
    if np.abs(samples).max() < SILENT:
        note("a recording is silent: nothing is heard in it, and no mouth can follow it")
    return samples
