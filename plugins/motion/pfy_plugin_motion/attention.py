"""Attention over tokens, and how near in time they are."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Attention(nn.Module):
    """Multi-head attention of tokens to a context, by content and, where both are frames, by distance."""

    def __init__(self, width: int, context: int, heads: int, reach: int = 0) -> None:
        """``reach``: frames up to which distances are told apart; 0 where the context has no clock."""
        super().__init__()
        self._heads = heads
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(context, 2 * width, bias=False)
        self.out = nn.Linear(width, width)
        self.distance = Distance(heads, reach) if reach else None

    def forward(self, tokens: Tensor, context: Tensor) -> Tensor:
        """tokens (b t width), context (b s context) -> (b t width)."""
        query = self._split(self.query(tokens))
        key, value = map(self._split, self.key_value(context).chunk(2, dim=-1))
        bias = None if self.distance is None else self.distance(query.shape[2], key.shape[2]).to(query.dtype)
        found = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        attended: Tensor = self.out(found.transpose(1, 2).flatten(2))
        return attended

    def _split(self, rows: Tensor) -> Tensor:
        """(b n width) -> (b heads n width / heads)."""
        return rows.unflatten(-1, (self._heads, -1)).transpose(1, 2)


class Distance(nn.Module):
    """What is added to attention by the distance in frames, learnt for each head (Shaw et al. 2018).

    It begins as a slope of its own for each head (Press et al. 2022, ALiBi): near frames first.
    """

    def __init__(self, heads: int, reach: int) -> None:
        super().__init__()
        self._reach = reach
        self.bias = nn.Parameter(torch.empty(heads, 2 * reach + 1))

    def reset(self, _: torch.Generator) -> None:
        """The slopes: 1, 1/2, 1/4, ... a frame."""
        heads = len(self.bias)
        slopes = 2.0 ** -torch.arange(heads)
        apart = torch.arange(-self._reach, self._reach + 1).abs()
        with torch.no_grad():
            self.bias.copy_(-slopes[:, None] * apart)

    def forward(self, rows: int, columns: int) -> Tensor:
        """(heads rows columns)."""
        device = self.bias.device
        apart = torch.arange(columns, device=device) - torch.arange(rows, device=device)[:, None]
        return self.bias[:, apart.clamp(-self._reach, self._reach) + self._reach]
