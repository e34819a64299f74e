"""``decoder/energy-motion``: the baseline whose mouth opens as far as the speech is loud."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

from pfy_core import Decoder, InputError
from pfy_core.kinds import APERTURE_SPAN, MOTION_CHANNELS, MOTION_INDEX
from pfy_plugin_motion.ports import SAMPLES, Motion, Wave

SPAN = 30.0
"""dB below a recording's loud parts that count as silence."""
LOUD = 95
"""Percentile of the frames' levels that counts as loud."""
WIDEST = 0.096
"""Gap of the lips in iod at the loudest: the least squares of the train split of ``pfy data synth``."""
SMOOTH = 0.8
"""Standard deviation in frames of the window that smooths the level."""


class EnergyMotion(Decoder, name="energy-motion"):
    """Speech at 16 kHz to face motion at 25 fps: jawOpen follows the level in dB, all else stays at rest.

    What any method must beat: it opens and closes with the syllables and knows nothing of sounds.

    gain: how far the mouth opens, in times of what fits speech best; 0 is a frozen face (0 to 3).
    """

    def __init__(self, *, gain: float = 1.0) -> None:
        if not 0 <= gain <= 3:
            raise InputError(f"gain {gain:g}", "0 (a frozen face) to 3")
        self._gain = gain

    def __call__(self, wave: Wave) -> Motion:
        """wave (s) -> motion (t 58), t = round(s / 640)."""
        frames = max(1, round(len(wave) / SAMPLES))
        samples = np.zeros(frames * SAMPLES)
        samples[: len(wave)] = wave[: len(samples)]
        power = np.mean(samples.reshape(frames, SAMPLES) ** 2, axis=1)
        level: Any = 10 * np.log10(ndimage.gaussian_filter1d(power, SMOOTH, mode="constant") + 1e-12)
        share = np.clip((level - np.percentile(level, LOUD) + SPAN) / SPAN, 0, 1)
        motion = np.zeros((frames, len(MOTION_CHANNELS)), np.float32)
        motion[:, MOTION_INDEX["jawOpen"]] = np.clip(self._gain * WIDEST / APERTURE_SPAN * share, 0, 1)
        return motion
