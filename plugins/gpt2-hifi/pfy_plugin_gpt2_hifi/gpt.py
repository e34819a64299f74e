"""The language model of XTTS-v2: a GPT-2 that reads voice and text and writes audio codes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class Cache:
    """Keys and values of all layers for the positions read so far, with room for ``length`` of them."""

    def __init__(self, layers: int, heads: int, length: int, like: Tensor) -> None:
        self.keys = like.new_empty(layers, 1, heads, length, like.shape[-1] // heads)
        self.values = torch.empty_like(self.keys)
        self.used = 0

    def extended(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Store new keys and values (1 heads t 64) of a layer; returns all of that layer's so far."""
        end = self.used + keys.shape[2]
        self.keys[layer, :, :, self.used : end] = keys
        self.values[layer, :, :, self.used : end] = values
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]


class Whole:
    """Stands for the cache of a sequence that is read whole: nothing is kept, so that gradients pass."""

    used = 0

    def extended(self, _layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values (1 heads t 64) as they are: no others are read with them."""
        return keys, values


Parts = Sequence[tuple[Cache | Whole, int]]
"""The cache of each sequence that rows belong to, and how many rows, in this order, are its own."""


class Projection(nn.Module):
    """A linear layer whose weight is (inputs outputs), as in OpenAI's GPT-2.

    ``turn`` lays the weight out in memory by outputs. So laid out, a CPU multiplies it with up to three rows
    in the time that it needs to read it for one.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.empty(outputs))

    def forward(self, values: Tensor) -> Tensor:
        """(t inputs) -> (t outputs)."""
        return functional.linear(values, self.weight.T, self.bias)

    def turn(self) -> None:
        """Lay the weight out by outputs; its shape stays."""
        self.weight = nn.Parameter(self.weight.detach().T.contiguous().T, requires_grad=False)


class Attention(nn.Module):
    """Causal self-attention."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.c_attn = Projection(width, 3 * width)
        self.c_proj = Projection(width, width)

    def forward(self, rows: Tensor, parts: Parts, layer: int) -> Tensor:
        """rows (t width) -> (t width); of a sequence more than one row only into its empty cache."""
        split = self.c_attn(rows).unflatten(1, (3, self.heads, -1)).permute(1, 2, 0, 3)[:, None]
        found = []
        for (cache, count), given in zip(parts, split.split([count for _, count in parts], 3), strict=True):
            query, key, value = given
            keys, values = cache.extended(layer, key, value)
            found.append(functional.scaled_dot_product_attention(query, keys, values, is_causal=count > 1))
        attended: Tensor = self.c_proj(torch.cat(found, 2)[0].transpose(0, 1).flatten(1))
        return attended


class FeedForward(nn.Module):
    """Two linear layers with GELU (tanh approximation) between them."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.c_fc = Projection(width, hidden)
        self.c_proj = Projection(hidden, width)

    def forward(self, rows: Tensor) -> Tensor:
        """rows (t width) -> (t width)."""
        fed: Tensor = self.c_proj(functional.gelu(self.c_fc(rows), approximate="tanh"))
        return fed


class Block(nn.Module):
    """A pre-norm transformer block (Radford et al., GPT-2, 2019)."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = FeedForward(width, hidden)

    def forward(self, rows: Tensor, parts: Parts, layer: int) -> Tensor:
        """rows (t width) -> (t width)."""
        rows = rows + self.attn(self.ln_1(rows), parts, layer)
        return rows + self.mlp(self.ln_2(rows))


class Transformer(nn.Module):
    """The blocks and the norm after them; positions are added outside."""

    def __init__(self, width: int, heads: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.h = nn.ModuleList(Block(width, heads, hidden) for _ in range(layers))
        self.ln_f = nn.LayerNorm(width)


class Positions(nn.Module):
    """A learnt table of position embeddings."""

    def __init__(self, length: int, width: int) -> None:
        super().__init__()
        self.emb = nn.Embedding(length, width)


class Gpt(nn.Module):
    """XTTS-v2's GPT under the names of its checkpoint.

    It reads ``latents, [START] text [STOP], start_audio, code, code ...``. The latents have no positions;
    those of the text are counted from [START], those of the audio from ``start_audio``, each from 0.
    """

    def __init__(
        self,
        *,
        width: int,
        heads: int,
        hidden: int,
        layers: int,
        texts: int,
        codes: int,
        text_positions: int,
        code_positions: int,
    ) -> None:
        super().__init__()
        self.text_embedding = nn.Embedding(texts, width)
        self.mel_embedding = nn.Embedding(codes, width)
        self.gpt = Transformer(width, heads, hidden, layers)
        self.mel_pos_embedding = Positions(code_positions, width)
        self.text_pos_embedding = Positions(text_positions, width)
        self.final_norm = nn.LayerNorm(width)
        self.text_head = nn.Linear(width, texts)
        self.mel_head = nn.Linear(width, codes)
        self.heads = heads

    @property
    def start(self) -> int:
        """The code that stands before the first one."""
        return len(self.mel_embedding.weight) - 2

    @property
    def stop(self) -> int:
        """The code that ends the speech."""
        return len(self.mel_embedding.weight) - 1

    def prefix(self, latents: Tensor, text: Tensor) -> Tensor:
        """latents (n width), text ids with [START] and [STOP] (t) -> rows (n+t width)."""
        rows: Tensor = self.text_embedding(text) + self.text_pos_embedding.emb.weight[: len(text)]
        return torch.cat([latents, rows])

    def audio(self, codes: Tensor, first: int = 0) -> Tensor:
        """codes (t), the first of them at position ``first`` -> rows (t width)."""
        rows: Tensor = self.mel_embedding(codes)
        return rows + self.mel_pos_embedding.emb.weight[first : first + len(codes)]

    def cache(self, length: int) -> Cache:
        """An empty cache for ``length`` positions."""
        return Cache(len(self.gpt.h), self.heads, length, self.final_norm.weight)

    def forward(self, rows: Tensor, *caches: Cache | Whole, counts: Sequence[int] = ()) -> Tensor:
        """Rows (t width), appended to those in the cache -> states (t width), normalised twice.

        Several sequences are read together when each has its cache, and ``counts`` says how many of the rows,
        one sequence after another, are its own.
        """
        parts = tuple(zip(caches, counts or [len(rows)], strict=True))
        for layer, block in enumerate(self.gpt.h):
            rows = block(rows, parts, layer)
        for cache, count in parts:
            cache.used += count
        states: Tensor = self.final_norm(self.gpt.ln_f(rows))
        return states
