"""Diffusion with v-prediction on a cosine schedule: noising, targets, and steps back.

At time u, 0 to 1: ``x_u = alpha x + sigma noise``, ``v = alpha noise - sigma x`` (Salimans & Ho 2022), with
``alpha = cos(pi u / 2)`` and ``sigma = sin(pi u / 2)``: at 1 there is noise alone (zero terminal SNR, Lin et
al. 2024), so that nothing of the target's mean leaks into training.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

Denoiser = Callable[[Tensor, Tensor], Tensor]
"""What gives v (b t c) for noisy rows (b t c) and times (b)."""


def noised(clean: Tensor, noise: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
    """Rows (b t c) at times (b), and the v that a network shall give for them."""
    alpha, sigma = _level(time)
    return alpha * clean + sigma * noise, alpha * noise - sigma * clean


def cleaned(rows: Tensor, v: Tensor, time: Tensor) -> Tensor:
    """The clean rows that follow from v."""
    alpha, sigma = _level(time)
    return alpha * rows - sigma * v


def snr(time: Tensor) -> Tensor:
    """Signal over noise (b), of their powers; 0 at time 1."""
    alpha, sigma = _level(time)
    return (alpha / sigma.clamp(min=1e-4)).square().flatten()


def sampled(denoiser: Denoiser, noise: Tensor, steps: int) -> Tensor:
    """Clean rows (b t c) from noise by DDIM (Song et al. 2021), at evenly spaced times."""
    rows = noise
    times = torch.linspace(1, 0, steps + 1).tolist()
    for now, then in pairwise(times):
        time = torch.full((len(rows),), now, device=rows.device, dtype=torch.float32)
        v = denoiser(rows, time)
        alpha, sigma = math.cos(math.pi * now / 2), math.sin(math.pi * now / 2)
        clean, drawn = alpha * rows - sigma * v, sigma * rows + alpha * v
        rows = math.cos(math.pi * then / 2) * clean + math.sin(math.pi * then / 2) * drawn
    return rows


def _level(time: Tensor) -> tuple[Tensor, Tensor]:
    angle = (math.pi / 2 * time)[:, None, None]
    return torch.cos(angle), torch.sin(angle)
