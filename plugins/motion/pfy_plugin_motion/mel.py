"""The log-mel spectrum of speech, four rows a video frame, relative to the recording's loud parts."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from pfy_plugin_motion.ports import RATE, SAMPLES

BANDS = 80
PER_FRAME = 4
"""Rows of a video frame: a hop of 10 ms."""
WINDOW, TRANSFORM, HOP = 400, 512, SAMPLES // PER_FRAME
"""Samples of a window (25 ms), of the Fourier transform, and between windows, as usual at 16 kHz."""
LOWEST, HIGHEST = 50.0, 7600.0
"""Edges of the bands in Hz."""
LOUD = 0.95
"""Quantile of the rows' levels that counts as the recording's level."""
QUIETEST = -60.0
"""Level in dB below which a recording is not made louder: there is nothing but noise in it."""
FLOOR, UNIT = -60.0, 20.0
"""What is so many dB below the level is silence; the spectrum is given in units of so many dB."""


def power(wave: Tensor) -> Tensor:
    """Waves (b s) at 16 kHz -> power in mel bands (b 4t 80), t the frames of 640 samples.

    Row k is centred on sample 160 k + 80: four rows lie in every video frame. Power is summed in triangles on
    HTK's mel scale.
    """
    window, bands = _constants(wave.device)
    count = max(1, round(wave.shape[-1] / SAMPLES)) * PER_FRAME
    before = (TRANSFORM - HOP) // 2
    length = (count - 1) * HOP + TRANSFORM
    padded = functional.pad(wave.float(), (before, max(0, length - before - wave.shape[-1])))[:, :length]
    spectrum = torch.stft(
        *(padded, TRANSFORM, HOP, WINDOW, window),
        center=False,
        return_complex=True,
    )
    return spectrum.abs().square().transpose(1, 2) @ bands / TRANSFORM


def leveled(power: Tensor) -> Tensor:
    """Power in mel bands (b n 80) -> dB from the recording's level in units of 20: 0 at it, -3 in silence."""
    rows = 10 * torch.log10(power.sum(-1) + 1e-12)
    level = torch.quantile(rows, LOUD, dim=1).clamp(min=QUIETEST)[:, None, None]
    decibels = 10 * torch.log10(power + 1e-12) - level
    return decibels.clamp(min=FLOOR) / UNIT


@lru_cache
def _constants(device: torch.device) -> tuple[Tensor, Tensor]:
    """The periodic Hann window (400), and the bands, on a device."""
    return torch.hann_window(WINDOW, device=device), triangles().to(device)


def triangles() -> Tensor:
    """Weights (257 80) of triangles whose corners are equally far apart in mel."""
    edges = _hertz(torch.linspace(_mel(LOWEST), _mel(HIGHEST), BANDS + 2))
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    at = torch.linspace(0, RATE / 2, TRANSFORM // 2 + 1)[:, None]
    rising, falling = (at - lower) / (centre - lower), (upper - at) / (upper - centre)
    return torch.minimum(rising, falling).clamp(min=0)


def _mel(hertz: float) -> float:
    return 1127 * math.log(1 + hertz / 700)


def _hertz(mel: Tensor) -> Tensor:
    return 700 * (torch.exp(mel / 1127) - 1)
