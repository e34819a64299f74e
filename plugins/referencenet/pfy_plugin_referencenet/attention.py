"""Attention whose keys and values may be computed once and read many times."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from pfy_plugin_referencenet.widths import HEADS

KeysValues = tuple[Tensor, Tensor]
"""Keys and values by head, each (b heads s d)."""


class Attention(nn.Module):
    """Multi-head attention, biased at the output alone; its state dict is that of diffusers' ``Attention``.

    width: features of what attends; context: features of what is attended to.
    """

    def __init__(self, width: int, context: int | None = None) -> None:
        super().__init__()
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context or width, width, bias=False)
        self.to_v = nn.Linear(context or width, width, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def queries(self, tokens: Tensor) -> Tensor:
        """(b t width) -> (b heads t d)."""
        return _heads(self.to_q(tokens))

    def keys_values(self, context: Tensor) -> KeysValues:
        """(b s context) -> keys and values, each (b heads s d)."""
        return _heads(self.to_k(context)), _heads(self.to_v(context))

    def attend(self, queries: Tensor, given: KeysValues) -> Tensor:
        """Queries (b heads t d), keys and values (b heads s d) -> (b t width), before the output layer."""
        return functional.scaled_dot_product_attention(queries, *given).transpose(1, 2).flatten(2)

    def out(self, attended: Tensor) -> Tensor:
        """The output layer: (b t width) -> (b t width)."""
        made: Tensor = self.to_out[0](attended)
        return made

    def folded(self, context: Tensor) -> Folded:
        """This attention to a context (b s context) that stays the same."""
        keys, values = (value.float() for value in self.keys_values(context))
        query = self.to_q.weight.float().unflatten(0, (HEADS, -1))
        last = self.to_out[0].weight.float().unflatten(1, (HEADS, -1))
        read = torch.einsum("bhsd,hdc->bchs", keys, query) / math.sqrt(keys.shape[-1])
        write = torch.einsum("bhsd,chd->bhsc", values, last)
        dtype = context.dtype
        return Folded(read.flatten(2).to(dtype), write.flatten(1, 2).to(dtype), self.to_out[0].bias)

    def forward(self, tokens: Tensor, context: Tensor | None = None) -> Tensor:
        """tokens (b t width), context (b s context) or None for the tokens themselves -> (b t width)."""
        given = self.keys_values(tokens if context is None else context)
        return self.out(self.attend(self.queries(tokens), given))


@dataclass(frozen=True)
class Folded:
    """Attention to a few tokens that stay the same, its layers multiplied out with them.

    The score of a token x and a key k is (W x) . k = x . (W' k), so that W' k for each head and key takes the
    place of the query layer; values and output layer likewise. With s keys, that is 2 * heads * s products
    for each feature instead of 2 * width.

    read:  (b width heads*s), keys through the query layer, divided by the square root of their width
    write: (b heads*s width), values through the output layer
    bias:  (width), of the output layer
    """

    read: Tensor
    write: Tensor
    bias: Tensor

    def __call__(self, tokens: Tensor) -> Tensor:
        """(n l width) -> (n l width); rows of n / b items in turn attend to each of the b contexts."""
        scores = tokens.reshape(len(self.read), -1, tokens.shape[2]) @ self.read
        shares = scores.unflatten(2, (HEADS, -1)).softmax(3).flatten(2)
        return torch.baddbmm(self.bias, shares, self.write).view_as(tokens)


def _heads(values: Tensor) -> Tensor:
    """(b t width) -> (b heads t d)."""
    return values.unflatten(2, (HEADS, -1)).transpose(1, 2)
