"""Coarticulation: visemes blended into curves, as mouths do it.

Each sound dominates around its own time and fades into its neighbours (Cohen & Massaro 1993,
"Modeling coarticulation in synthetic visual speech"); bilabials close the lips completely, whatever
their neighbours want.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_plugin_portrait.pixels import smoothstep
from pfy_plugin_portrait.visemes import CURVES, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SPREAD = np.array([0.030, 0.045, 0.060, 0.018, 0.015, 0.045, 0.018])
"""Seconds over which each curve fades beyond a sound."""
LONG = 0.25
"""Seconds of half a sound above which it spreads no further."""
REACH = 0.5
"""Seconds beyond its ends where a sound's influence is cut off; there it is below 1e-4."""
NEIGHBOURS = 0.35
"""Share of its weight that a sound keeps in curves which its neighbours should colour."""
STRESSED = (1.0, 1.05, 1.18)
"""Opening by stress; primary stress also dominates a quarter more."""
CEILING = 0.215
"""Soft limit of the aperture in iod: speech hardly opens further."""
GAIN = 1.2
CLOSURE = (0.026, 0.050)
"""Least and greatest half length of a bilabial's closure, in seconds."""
CLOSING, OPENING = 0.035, 0.065
"""Seconds in which lips close and part: they part at up to 250 mm a second (Löfqvist & Gracco 1997), which
is .11 iod a frame."""
HUSH = (0.04, 0.12)
"""Seconds into a pause over which the mouth comes to rest, whatever the room sounds like."""


def curves(
    parts: Sequence[Segment],
    times: NDArray[np.float64],
    energy: NDArray[np.float64],
    gate: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Curves (t 7) as CURVES and lip closure (t) in 0..1, at times (t) in seconds.

    energy (t): loudness in 0..1, more opens wider; gate (t): 0 where it is silent, 1 in speech.
    """
    numerator, denominator = np.zeros((len(times), len(CURVES))), np.full((len(times), len(CURVES)), 1e-3)
    closure, loud = np.zeros(len(times)), gate.copy()
    for part in parts:
        near = slice(*np.searchsorted(times, (part.start - REACH, part.end + REACH)))
        if near.start == near.stop:
            continue
        target, weight = _wishes(part)
        middle, half = (part.start + part.end) / 2, (part.end - part.start) / 2
        short = min(half, LONG)
        away = np.maximum(np.abs(times[near] - middle) - (half - 0.45 * short), 0)
        dominance = weight * np.exp(-((away[:, None] / (SPREAD + 0.22 * short)) ** 2))
        numerator[near] += dominance * target
        denominator[near] += dominance
        if part.viseme.closes:
            plateau = min(max(0.75 * half, CLOSURE[0]), CLOSURE[1])
            away = times[near] - middle
            beyond = np.abs(away) - plateau
            ramp = 1 - np.clip(beyond / np.where(away < 0, CLOSING, OPENING), 0, 1)
            closure[near] = np.maximum(closure[near], ramp)
        elif part.silent:
            within = np.minimum(times[near] - part.start, part.end - times[near])
            loud[near] *= 1 - smoothstep(within, *HUSH)
    found = numerator / denominator
    closure = np.asarray(smoothstep(closure, 0, 1))
    found[:, 0] *= (0.70 + 0.42 * np.clip(energy, 0, 1)) * GAIN
    found[:, 0] = CEILING * np.tanh(found[:, 0] / CEILING)
    press = CURVES.index("press")
    others = [index for index in range(len(CURVES)) if index != press]
    found[:, others] *= loud[:, None]
    found[:, press] = np.maximum(0.3 * found[:, press], closure) * np.clip(1.5 * closure, 0, 1)
    found[:, CURVES.index("tuck")] *= 1 - closure
    return found, closure


def _wishes(part: Segment) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Targets (7) and weights (7) of a segment."""
    viseme = part.viseme
    target = np.array([getattr(viseme, name) for name in CURVES])
    target[0] *= STRESSED[part.stress]
    weight = np.full(len(CURVES), viseme.weight * (1.25 if part.stress == 2 else 1.0))
    if not viseme.colours:
        weight[[CURVES.index("width"), CURVES.index("round")]] *= NEIGHBOURS
    for name in ("tuck", "press", "tongue"):
        weight[CURVES.index(name)] = max(weight[CURVES.index(name)], 1.0)
    return target, weight
