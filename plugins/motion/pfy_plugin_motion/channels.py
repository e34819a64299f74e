"""The channels of face motion as the denoiser sees them: centred, and of comparable size."""

from __future__ import annotations

import torch
from torch import Tensor

from pfy_core.kinds import ARKIT_CHANNELS, HEAD_CHANNELS, MOTION_CHANNELS, MOTION_INDEX

USUAL = (0.0, 0.1)
"""Mean and standard deviation of what is not named below."""
MOVING = {
    "eyeBlinkLeft": (0.07, 0.20),
    "eyeBlinkRight": (0.07, 0.20),
    "eyeLookDownLeft": (0.03, 0.06),
    "eyeLookDownRight": (0.03, 0.06),
    "eyeLookInLeft": (0.05, 0.08),
    "eyeLookInRight": (0.05, 0.08),
    "eyeLookOutLeft": (0.05, 0.09),
    "eyeLookOutRight": (0.05, 0.09),
    "eyeLookUpLeft": (0.04, 0.06),
    "eyeLookUpRight": (0.04, 0.06),
    "eyeWideLeft": (0.01, 0.02),
    "eyeWideRight": (0.01, 0.02),
    "jawOpen": (0.20, 0.16),
    "mouthClose": (0.01, 0.02),
    "mouthPucker": (0.13, 0.19),
    "mouthStretchLeft": (0.09, 0.11),
    "mouthStretchRight": (0.09, 0.11),
    "mouthRollLower": (0.05, 0.16),
    "mouthPressLeft": (0.11, 0.29),
    "mouthPressRight": (0.11, 0.29),
    "mouthUpperUpLeft": (0.09, 0.10),
    "mouthUpperUpRight": (0.09, 0.10),
    "browInnerUp": (0.08, 0.12),
    "browOuterUpLeft": (0.06, 0.09),
    "browOuterUpRight": (0.06, 0.09),
    "tongueOut": (0.03, 0.07),
    "headYaw": (0.0, 0.07),
    "headPitch": (0.0, 0.06),
    "headRoll": (0.0, 0.05),
    "headX": (0.0, 0.04),
    "headY": (0.0, 0.03),
    "headZ": (0.0, 0.02),
}
"""Mean and standard deviation of the channels that move, in a corpus of ``pfy data synth``. They only have
to be near: they set how loud the noise is, not what is made."""
LIPS = ("jawOpen", "mouthClose")


def _row(which: int) -> Tensor:
    return torch.tensor([MOVING.get(name, USUAL)[which] for name in MOTION_CHANNELS])


def standardised(motion: Tensor) -> Tensor:
    """Motion (... 58) in units of the corpus's spread."""
    return (motion - _row(0).to(motion)) / _row(1).to(motion)


def unscaled(rows: Tensor) -> Tensor:
    """Standardised rows (... 58) in the channels' own units, whatever their range."""
    return rows * _row(1).to(rows) + _row(0).to(rows)


def restored(rows: Tensor) -> Tensor:
    """Standardised rows (... 58) as motion: blendshapes 0 to 1, lips no more closed than shut."""
    motion = unscaled(rows)
    faces, head = motion.split((len(ARKIT_CHANNELS), len(HEAD_CHANNELS)), dim=-1)
    motion = torch.cat([faces.clamp(0, 1), head], dim=-1)
    jaw, close = (MOTION_INDEX[name] for name in LIPS)
    motion[..., close] = torch.minimum(motion[..., close], motion[..., jaw])
    return motion
