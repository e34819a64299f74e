"""EfficientNet-Lite0: a small network for pictures, whose published weights are in a wheel.

Tan and Le, arXiv 1905.11946; the Lite variants (Google, 2020) leave squeeze-and-excitation out and rectify
with ReLU6. Keys are those of ``efficientnet-lite0-57934424.pth``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from pfy_plugin_networks.units import FrozenNorm, same_padded

SIDE = 224
"""Pixels of a side of the pictures that it was trained with."""
FEATURES, CLASSES = 1280, 1000
EPS = 0.001
"""Added to variances (``efficientnet_lite_builder.py``)."""
STEM = 32
EXPANSION = 6
STAGES = (
    (1, 3, 1, 16),
    (2, 3, 2, 24),
    (2, 5, 2, 40),
    (3, 3, 2, 80),
    (3, 5, 1, 112),
    (4, 5, 2, 192),
    (1, 3, 1, 320),
)
"""Blocks, kernel, stride of the first and channels of each stage (arXiv 1905.11946, table 1)."""


class SameConvolution(nn.Conv2d):
    """A convolution without a bias, padded as TensorFlow's ``SAME``."""

    def __init__(self, taken: int, given: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(taken, given, kernel, stride, groups=groups, bias=False)

    def forward(self, images: Tensor) -> Tensor:
        """(n taken h w) -> (n given h/stride w/stride)."""
        padded = same_padded(images, self.kernel_size, self.stride)
        made: Tensor = super().forward(padded)
        return made


class Block(nn.Module):
    """A mobile inverted bottleneck: expand, convolve each channel for itself, project; and what came in."""

    def __init__(self, taken: int, given: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = taken * expansion
        if expansion > 1:
            self._expand_conv = SameConvolution(taken, inner, 1)
            self._bn0 = FrozenNorm(inner, EPS)
        self._depthwise_conv = SameConvolution(inner, inner, kernel, stride, groups=inner)
        self._bn1 = FrozenNorm(inner, EPS)
        self._project_conv = SameConvolution(inner, given, 1)
        self._bn2 = FrozenNorm(given, EPS)
        self._expands, self._adds = expansion > 1, stride == 1 and taken == given

    def forward(self, images: Tensor) -> Tensor:
        """(n taken h w) -> (n given h/stride w/stride)."""
        made = images
        if self._expands:
            made = functional.relu6(self._bn0(self._expand_conv(made)))
        made = functional.relu6(self._bn1(self._depthwise_conv(made)))
        made = self._bn2(self._project_conv(made))
        return made + images if self._adds else made


class EfficientNetLite0(nn.Module):
    """Pictures to the 1280 means before the classes."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = SameConvolution(3, STEM, 3, 2)
        self._bn0 = FrozenNorm(STEM, EPS)
        blocks: list[nn.Module] = []
        taken = STEM
        for count, kernel, stride, given in STAGES:
            for index in range(count):
                expansion = EXPANSION if blocks else 1
                blocks.append(Block(taken, given, kernel, 1 if index else stride, expansion))
                taken = given
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = SameConvolution(taken, FEATURES, 1)
        self._bn1 = FrozenNorm(FEATURES, EPS)
        # Read with the rest and not used, so that a file is taken whole or not at all.
        self._fc = nn.Linear(FEATURES, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        """Pictures (n 3 h w), about -1 to 1 -> features (n 1280)."""
        made = functional.relu6(self._bn0(self._conv_stem(images)))
        for block in self._blocks:
            made = block(made)
        made = functional.relu6(self._bn1(self._conv_head(made)))
        return torch.mean(made, dim=(2, 3))
