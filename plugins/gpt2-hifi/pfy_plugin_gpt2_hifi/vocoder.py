"""The HiFi-GAN generator of XTTS-v2 (Kong et al., HiFi-GAN, arXiv:2010.05646), told who speaks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import weight_norm

SLOPE = 0.1
"""Of LeakyReLU everywhere but before the last convolution."""
LAST_SLOPE = 0.01
"""There, it is torch's default."""
DILATIONS = (1, 3, 5)
"""Of the first convolution in each step of a residual block."""
SCALES = (1024 / 256, 24_000 / 22_050)
"""From latents (1024 samples at 22,050 Hz each) to frames (256 samples at 24,000 Hz)."""


class ResidualBlock(nn.Module):
    """Three steps of two convolutions each, dilated then plain (``ResBlock1``)."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()

        def convolution(dilation: int) -> Any:
            reach = dilation * (kernel - 1) // 2
            made = nn.Conv1d(channels, channels, kernel, dilation=dilation, padding=reach)
            return weight_norm(made)

        self.convs1 = nn.ModuleList(convolution(dilation) for dilation in DILATIONS)
        self.convs2 = nn.ModuleList(convolution(1) for _ in DILATIONS)

    def forward(self, values: Tensor) -> Tensor:
        """(b channels t) -> the same shape."""
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            found = dilated(functional.leaky_relu(values, SLOPE))
            values = values + plain(functional.leaky_relu(found, SLOPE))
        return values


class Vocoder(nn.Module):
    """Frames of 256 samples at 24 kHz from as many rows of features.

    width: of the rows; channels: after the first convolution, halved in every stage; upsampling: kernel of
    each stage, whose rate is half of it; kernels: of the residual blocks, averaged in each stage; speaker:
    width of the speaker's embedding, which is added in front and after every upsampling.
    """

    def __init__(
        self,
        *,
        width: int,
        channels: int,
        upsampling: tuple[int, ...],
        kernels: tuple[int, ...],
        speaker: int,
    ) -> None:
        super().__init__()
        self.rates = tuple(kernel // 2 for kernel in upsampling)
        self.kernels = kernels
        self.conv_pre = nn.Conv1d(width, channels, 7, padding=3)
        self.cond_layer = nn.Conv1d(speaker, channels, 1)
        self.ups, self.resblocks, self.conds = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for kernel in upsampling:
            up = nn.ConvTranspose1d(channels, channels // 2, kernel, kernel // 2, padding=kernel // 4)
            channels //= 2
            self.ups.append(weight_norm(up))
            self.conds.append(nn.Conv1d(speaker, channels, 1))
            self.resblocks.extend(ResidualBlock(channels, size) for size in kernels)
        self.conv_post = nn.Conv1d(channels, 1, 7, padding=3, bias=False)

    @property
    def hop(self) -> int:
        """Samples per frame."""
        samples = 1
        for rate in self.rates:
            samples *= rate
        return samples

    @property
    def reach(self) -> int:
        """How many frames to either side a frame's samples depend on.

        From the last convolution back: a convolution reaches over half of its kernel, a transposed one over
        one sample of its input, since its kernel is twice its rate.
        """
        steps = sum((max(self.kernels) - 1) // 2 * (dilation + 1) for dilation in DILATIONS)
        samples = 3.0
        for rate in reversed(self.rates):
            samples = (samples + steps) / rate + 1
        return int(samples) + 1 + 3

    def fold(self) -> Vocoder:
        """Multiply the weight norms out, once they are loaded."""
        for module in list(self.modules()):
            if parametrize.is_parametrized(module, "weight"):
                parametrize.remove_parametrizations(module, "weight")
        return self

    def forward(self, rows: Tensor, speaker: Tensor) -> Tensor:
        """rows (t width), speaker (512) -> samples (t * 256), -1 to 1."""
        voice = speaker[None, :, None]
        values = self.conv_pre(rows.T[None]) + self.cond_layer(voice)
        for stage, (up, cond) in enumerate(zip(self.ups, self.conds, strict=True)):
            values = up(functional.leaky_relu(values, SLOPE)) + cond(voice)
            values = _mean(block(values) for block in self._blocks(stage))
        samples: Tensor = torch.tanh(self.conv_post(functional.leaky_relu(values, LAST_SLOPE)))
        return samples[0, 0]

    def _blocks(self, stage: int) -> list[nn.Module]:
        count = len(self.kernels)
        return list(self.resblocks)[stage * count : (stage + 1) * count]


def _mean(values: Iterable[Tensor]) -> Tensor:
    total, count = None, 0
    for value in values:
        total, count = (value if total is None else total + value), count + 1
    assert total is not None
    return total / count
