"""From a mel spectrogram to conditioning latents: XTTS-v2's conditioning encoder and perceiver."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

GROUPS = 32
"""Groups of a normalisation, fewer for narrow layers (Betker's tortoise-tts, ``normalization``)."""


class GroupNorm(nn.GroupNorm):
    """Group normalisation computed in float32, whatever the precision of its input."""

    def __init__(self, channels: int) -> None:
        groups = 8 if channels <= 16 else 16 if channels <= 64 else GROUPS
        while channels % groups:
            groups //= 2
        super().__init__(groups, channels)

    def forward(self, values: Tensor) -> Tensor:
        """values (b channels t) -> the same shape and dtype."""
        weight, bias = self.weight.float(), self.bias.float()
        return functional.group_norm(values.float(), self.num_groups, weight, bias, self.eps).to(values.dtype)


class AttentionBlock(nn.Module):
    """Self-attention over frames, each seeing all others.

    Unlike in tortoise-tts, the residual branch starts from the *normalised* input:
    ``y = norm(x); out = y + proj_out(attention(qkv(y)))``. The channels of ``qkv`` are grouped by head
    first: 16 times (query, key, value), not three times 16 heads.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = GroupNorm(width)
        self.qkv = nn.Conv1d(width, 3 * width, 1)
        self.proj_out = nn.Conv1d(width, width, 1)

    def forward(self, frames: Tensor) -> Tensor:
        """frames (b width t) -> the same shape."""
        normed = self.norm(frames)
        query, key, value = self.qkv(normed).unflatten(1, (self.heads, -1)).transpose(2, 3).chunk(3, dim=-1)
        found = functional.scaled_dot_product_attention(query, key, value)
        attended: Tensor = normed + self.proj_out(found.transpose(2, 3).flatten(1, 2))
        return attended


class ConditioningEncoder(nn.Module):
    """Mel frames to features: a 1x1 convolution and a number of attention blocks."""

    def __init__(self, mels: int, width: int, blocks: int, heads: int) -> None:
        super().__init__()
        self.init = nn.Conv1d(mels, width, 1)
        self.attn = nn.Sequential(*(AttentionBlock(width, heads) for _ in range(blocks)))

    def forward(self, mel: Tensor) -> Tensor:
        """mel (b mels t) -> (b width t)."""
        frames: Tensor = self.attn(self.init(mel))
        return frames


class CrossAttention(nn.Module):
    """Queries from the latents, keys and values from latents and context; no biases."""

    def __init__(self, width: int, inner: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, inner, bias=False)
        self.to_kv = nn.Linear(width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, width, bias=False)

    def forward(self, latents: Tensor, context: Tensor) -> Tensor:
        """latents (b n width), context (b t width) -> (b n width)."""
        key, value = self.to_kv(torch.cat([latents, context], dim=1)).chunk(2, dim=-1)
        query, key, value = map(self._split, (self.to_q(latents), key, value))
        found = functional.scaled_dot_product_attention(query, key, value)
        attended: Tensor = self.to_out(found.transpose(1, 2).flatten(2))
        return attended

    def _split(self, values: Tensor) -> Tensor:
        return values.unflatten(2, (self.heads, -1)).transpose(1, 2)


class GEGLU(nn.Module):
    """Gated linear unit: the first half of the features times the GELU (exact) of the second.

    Shazeer, GLU Variants Improve Transformer, 2020; the order of the halves is lucidrains'.
    """

    def forward(self, values: Tensor) -> Tensor:
        """(... 2n) -> (... n)."""
        value, gate = values.chunk(2, dim=-1)
        return value * functional.gelu(gate)


class RMSNorm(nn.Module):
    """Each vector to the length sqrt(width), times ``gamma``."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.empty(width))

    def forward(self, values: Tensor) -> Tensor:
        """(... width) -> the same shape."""
        return functional.normalize(values, dim=-1) * len(self.gamma) ** 0.5 * self.gamma


class Perceiver(nn.Module):
    """Any number of frames to a fixed number of latents (Jaegle et al., Perceiver, 2021).

    Neither attention nor feed-forward is preceded by a norm; one follows at the end.
    """

    def __init__(self, width: int, latents: int, layers: int, inner: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.latents = nn.Parameter(torch.empty(latents, width))
        self.layers = nn.ModuleList(
            nn.ModuleList(
                [
                    CrossAttention(width, inner, heads),
                    nn.Sequential(nn.Linear(width, 2 * hidden), GEGLU(), nn.Linear(hidden, width)),
                ]
            )
            for _ in range(layers)
        )
        self.norm = RMSNorm(width)

    def forward(self, frames: Tensor) -> Tensor:
        """frames (b t width) -> latents (b n width)."""
        latents = self.latents.expand(len(frames), -1, -1)
        for layer in self.layers:
            assert isinstance(layer, nn.ModuleList)
            attention, feed = layer
            latents = latents + attention(latents, frames)
            latents = latents + feed(latents)
        normed: Tensor = self.norm(latents)
        return normed
