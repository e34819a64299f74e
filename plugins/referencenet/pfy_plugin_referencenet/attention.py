"""Attention whose keys and values may be computed once and read many times."""

from __future__ import annotations

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

    def forward(self, tokens: Tensor, context: Tensor | None = None) -> Tensor:
        """tokens (b t width), context (b s context) or None for the tokens themselves -> (b t width)."""
        given = self.keys_values(tokens if context is None else context)
        return self.out(self.attend(self.queries(tokens), given))


def repeated(given: KeysValues, times: int) -> KeysValues:
    """Keys and values of b items, those of each for ``times`` items in a row: (b * times heads s d)."""
    keys, values = (value.repeat_interleave(times, 0) for value in given)
    return keys, values


def _heads(values: Tensor) -> Tensor:
    """(b t width) -> (b heads t d)."""
    return values.unflatten(2, (HEADS, -1)).transpose(1, 2)
