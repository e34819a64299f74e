"""The transformer encoder of the paper's multi-entangled latent space."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 512
"""Features of a token (supplement, Table 1)."""
HEADS = 8
"""Attention heads, 64 wide each: the authors' choice, which the number of parameters leaves open."""
PARAMETERS = 1_575_936
"""Of one encoder (supplement, Table 1, total)."""


class Attention(nn.Module):
    """Multi-head cross-attention without biases; queries from ``tokens``, keys and values from ``context``.

    Its state dict is that of ``torch.nn.MultiheadAttention(512, 8, bias=False)``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * WIDTH, WIDTH))
        self.out_proj = nn.Linear(WIDTH, WIDTH, bias=False)

    def forward(self, tokens: Tensor, context: Tensor, there: Tensor | None = None) -> Tensor:
        """tokens (b t 512), context (b s 512) -> (b t 512).

        ``there``: bool (b s), False where a context is filled up; rows without any context get zeros.
        """
        query = functional.linear(tokens, self.in_proj_weight[:WIDTH])
        key, value = functional.linear(context, self.in_proj_weight[WIDTH:]).chunk(2, dim=-1)
        mask = None if there is None else there[:, None, None]
        found = functional.scaled_dot_product_attention(_heads(query), _heads(key), _heads(value), mask)
        if mask is not None:
            found = torch.where(mask.any(-1, keepdim=True), found, 0.0)
        attended: Tensor = self.out_proj(found.transpose(1, 2).flatten(2))
        return attended


class TransformerEncoder(nn.Module):
    """Tokens of one modality, attending to those of the others, pre-norm and residual.

    Table 1 of the supplement lists the layers and their parameters; without biases in attention
    and linear layers, and with no layer between them that is not listed, they add up exactly::

        LayerNorm-1           tokens and context   2 * 512         1,024
        MultiheadAttention-2  q, k, v and out      4 * 512 * 512   1,048,576
        LayerNorm-3                                2 * 512         1,024
        Linear-4                                   512 * 512       262,144
        LayerNorm-5                                2 * 512         1,024
        Linear-6                                   512 * 512       262,144
                                                                   1,575,936

    With ``x`` the tokens and ``c`` the context::

        y = x + attention(norm1(x), norm1(c))
        out = y + linear2(norm3(linear1(norm2(y))))

    LayerNorm-1 serves both: a second one would not fit the total. The only non-linearities are
    softmax and the norms, as in the table.
    """

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.attention = Attention()
        self.norm2 = nn.LayerNorm(WIDTH)
        self.linear1 = nn.Linear(WIDTH, WIDTH, bias=False)
        self.norm3 = nn.LayerNorm(WIDTH)
        self.linear2 = nn.Linear(WIDTH, WIDTH, bias=False)

    def reset(self, generator: torch.Generator, *, identity: bool = True) -> None:
        """Start as the identity, and able to learn; or, without ``identity``, with every layer drawn.

        Only the last layer of each residual branch is zero: the branch gives nothing, yet that
        layer has a gradient, and after its first step all others have. (Were all layers zero, as in
        the authors' released code, every gradient would be zero for ever.) The other layers are
        Xavier-uniform (Glorot & Bengio 2010), as in ``torch.nn.MultiheadAttention``.
        """
        for norm in (self.norm1, self.norm2, self.norm3):
            norm.reset_parameters()
        for weight in (self.attention.in_proj_weight, self.linear1.weight):
            nn.init.xavier_uniform_(weight, generator=generator)
        for weight in (self.attention.out_proj.weight, self.linear2.weight):
            if identity:
                nn.init.zeros_(weight)
            else:
                nn.init.xavier_uniform_(weight, generator=generator)

    def forward(self, tokens: Tensor, context: Tensor | None, there: Tensor | None = None) -> Tensor:
        """tokens (b t 512), context (b s 512) -> (b t 512); without context nothing is attended to.

        ``there``: bool (b s), False where a context is filled up.
        """
        if context is not None:
            tokens = tokens + self.attention(self.norm1(tokens), self.norm1(context), there)
        fed: Tensor = tokens + self.linear2(self.norm3(self.linear1(self.norm2(tokens))))
        return fed


def make(names: tuple[str, ...]) -> nn.ModuleDict:
    """Encoders under these names, their parameters not yet set.

    Made on the meta device, because torch's layers draw from the global random generator when they
    are made with memory.
    """
    with torch.device("meta"):
        made = nn.ModuleDict({name: TransformerEncoder() for name in dict.fromkeys(names)})
    return made.to_empty(device="cpu")


def _heads(values: Tensor) -> Tensor:
    """(b t 512) -> (b 8 t 64)."""
    return values.reshape(*values.shape[:2], HEADS, WIDTH // HEADS).transpose(1, 2)
