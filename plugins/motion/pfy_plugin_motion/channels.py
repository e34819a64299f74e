"""The channels of face motion as the denoiser sees them: centred, and of comparable size."""

from __future__ import annotations

import torch
from torch import Tensor

from pfy_core.kinds import ARKIT_CHANNELS, HEAD_CHANNELS, MOTION_CHANNELS, MOTION_INDEX

USUAL = (0.0, 0.12)
"""Mean and standard deviation of what is not named below."""
SPEECH = {
    "jawOpen": (0.27, 0.17),
    "mouthClose": (0.04, 0.06),
    "mouthPucker": (0.21, 0.27),
    "mouthRollLower": (0.04, 0.15),
    "tongueOut": (0.11, 0.12),
    "mouthStretchLeft": (0.14, 0.15),
    "mouthStretchRight": (0.14, 0.15),
    "mouthPressLeft": (0.13, 0.30),
    "mouthPressRight": (0.13, 0.30),
    "mouthUpperUpLeft": (0.10, 0.12),
    "mouthUpperUpRight": (0.10, 0.12),
    "eyeBlinkLeft": (0.08, 0.20),
    "eyeBlinkRight": (0.08, 0.20),
    "browInnerUp": (0.05, 0.10),
    "browOuterUpLeft": (0.04, 0.08),
    "browOuterUpRight": (0.04, 0.08),
    "headYaw": (0.0, 0.05),
    "headPitch": (0.0, 0.04),
    "headRoll": (0.0, 0.02),
    "headX": (0.0, 0.03),
    "headY": (0.0, 0.03),
    "headZ": (0.0, 0.03),
}
"""Mean and standard deviation of the channels that move, in the corpus of ``pfy data synth``. They only have
to be near: they set how loud the noise is, not what is made."""
LIPS = ("jawOpen", "mouthClose")


def _row(which: int) -> Tensor:
    return torch.tensor([SPEECH.get(name, USUAL)[which] for name in MOTION_CHANNELS])


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
