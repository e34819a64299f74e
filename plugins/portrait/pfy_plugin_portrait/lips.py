"""Lips, jaw and tongue: the curves of coarticulation as channels, frame by frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_core.kinds import APERTURE_SPAN, MOTION_INDEX
from pfy_plugin_portrait import coarticulation
from pfy_plugin_portrait.visemes import CURVES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.heard import Heard

STEPS = 4
"""Positions computed for each frame; their smoothed mean is the frame."""
LEAD = 0.020
"""Seconds by which lips run ahead of the sound (measured on filmed people: 20 to 40 ms)."""
SMOOTH = 0.11
"""Width in seconds of the window that smooths the curves: fast enough for a closure of 50 ms."""
STRETCH_FULL = 0.167
"""Widening at mouthStretch = 1 as ``width`` counts it."""
SHUT = 0.98
"""Closure from which a frame's lips touch."""


def speak(times: NDArray[np.float64], fps: float, heard: Heard, motion: NDArray[np.float64]) -> None:
    """Set the channels of speech in motion (t 58) at the frames' middles (t)."""
    step = 1 / (fps * STEPS)
    kernel = np.hanning(max(3, round(SMOOTH / step)) | 1)
    margin = len(kernel) // 2
    first = times[0] - 0.5 / fps
    fine = first + (np.arange(-margin, len(times) * STEPS + margin) + 0.5) * step
    energy, gate = heard.envelope.at(fine)
    reach = coarticulation.REACH + LEAD
    parts = list(heard.between(fine[0] - reach, fine[-1] + reach))
    found, closure = coarticulation.curves(parts, fine + LEAD, energy, gate)
    jaw = found[:, :1]
    lips = found.copy()
    lips[:, 0] *= 1 - closure
    kernel /= kernel.sum()
    smooth = np.stack([np.convolve(curve, kernel, "valid") for curve in np.c_[lips, jaw].T], 1)
    frames = smooth.reshape(len(times), STEPS, -1).mean(1)
    shut = closure[margin : len(closure) - margin].reshape(len(times), STEPS).max(1) > SHUT
    curve = {name: frames[:, index] for index, name in enumerate(CURVES)}
    gap = np.where(shut, 0.0, curve["open"])
    # In a closure the jaw rises only part of the way: the lips do the rest.
    drop = np.maximum(gap, 0.45 * frames[:, -1] + 0.55 * gap)
    for name, values in (
        ("jawOpen", drop / APERTURE_SPAN),
        ("mouthClose", (drop - gap) / APERTURE_SPAN),
        ("mouthPucker", curve["round"]),
        ("mouthRollLower", np.where(shut, 0.0, curve["tuck"])),
        ("tongueOut", 0.5 * curve["tongue"]),
        ("mouthStretch", curve["width"] / STRETCH_FULL),
        ("mouthPress", np.where(shut, 1.0, curve["press"])),
        ("mouthUpperUp", curve["lift"]),
    ):
        for full in [name] if name in MOTION_INDEX else [name + "Left", name + "Right"]:
            motion[:, MOTION_INDEX[full]] = np.clip(values, 0, 1)
