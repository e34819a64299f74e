"""I3D with the 400 classes of Kinetics: the network of the Fréchet video distance.

Carreira and Zisserman, arXiv 1705.07750: Inception v1 with time as a third dimension. The features are the
400 logits (Unterthiner et al., arXiv 1812.01717). Keys are those of ``i3d_pretrained_400.pt``, the file
that VideoGPT made of TensorFlow's and TATS and cd-fvd evaluate with.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from pfy_plugin_networks.units import FrozenNorm, same_padded

SIDE = 224
"""Pixels of a side of the pictures that it takes."""
SHORTEST = 9
"""Frames below which nothing is left to average over: an eighth of them, rounded up, has to be 2."""
FEATURES = 400
EPS = 1e-5
"""Added to variances, as VideoGPT and cd-fvd evaluate this file."""
MODULES = {
    "Mixed_3b": (64, 96, 128, 16, 32, 32),
    "Mixed_3c": (128, 128, 192, 32, 96, 64),
    "Mixed_4b": (192, 96, 208, 16, 48, 64),
    "Mixed_4c": (160, 112, 224, 24, 64, 64),
    "Mixed_4d": (128, 128, 256, 24, 64, 64),
    "Mixed_4e": (112, 144, 288, 32, 64, 64),
    "Mixed_4f": (256, 160, 320, 32, 128, 128),
    "Mixed_5b": (256, 160, 320, 32, 128, 128),
    "Mixed_5c": (384, 192, 384, 48, 128, 128),
}
"""Channels of the six convolutions of each module (Szegedy et al., arXiv 1409.4842, table 1)."""
HALVED = {"Mixed_4b": ((3, 3, 3), (2, 2, 2)), "Mixed_5b": ((2, 2, 2), (2, 2, 2))}
"""Kernel and stride of the maxima that are taken before a module."""

Sides = tuple[int, int, int]


class Convolution(nn.Module):
    """A convolution over time, height and width, padded as TensorFlow does, normalised and rectified."""

    def __init__(self, taken: int, given: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self._kernel, self._stride = (kernel,) * 3, (stride,) * 3
        self.conv3d = nn.Conv3d(taken, given, kernel, stride, bias=False)
        self.bn = FrozenNorm(given, EPS)

    def forward(self, clips: Tensor) -> Tensor:
        """(n taken t h w) -> (n given t/stride h/stride w/stride)."""
        padded = same_padded(clips, self._kernel, self._stride)
        return functional.relu(self.bn(self.conv3d(padded)))


class Module(nn.Module):
    """Four branches side by side, one of them of maxima."""

    def __init__(self, taken: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        plain, small, wide, fewer, other, pooled = channels
        self.b0 = Convolution(taken, plain, 1)
        self.b1a = Convolution(taken, small, 1)
        self.b1b = Convolution(small, wide, 3)
        self.b2a = Convolution(taken, fewer, 1)
        self.b2b = Convolution(fewer, other, 3)
        self.b3b = Convolution(taken, pooled, 1)
        self.given = plain + wide + other + pooled

    def forward(self, clips: Tensor) -> Tensor:
        """(n taken t h w) -> (n given t h w)."""
        pooled = _largest(clips, (3, 3, 3), (1, 1, 1))
        branches = [self.b0(clips), self.b1b(self.b1a(clips)), self.b2b(self.b2a(clips)), self.b3b(pooled)]
        return torch.cat(branches, dim=1)


class Logits(nn.Module):
    """The last layer, a convolution under the name that the file has for it."""

    def __init__(self, taken: int) -> None:
        super().__init__()
        self.conv3d = nn.Conv3d(taken, FEATURES, 1)

    def forward(self, clips: Tensor) -> Tensor:
        """(n taken t 1 1) -> (n 400): the mean over time."""
        made: Tensor = self.conv3d(clips).mean(dim=(2, 3, 4))
        return made


class I3D(nn.Module):
    """Clips to the 400 logits of Kinetics, averaged over time."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv3d_1a_7x7 = Convolution(3, 64, 7, 2)
        self.Conv3d_2b_1x1 = Convolution(64, 64, 1)
        self.Conv3d_2c_3x3 = Convolution(64, 192, 3)
        taken = 192
        for name, channels in MODULES.items():
            module = Module(taken, channels)
            self.add_module(name, module)
            taken = module.given
        self.logits = Logits(taken)

    def forward(self, clips: Tensor) -> Tensor:
        """Clips (n 3 t 224 224), t 9 and more, -1 to 1 -> features (n 400)."""
        made = _largest(self.Conv3d_1a_7x7(clips), (1, 3, 3), (1, 2, 2))
        made = self.Conv3d_2c_3x3(self.Conv3d_2b_1x1(made))
        made = _largest(made, (1, 3, 3), (1, 2, 2))
        for name in MODULES:
            if name in HALVED:
                made = _largest(made, *HALVED[name])
            made = self.get_submodule(name)(made)
        return self.logits(functional.avg_pool3d(made, (2, 7, 7), 1))


def _largest(clips: Tensor, kernel: Sides, stride: Sides) -> Tensor:
    """Maxima, padded as TensorFlow does: with zeros, which are the least that a rectified value can be."""
    return functional.max_pool3d(same_padded(clips, kernel, stride), kernel, stride)
