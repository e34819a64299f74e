"""The speaker encoder: H/ASP, a squeeze-and-excitation ResNet with attentive statistics pooling.

Heo et al., Clova Baseline System for the VoxCeleb Speaker Recognition Challenge 2020, arXiv:2009.14153.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from pfy_plugin_hifigan.mel import MelSpectrogram, PreEmphasis

RATE = 16_000
FFT, HOP, WINDOW = 512, 160, 400
"""Of the spectrogram, in samples: 25 ms every 10 ms."""
TOP = 8000.0
"""Upper end of the mel scale in Hz."""
PRE_EMPHASIS = 0.97
STRIDES = (1, 2, 2, 2)
"""Of the four stages, in frequency and in time."""
QUIET = 1e-6
"""Added to the mel power before the logarithm."""


class Excitation(nn.Module):
    """Weighs the channels by what their means say (Hu et al., Squeeze-and-Excitation, 2018)."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        layers = (nn.Linear(channels, squeezed), nn.ReLU(), nn.Linear(squeezed, channels), nn.Sigmoid())
        self.fc = nn.Sequential(*layers)

    def forward(self, values: Tensor) -> Tensor:
        """(b channels f t) -> the same shape."""
        return values * self.fc(values.mean(dim=(2, 3)))[:, :, None, None]


class Block(nn.Module):
    """Residual block; ReLU comes before the first batch norm, not after it."""

    def __init__(self, inputs: int, outputs: int, stride: int, squeezed: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.se = Excitation(outputs, squeezed)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, values: Tensor) -> Tensor:
        """(b inputs f t) -> (b outputs f/stride t/stride)."""
        found = self.se(self.bn2(self.conv2(self.bn1(functional.relu(self.conv1(values))))))
        passed = values if self.downsample is None else self.downsample(values)
        return functional.relu(found + passed)


class SpeakerEncoder(nn.Module):
    """A wave at 16 kHz to a unit vector that says who speaks."""

    def __init__(
        self,
        mels: int,
        channels: tuple[int, ...],
        blocks: tuple[int, ...],
        reduction: int,
        attention: int,
        width: int,
    ) -> None:
        super().__init__()
        self.torch_spec = nn.Sequential(PreEmphasis(), MelSpectrogram(FFT, HOP, WINDOW, mels))
        self.conv1 = nn.Conv2d(1, channels[0], 3, 1, 1)
        self.bn1 = nn.BatchNorm2d(channels[0])
        inputs = channels[0]
        for stage, (outputs, count, stride) in enumerate(zip(channels, blocks, STRIDES, strict=True), 1):
            layer = [
                Block(inputs if not index else outputs, outputs, 1 if index else stride, outputs // reduction)
                for index in range(count)
            ]
            self.add_module(f"layer{stage}", nn.Sequential(*layer))
            inputs = outputs
        features = channels[-1] * (mels // 8)
        self.attention = nn.Sequential(
            nn.Conv1d(features, attention, 1),
            nn.ReLU(),
            nn.BatchNorm1d(attention),
            nn.Conv1d(attention, features, 1),
            nn.Softmax(dim=2),
        )
        self.fc = nn.Linear(2 * features, width)

    def features(self, wave: Tensor) -> Tensor:
        """waves (b s) at 16 kHz -> log mel (b mels s//160+1), each bin with mean 0 and variance 1."""
        mel: Tensor = self.torch_spec(wave)
        return functional.instance_norm((mel + QUIET).log())

    def forward(self, wave: Tensor) -> Tensor:
        """waves (b s) at 16 kHz, float32 -> (b width), unit vectors."""
        values = self.features(wave)[:, None].to(self.fc.weight.dtype)
        values = self.bn1(functional.relu(self.conv1(values)))
        for stage in range(1, len(STRIDES) + 1):
            values = getattr(self, f"layer{stage}")(values)
        values = values.flatten(1, 2)
        weights = self.attention(values)
        mean = (values * weights).sum(dim=2)
        variance = (values.square() * weights).sum(dim=2) - mean.square()
        embedding = self.fc(torch.cat([mean, variance.clamp(min=1e-5).sqrt()], dim=1))
        return functional.normalize(embedding, dim=1)
