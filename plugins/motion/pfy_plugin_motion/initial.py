"""Parameters of a network before it has learnt: drawn from a seed, loaded from a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from pfy_core import checkpoint
from pfy_core.options import init_seed
from pfy_core.place import Place

Network = TypeVar("Network", bound=nn.Module)
LAST = "last"
"""Name of the layer that starts at zero: the network gives nothing at first, yet all of it can learn."""
FIX = "take the file of this component that pfy train wrote"


def made(build: Callable[[], Network], weights: str, seed: int, place: Place) -> Network:
    """A network at a place: with the parameters of a weights entry or file, else with seeded ones.

    Linear layers and convolutions are Xavier-uniform (Glorot & Bengio 2010) with zero biases, norms 1 and 0,
    parameters of modules with a method ``reset`` what it says. Raises WeightsError as ``checkpoint.load``.
    """
    # torch's layers draw from the global random generator when they are made with memory.
    with torch.device("meta"):
        network = build()
    if weights:
        checkpoint.load(network, weights, checkpoint.read(weights), fix=FIX)
    else:
        network = network.to_empty(device="cpu")
        _reset(network, torch.Generator().manual_seed(init_seed(seed)))
    placed: Network = network.to(place.device, place.dtype).eval()
    return placed


def _reset(network: nn.Module, generator: torch.Generator) -> None:
    for name, module in network.named_modules():
        if isinstance(module, nn.Linear | nn.Conv1d):
            if name.rpartition(".")[2] == LAST:
                nn.init.zeros_(module.weight)
            else:
                nn.init.xavier_uniform_(module.weight, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.LayerNorm):
            module.reset_parameters()
        elif hasattr(module, "reset"):
            module.reset(generator)
