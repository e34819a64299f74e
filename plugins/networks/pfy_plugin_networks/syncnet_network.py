"""SyncNet: two networks that bring lips and sound that belong together near each other.

Chung and Zisserman, "Out of time: automated lip sync in the wild", 2016; layers and names of parameters as in
the checkpoint ``syncnet_v2.model`` of github.com/joonson/syncnet_python.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from pfy_core import checkpoint

Size = Literal["full", "tiny"]
Sides = tuple[int, ...]

WIDTH = 1024
"""Numbers of a window of either network."""
HIDDEN = 512
"""Numbers between the convolutions of either network and its last layers."""
NARROWER = {"full": 1, "tiny": 16}
"""By how much the layers are narrower than the published ones."""
COUNTER = "num_batches_tracked"
"""What a batch norm counts in training; checkpoints from before torch 0.4.1 have none, and nothing reads it."""
FIX = "take syncnet_v2.model, the state dict that github.com/joonson/syncnet_python uses"


class Pool(NamedTuple):
    """A maximum over neighbours."""

    kernel: Sides
    stride: Sides
    padding: Sides = (0, 0, 0)


class Layer(NamedTuple):
    """A convolution with batch norm and ReLU, and what follows it."""

    channels: int
    kernel: Sides
    padding: Sides
    stride: Sides = (1, 1, 1)
    pool: Pool | None = None


SOUND = (
    Layer(64, (3, 3), (1, 1), pool=Pool((1, 1), (1, 1))),
    Layer(192, (3, 3), (1, 1), pool=Pool((3, 3), (1, 2))),
    Layer(384, (3, 3), (1, 1)),
    Layer(256, (3, 3), (1, 1)),
    Layer(256, (3, 3), (1, 1), pool=Pool((3, 3), (2, 2))),
    Layer(512, (5, 4), (0, 0)),
)
"""Over (13 cepstra, 20 frames of sound)."""
LIPS = (
    Layer(96, (5, 7, 7), (0, 0, 0), (1, 2, 2), Pool((1, 3, 3), (1, 2, 2))),
    Layer(256, (1, 5, 5), (0, 1, 1), (1, 2, 2), Pool((1, 3, 3), (1, 2, 2), (0, 1, 1))),
    Layer(256, (1, 3, 3), (0, 1, 1)),
    Layer(256, (1, 3, 3), (0, 1, 1)),
    Layer(256, (1, 3, 3), (0, 1, 1), pool=Pool((1, 3, 3), (1, 2, 2))),
    Layer(512, (1, 6, 6), (0, 0, 0)),
)
"""Over (5 frames, 224, 224): time is seen by the first layer alone, so windows of a video share the others."""


class SyncNet(nn.Module):
    """The two networks; evaluation mode is all that they are used in here."""

    def __init__(self, narrower: int = 1) -> None:
        super().__init__()
        hidden = HIDDEN // narrower
        self.netcnnaud = _convolutions(1, SOUND, narrower)
        self.netfcaud = _last(hidden)
        self.netfclip = _last(hidden)
        self.netcnnlip = _convolutions(3, LIPS, narrower)

    def sound(self, cepstra: Tensor) -> Tensor:
        """Cepstra (n 1 13 20) -> features (n 1024), not normalised."""
        made: Tensor = self.netfcaud(self.netcnnaud(cepstra).flatten(1))
        return made

    def lips(self, frames: Tensor) -> Tensor:
        """Frames in a row (t 3 224 224), BGR from 0 to 255 -> features of its windows of 5 (t-4 1024)."""
        seen = self.netcnnlip(frames.transpose(0, 1)[None])
        made: Tensor = self.netfclip(seen[0, :, :, 0, 0].T)
        return made


def outline(size: Size = "full") -> SyncNet:
    """A network without values, on the meta device."""
    with torch.device("meta"):
        return SyncNet(NARROWER[size]).eval().requires_grad_(False)


def loaded(name: str) -> SyncNet:
    """The network with a checkpoint's values, by the name of its entry or its path; nothing is fetched.

    Raises WeightsError when the file is absent or unreadable, and naming every parameter that is missing,
    unexpected or of another shape.
    """
    made = outline()
    state = checkpoint.read(name)
    counters = {key: torch.tensor(0) for key in made.state_dict() if key.endswith(COUNTER)}
    checkpoint.load(made, name, counters | state, fix=FIX)
    return made


def initialised(size: Size, seed: int) -> SyncNet:
    """A network of seeded random values, the same on every machine; InputError for another seed."""
    made = outline(size)
    made.load_state_dict(checkpoint.seeded(made.state_dict(), seed), assign=True)
    return made.requires_grad_(False)


def _convolutions(channels: int, layers: tuple[Layer, ...], narrower: int) -> nn.Sequential:
    flat = len(layers[0].kernel) == 2
    kinds: tuple[Any, Any, Any] = (
        (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d) if flat else (nn.Conv3d, nn.BatchNorm3d, nn.MaxPool3d)
    )
    convolution, norm, pool = kinds
    axes = len(layers[0].kernel)
    made: list[nn.Module] = []
    for layer in layers:
        wide = layer.channels // narrower
        made += [
            convolution(channels, wide, layer.kernel, layer.stride[:axes], layer.padding),
            norm(wide),
            nn.ReLU(),
        ]
        if layer.pool:
            made.append(pool(layer.pool.kernel, layer.pool.stride, layer.pool.padding[:axes]))
        channels = wide
    return nn.Sequential(*made)


def _last(hidden: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(hidden, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, WIDTH)
    )
