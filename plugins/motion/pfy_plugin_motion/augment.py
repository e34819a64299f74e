"""Other voices, microphones and rooms than a corpus has: its mel spectra, changed at random."""

from __future__ import annotations

import torch
from torch import Tensor

from pfy_core.trainable import draws

WARP = 0.14
"""Most by which the mel axis is stretched, either way: vocal tracts of other lengths (Jaitly & Hinton 2013
warp frequency by 10 %, for speakers of one corpus)."""
TILT = 9.0
"""Most by which the ends of the spectrum are raised or lowered, in dB: other microphones."""
CHANCE = 0.6
"""Share of the windows that get noise."""
QUIET, NOISY = 45.0, 3.0
"""SNR in dB that noise is drawn between."""
SPREAD = 5.6
"""Standard deviation in dB of the power of Gaussian noise in one band and row (of its logarithm, exponential
distribution: 10 / ln 10 * pi / sqrt 6)."""


def augmented(power: Tensor, seeds: Tensor) -> Tensor:
    """Power in mel bands (b n 80), warped, tilted and with noise, each row of the batch by its own seed."""
    bands = power.shape[-1]
    warp, tilt, bend, noisy, snr, colour = draws(seeds, (6,), uniform=True, salt=1).to(power).unbind(1)
    axis = torch.arange(bands, device=power.device)
    factor = 1 + WARP * (2 * warp - 1)
    at = (axis * factor[:, None]).clamp(max=bands - 1)
    low = at.floor().long().clamp(max=bands - 2)
    part = (at - low)[:, None]
    first, second = (
        power.gather(2, index[:, None].expand(-1, power.shape[1], -1)) for index in (low, low + 1)
    )
    warped = (1 - part) * first + part * second
    ramp = torch.linspace(-1, 1, bands, device=power.device)
    curve = TILT * ((2 * tilt - 1)[:, None] * ramp + (2 * bend - 1)[:, None] * (0.5 - ramp.square()))
    warped = warped * 10 ** (curve / 10)[:, None]
    level = warped.sum(-1).mean(1)[:, None, None]
    shape = 10 ** (-2.0 * colour[:, None] * (ramp + 1) / 2)
    shape = (shape / shape.sum(1, keepdim=True))[:, None]
    rough = 10 ** (SPREAD / 10 * draws(seeds, tuple(power.shape[1:]), salt=2).to(power))
    amount = 10 ** (-(NOISY + (QUIET - NOISY) * snr) / 10) * (noisy < CHANCE)
    return warped + level * amount[:, None, None] * shape * rough
