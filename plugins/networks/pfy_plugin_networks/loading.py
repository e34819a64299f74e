"""Networks with published parameters, or with random ones that only a test can want."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from pfy_core import checkpoint, note, weights
from pfy_plugin_networks.units import current

FIX = "take the published file, or name one that was saved from such a network: --set NODE.weights=./FILE"


def published(make: Callable[[], nn.Module], name: str, device: torch.device) -> nn.Module:
    """A network with the parameters of a weights entry, or of a file; fetched when it is not here.

    Raises WeightsError when it cannot be had, and when a key is missing, left over or of another shape.
    """
    weights.path(name)
    with torch.device("meta"):
        network = make()
    checkpoint.load(network, name, checkpoint.read(name, current), fix=FIX)
    return _ready(network, device)


def untrained(make: Callable[[], nn.Module], seed: int, device: torch.device) -> nn.Module:
    """A network with random parameters of a seed, the same on every machine: what it gives means nothing.

    Matrices have variance 2 / fan-in, which rectified layers pass on (He et al., arXiv 1502.01852).
    Raises InputError for a seed that is not 0 to 2**32 - 1.
    """
    note("this network is not trained: its features are of random parameters, and no published distance's")
    with torch.device("meta"):
        network = make()
    network.load_state_dict(seeded(network, seed), assign=True)
    return _ready(network, device)


def seeded(network: nn.Module, seed: int) -> dict[str, torch.Tensor]:
    """Random parameters for the names and shapes of a network, which may be on the meta device."""
    drawn = checkpoint.seeded(network.state_dict(), seed)
    return {key: value * math.sqrt(2) if value.ndim > 1 else value for key, value in drawn.items()}


def _ready(network: nn.Module, device: torch.device) -> Any:
    return network.eval().requires_grad_(requires_grad=False).to(device)
