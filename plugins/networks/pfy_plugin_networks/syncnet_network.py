"""SyncNet: two networks that bring lips and sound that belong together near each other.

Chung and Zisserman, "Out of time: automated lip sync in the wild", 2016; layers and names of parameters as in
the checkpoint ``syncnet_v2.model`` of github.com/joonson/syncnet_python.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from pfy_core import checkpoint, weights

Sides = tuple[int, ...]

WIDTH = 1024
"""Numbers of a window of either network."""
HIDDEN = 512
"""Numbers between the convolutions of either network and its last layers."""
COUNTER = "num_batches_tracked"
"""What a batch norm counts in training and nothing reads; checkpoints from before torch 0.4.1 have none."""
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
"""Over (t, 224, 224): time is seen by the first layer alone, so frames in a row give windows in a row."""


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


def outline(narrower: int = 1) -> SyncNet:
    """A network without values, on the meta device; its layers so many times narrower than the published."""
    with torch.device("meta"):
        return SyncNet(narrower).eval().requires_grad_(requires_grad=False)


def loaded(name: str) -> SyncNet:
    """The network with a checkpoint's values, by the name of its entry or its path; fetched when not here.

    How wide its layers are is read from the first. Raises WeightsError when the file cannot be had or read,
    and naming every parameter that is missing, unexpected or of another shape.
    """
    weights.path(name)
    state = checkpoint.read(name)
    widest = SOUND[0].channels
    made = outline(max(1, widest // max(1, checkpoint.side(state, "netcnnaud.0.weight", 0, widest))))
    counters = {key: torch.tensor(0) for key in made.state_dict() if key.endswith(COUNTER)}
    checkpoint.load(made, name, counters | state, fix=FIX)
    return made


def initialised(narrower: int, seed: int) -> SyncNet:
    """A network of seeded random values, the same on every machine; InputError for another seed."""
    made = outline(narrower)
    made.load_state_dict(checkpoint.seeded(made.state_dict(), seed), assign=True)
    return made.requires_grad_(requires_grad=False)


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
