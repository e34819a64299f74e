"""The HiFi-GAN generator of XTTS-v2 (Kong et al., HiFi-GAN, arXiv:2010.05646), told who speaks.

Values are (1 channels 1 t), a map of one line, with the channels of a step side by side in memory.
Convolutions of such maps take three quarters of the time of those of (1 channels t) on a CPU, and rows of
features have this layout already.
"""

from __future__ import annotations

import math
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


class Convolution(nn.Conv1d):
    """A convolution along the line of a map."""

    def forward(self, values: Tensor) -> Tensor:
        """(1 inputs 1 t) -> (1 outputs 1 t)."""
        along = {"padding": (0, int(self.padding[0])), "dilation": (1, self.dilation[0])}
        return functional.conv2d(values, self.weight[:, :, None], self.bias, **along)


class Upsampling(nn.ConvTranspose1d):
    """A transposed convolution along the line of a map."""

    def forward(self, values: Tensor, output_size: list[int] | None = None) -> Tensor:
        """(1 inputs 1 t) -> (1 outputs 1 t * stride)."""
        assert output_size is None
        along = {"padding": (0, int(self.padding[0])), "stride": (1, self.stride[0])}
        return functional.conv_transpose2d(values, self.weight[:, :, None], self.bias, **along)


class ResidualBlock(nn.Module):
    """Three steps of two convolutions each, dilated then plain (``ResBlock1``)."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()

        def convolution(dilation: int) -> Any:
            reach = dilation * (kernel - 1) // 2
            made = Convolution(channels, channels, kernel, dilation=dilation, padding=reach)
            return weight_norm(made)

        self.convs1 = nn.ModuleList(convolution(dilation) for dilation in DILATIONS)
        self.convs2 = nn.ModuleList(convolution(1) for _ in DILATIONS)

    def forward(self, values: Tensor, first: Tensor) -> Tensor:
        """values (1 channels 1 t), ``first`` the same after LeakyReLU -> the same shape, in new memory."""
        for index, (dilated, plain) in enumerate(zip(self.convs1, self.convs2, strict=True)):
            found = dilated(functional.leaky_relu(values, SLOPE) if index else first)
            values = plain(functional.leaky_relu(found, SLOPE, inplace=True)).add_(values)
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
        self.conv_pre = Convolution(width, channels, 7, padding=3)
        self.cond_layer = Convolution(speaker, channels, 1)
        self.ups, self.resblocks, self.conds = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for kernel in upsampling:
            up = Upsampling(channels, channels // 2, kernel, kernel // 2, padding=kernel // 4)
            channels //= 2
            self.ups.append(weight_norm(up))
            self.conds.append(Convolution(speaker, channels, 1))
            self.resblocks.extend(ResidualBlock(channels, size) for size in kernels)
        self.conv_post = Convolution(channels, 1, 7, padding=3, bias=False)

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
        return self._reaches()[0] + 1 + 3

    def _reaches(self) -> list[int]:
        """How far samples reach into the output of the first convolution and of each stage, in its steps."""
        steps = sum((max(self.kernels) - 1) // 2 * (dilation + 1) for dilation in DILATIONS)
        reaches = [3.0]
        for rate in reversed(self.rates):
            reaches.insert(0, (reaches[0] + steps) / rate + 1)
        return [math.ceil(reach) for reach in reaches]

    def fold(self) -> Vocoder:
        """Multiply the weight norms out and lay the weights out like the values, once they are loaded."""
        for module in list(self.modules()):
            if parametrize.is_parametrized(module, "weight"):
                parametrize.remove_parametrizations(module, "weight")
            if isinstance(module, Convolution | Upsampling):
                laid_out = module.weight.detach().transpose(1, 2).contiguous().transpose(1, 2)
                module.weight = nn.Parameter(laid_out, requires_grad=False)
        return self

    def forward(self, rows: Tensor, speaker: Tensor, margins: tuple[int, int] = (0, 0)) -> Tensor:
        """rows (t width), speaker (512) -> samples (t * 256), -1 to 1.

        margins: frames in front and at the end that only surround what is wanted; their samples are left out.
        Each stage computes of them what the later ones can reach.
        """
        voice, before, after = speaker[None, :, None, None], *margins
        values = self.conv_pre(rows.T[None, :, None]).add_(self.cond_layer(voice))
        reaches = self._reaches()[1:]
        for stage, (up, cond, rate, reach) in enumerate(
            zip(self.ups, self.conds, self.rates, reaches, strict=True)
        ):
            values = up(functional.leaky_relu(values, SLOPE, inplace=True)).add_(cond(voice))
            first = functional.leaky_relu(values, SLOPE)
            values = _mean(block(values, first) for block in self._blocks(stage))
            before, after = before * rate, after * rate
            values = values[..., max(before - reach, 0) : values.shape[3] - max(after - reach, 0)]
            before, after = min(before, reach), min(after, reach)
        found = self.conv_post(functional.leaky_relu(values, LAST_SLOPE))
        samples: Tensor = torch.tanh(found[0, 0, 0, before : found.shape[3] - after])
        return samples

    def _blocks(self, stage: int) -> list[nn.Module]:
        count = len(self.kernels)
        return list(self.resblocks)[stage * count : (stage + 1) * count]


def _mean(values: Iterable[Tensor]) -> Tensor:
    total, count = None, 0
    for value in values:
        total, count = (value if total is None else total.add_(value)), count + 1
    assert total is not None
    return total.div_(count)
