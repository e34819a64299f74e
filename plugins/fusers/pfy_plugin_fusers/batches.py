"""Batches of token sequences, in training: sources joined clip by clip, the shorter filled up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from pfy_core import InputError
from pfy_plugin_fusers.transformer import WIDTH

Given: TypeAlias = Tensor | Sequence[Tensor] | None
"""A source of a batch: (b t 512), or (t 512) of each clip where lengths differ."""


@dataclass(frozen=True)
class Batch:
    """Tokens (b t 512), and which of them there are: bool (b t), None for all."""

    tokens: Tensor
    there: Tensor | None = None


def batch(name: str, given: Given) -> Batch | None:
    """A source as a batch; None when it is absent or has no token in any clip."""
    if given is None:
        return None
    shapes = [tuple(clip.shape) for clip in given]
    if any(len(shape) != 2 or shape[1] != WIDTH for shape in shapes):
        raise InputError(f"{name}: {shapes}", f"tensors (t {WIDTH}), one for each clip")
    lengths = torch.tensor([shape[0] for shape in shapes])
    if not lengths.any():
        return None
    if len({*lengths.tolist()}) == 1:
        return Batch(given if isinstance(given, Tensor) else torch.stack(list(given)))
    tokens = pad_sequence(list(given), batch_first=True)
    there = torch.arange(tokens.shape[1]) < lengths[:, None]
    return Batch(tokens, there.to(tokens.device))


def joined(parts: Iterable[Batch | None]) -> Batch | None:
    """Sources one behind the other; None when all are absent."""
    given = [part for part in parts if part is not None]
    if not given:
        return None
    tokens = torch.cat([part.tokens for part in given], dim=1)
    if all(part.there is None for part in given):
        return Batch(tokens)
    there = [
        part.tokens.new_ones(part.tokens.shape[:2], dtype=torch.bool) if part.there is None else part.there
        for part in given
    ]
    return Batch(tokens, torch.cat(there, dim=1))
