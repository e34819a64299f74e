"""Means of a batch: over what is valid of each clip, then over the clips.

Each clip counts the same, however much of it is valid: so the loss of a batch is the mean of the losses of
its parts, and processes that share a batch have the gradient of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from pfy_core import InputError
from pfy_core.errors import did_you_mean
from pfy_core.kinds import MOTION_CHANNELS, MOTION_INDEX


def per_clip(error: Tensor, valid: Tensor | None) -> Tensor:
    """Errors (b ...) to their means (b) over what is valid (b t; True where a frame counts).

    A clip of which nothing is valid has 0.
    """
    if valid is None:
        return error.flatten(1).mean(1)
    inside = valid.reshape(*valid.shape, *(1,) * (error.ndim - valid.ndim)).expand_as(error)
    # Padding may hold anything, and NaN times 0 is NaN.
    total = error.masked_fill(~inside, 0.0).flatten(1).sum(1)
    return total / inside.flatten(1).sum(1).clamp(min=1)


def comparable(made: Tensor, wanted: Tensor, valid: Tensor | None = None) -> None:
    """InputError unless two tensors have one shape, with something in it, that begins with that of ``valid``:
    broadcasting would compare what is not meant."""
    shapes = " and ".join(str(tuple(item.shape)) for item in (made, wanted))
    if made.shape != wanted.shape:
        raise InputError(f"shapes {shapes}", "one shape for what was made and what it is compared with")
    if not made.numel():
        raise InputError(f"shapes {shapes}", "something to compare")
    if valid is not None and made.shape[: valid.ndim] != valid.shape:
        raise InputError(f"valid {tuple(valid.shape)} for shapes {shapes}", "valid (b t)")


class ChannelWeights:
    """Weights of motion channels by name, mean 1 over all channels, so that they do not change the loss's
    size; those that are not named have 1 before that. Without any, all channels count the same."""

    def __init__(self, channels: Mapping[str, float]) -> None:
        for name, weight in channels.items():
            if name not in MOTION_INDEX:
                hint = did_you_mean(name, MOTION_INDEX)
                raise InputError(f"channel {name!r}", "one of pfy_core.kinds.MOTION_CHANNELS", hint)
            if not 0 <= weight < float("inf"):
                raise InputError(f"weight {weight} of channel {name}", "0 or more")
        self._weights: Tensor | None = None
        if channels:
            weights = torch.tensor([float(channels.get(name, 1.0)) for name in MOTION_CHANNELS])
            if not weights.any():
                raise InputError("weights of 0 for all channels", "one above 0")
            self._weights = weights / weights.mean()

    def __call__(self, error: Tensor) -> Tensor:
        """Errors (b t 58), weighted; InputError where the last dimension is no motion's."""
        if self._weights is None:
            return error
        if error.shape[-1] != len(self._weights):
            raise InputError(f"channel weights for {error.shape[-1]} channels", f"{len(self._weights)}")
        self._weights = self._weights.to(error.device)
        return error * self._weights
