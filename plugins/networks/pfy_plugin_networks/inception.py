"""Inception v3 as TensorFlow released it on 2015-12-05: the network of the Fréchet Inception distance.

Szegedy et al., arXiv 1512.00567; as the graph ``inception-2015-12-05`` computes it, which FID is defined
by (Heusel et al., arXiv 1706.08500). It is not torchvision's: averages leave the padding out, the last
block takes maxima in its pooling branch, and there are 1008 classes. Keys are those of
``pt_inception-2015-12-05-6726825d.pth``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from pfy_plugin_networks.units import FrozenNorm

SIDE = 299
"""Pixels of a side of the pictures that it takes."""
FEATURES, CLASSES = 2048, 1008
EPS = 0.001
"""Added to variances (``inception-2015-12-05``)."""

Kernel = tuple[int, int]
Step = tuple[str, int, Kernel, int]
"""Name, channels, kernel and stride of a convolution."""
Pool = Literal["mean", "max", "halve"]


class Convolution(nn.Module):
    """A convolution, normalised and rectified; padded to keep the size unless it has a stride or is told."""

    def __init__(
        self, taken: int, given: int, kernel: Kernel, stride: int = 1, *, padded: bool = True
    ) -> None:
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2) if padded and stride == 1 else 0
        self.conv = nn.Conv2d(taken, given, kernel, stride, padding, bias=False)
        self.bn = FrozenNorm(given, EPS)

    def forward(self, images: Tensor) -> Tensor:
        """(n taken h w) -> (n given h' w')."""
        return functional.relu(self.bn(self.conv(images)))


class Mixed(nn.Module):
    """Branches side by side, their channels one after another.

    branches: each convolutions in a row; the steps of the last entry, when there are several, all take what
        the entry before gives. pool: what the last branch begins with: means or maxima of 3 by 3, or maxima
        at every other place, which no convolution follows (``pooled`` 0).
    """

    def __init__(
        self, taken: int, branches: Sequence[Sequence[Sequence[Step]]], pool: Pool, pooled: int = 0
    ) -> None:
        super().__init__()
        self._plan = [[[step[0] for step in fork] for fork in branch] for branch in branches]
        self._pool, self.given = pool, pooled or taken
        for branch in branches:
            channels = taken
            for fork in branch:
                for name, given, kernel, stride in fork:
                    self.add_module(name, Convolution(channels, given, kernel, stride))
                channels = fork[-1][1]
            self.given += sum(step[1] for step in branch[-1])
        if pooled:
            self.branch_pool = Convolution(taken, pooled, (1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """(n taken h w) -> (n given h' w')."""
        made = []
        for branch in self._plan:
            last = images
            for fork in branch[:-1]:
                last = self.get_submodule(fork[0])(last)
            made += [self.get_submodule(name)(last) for name in branch[-1]]
        if self._pool == "halve":
            return torch.cat([*made, functional.max_pool2d(images, 3, 2)], dim=1)
        if self._pool == "max":
            pooled = functional.max_pool2d(images, 3, 1, 1)
        else:
            pooled = functional.avg_pool2d(images, 3, 1, 1, count_include_pad=False)
        return torch.cat([*made, self.branch_pool(pooled)], dim=1)


class Inception(nn.Module):
    """Pictures to the 2048 means of the last block (``pool3``)."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = Convolution(3, 32, (3, 3), 2)
        self.Conv2d_2a_3x3 = Convolution(32, 32, (3, 3), padded=False)
        self.Conv2d_2b_3x3 = Convolution(32, 64, (3, 3))
        self.Conv2d_3b_1x1 = Convolution(64, 80, (1, 1))
        self.Conv2d_4a_3x3 = Convolution(80, 192, (3, 3), padded=False)
        self.Mixed_5b = _fine(192, 32)
        self.Mixed_5c = _fine(256, 64)
        self.Mixed_5d = _fine(288, 64)
        self.Mixed_6a = _halving_fine(288)
        self.Mixed_6b = _long(768, 128)
        self.Mixed_6c = _long(768, 160)
        self.Mixed_6d = _long(768, 160)
        self.Mixed_6e = _long(768, 192)
        self.Mixed_7a = _halving_long(768)
        self.Mixed_7b = _forked(1280, "mean")
        self.Mixed_7c = _forked(2048, "max")
        # Read with the rest and not used: by its 1008 rows the file is told from torchvision's.
        self.fc = nn.Linear(FEATURES, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        """Pictures (n 3 299 299), -1 to 1 -> features (n 2048)."""
        made = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(images)))
        made = functional.max_pool2d(made, 3, 2)
        made = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(made))
        made = functional.max_pool2d(made, 3, 2)
        for name, block in self.named_children():
            if name.startswith("Mixed_"):
                made = block(made)
        means: Tensor = made.mean(dim=(2, 3))
        return means


def _step(name: str, channels: int, height: int, width: int, stride: int = 1) -> list[Step]:
    return [(name, channels, (height, width), stride)]


def _fine(taken: int, pooled: int) -> Mixed:
    branches = [
        [_step("branch1x1", 64, 1, 1)],
        [_step("branch5x5_1", 48, 1, 1), _step("branch5x5_2", 64, 5, 5)],
        [
            _step("branch3x3dbl_1", 64, 1, 1),
            _step("branch3x3dbl_2", 96, 3, 3),
            _step("branch3x3dbl_3", 96, 3, 3),
        ],
    ]
    return Mixed(taken, branches, "mean", pooled)


def _halving_fine(taken: int) -> Mixed:
    branches = [
        [_step("branch3x3", 384, 3, 3, 2)],
        [
            _step("branch3x3dbl_1", 64, 1, 1),
            _step("branch3x3dbl_2", 96, 3, 3),
            _step("branch3x3dbl_3", 96, 3, 3, 2),
        ],
    ]
    return Mixed(taken, branches, "halve")


def _long(taken: int, inner: int) -> Mixed:
    branches = [
        [_step("branch1x1", 192, 1, 1)],
        [
            _step("branch7x7_1", inner, 1, 1),
            _step("branch7x7_2", inner, 1, 7),
            _step("branch7x7_3", 192, 7, 1),
        ],
        [
            _step("branch7x7dbl_1", inner, 1, 1),
            _step("branch7x7dbl_2", inner, 7, 1),
            _step("branch7x7dbl_3", inner, 1, 7),
            _step("branch7x7dbl_4", inner, 7, 1),
            _step("branch7x7dbl_5", 192, 1, 7),
        ],
    ]
    return Mixed(taken, branches, "mean", 192)


def _halving_long(taken: int) -> Mixed:
    branches = [
        [_step("branch3x3_1", 192, 1, 1), _step("branch3x3_2", 320, 3, 3, 2)],
        [
            _step("branch7x7x3_1", 192, 1, 1),
            _step("branch7x7x3_2", 192, 1, 7),
            _step("branch7x7x3_3", 192, 7, 1),
            _step("branch7x7x3_4", 192, 3, 3, 2),
        ],
    ]
    return Mixed(taken, branches, "halve")


def _forked(taken: int, pool: Pool) -> Mixed:
    branches = [
        [_step("branch1x1", 320, 1, 1)],
        [
            _step("branch3x3_1", 384, 1, 1),
            [*_step("branch3x3_2a", 384, 1, 3), *_step("branch3x3_2b", 384, 3, 1)],
        ],
        [
            _step("branch3x3dbl_1", 448, 1, 1),
            _step("branch3x3dbl_2", 384, 3, 3),
            [*_step("branch3x3dbl_3a", 384, 1, 3), *_step("branch3x3dbl_3b", 384, 3, 1)],
        ],
    ]
    return Mixed(taken, branches, pool, 192)
