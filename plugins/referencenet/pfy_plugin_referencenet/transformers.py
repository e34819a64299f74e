"""The three transformers of a layer of the denoising network: spatial, audio and temporal.

Maps are (n c h w) with n = b * f, f frames for each of b conditions; tokens are (n l c) with l = h * w.
"""

from __future__ import annotations

import math
from functools import partial

import torch
from diffusers.models.attention import FeedForward
from torch import Tensor, nn

from pfy_plugin_referencenet.attention import Attention, KeysValues
from pfy_plugin_referencenet.conditions import Conditions, Features
from pfy_plugin_referencenet.widths import GROUPS, POSITIONS

EPSILON = 1e-6
"""Of the GroupNorm before each transformer (Stable Diffusion 1.5; AnimateDiff)."""


class SpatialBlock(nn.Module):
    """Self-attention that also reads the source image, attention to the identity, feed-forward."""

    def __init__(self, width: int, context: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn1 = Attention(width)
        self.norm2 = nn.LayerNorm(width)
        self.attn2 = Attention(width, context)
        self.norm3 = nn.LayerNorm(width)
        self.ff = FeedForward(width, activation_fn="geglu")

    def forward(self, tokens: Tensor, conditions: Conditions, features: Features) -> Tensor:
        """(n l c) -> (n l c); only the conditional half reads the source image."""
        tokens = tokens + self.attn1.out(self._looked(self.norm1(tokens), conditions, features))
        identity = conditions.for_video(self.attn2, partial(self.attn2.folded, conditions.identity))
        tokens = tokens + identity(self.norm2(tokens))
        fed: Tensor = tokens + self.ff(self.norm3(tokens))
        return fed

    def _looked(self, normed: Tensor, conditions: Conditions, features: Features) -> Tensor:
        queries, own = self.attn1.queries(normed), self.attn1.keys_values(normed)
        plain = len(normed) - conditions.frames
        shown = conditions.for_video(self.attn1, partial(self.attn1.keys_values, features.reference))
        rows = [row % len(features.reference) for row in range(plain, len(normed))]
        both = [torch.cat([mine[plain:], theirs[rows]], 2) for mine, theirs in zip(own, shown, strict=True)]
        found = self.attn1.attend(queries[plain:], (both[0], both[1]))
        if not plain:
            return found
        return torch.cat([self.attn1.attend(queries[:plain], (own[0][:plain], own[1][:plain])), found])


class AudioBlock(nn.Module):
    """Self-attention, attention to the speech in three regions of the face, feed-forward.

    The convolutions after the regional attentions have biases and come after the masks, as in Hallo: a
    bias acts outside of its region too.
    """

    def __init__(self, width: int, audio: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn1 = Attention(width)
        self.norm2 = nn.LayerNorm(width)
        self.attn2_0, self.attn2_1, self.attn2_2 = (Attention(width, audio) for _ in range(3))
        self.zero_conv_full, self.zero_conv_face, self.zero_conv_lip = (
            nn.Conv2d(width, width, 1) for _ in range(3)
        )
        self.norm3 = nn.LayerNorm(width)
        self.ff = FeedForward(width, activation_fn="geglu")

    def forward(
        self, tokens: Tensor, conditions: Conditions, masks: Tensor, weights: tuple[float, ...]
    ) -> Tensor:
        """(n l c), masks (3 l) -> (n l c)."""
        tokens = tokens + self.attn1(self.norm1(tokens))
        gates, mixed, rest = conditions.for_video(self, partial(self._mixed, masks, weights))
        # Keys and values of silence are 0, and so is what attention to it finds.
        normed, found = self.norm2(tokens[-conditions.frames :]), []
        for attention, gate in zip(self._regional(), gates, strict=True):
            given = conditions.for_clip(attention, partial(attention.keys_values, conditions.audio))
            found.append(attention.attend(attention.queries(normed), given) * gate[:, None])
        tokens = tokens + rest
        tokens[-conditions.frames :] += nn.functional.linear(torch.cat(found, 2), mixed)
        fed: Tensor = tokens + self.ff(self.norm3(tokens))
        return fed

    def _regional(self) -> tuple[Attention, ...]:
        return (self.attn2_0, self.attn2_1, self.attn2_2)

    def _mixed(self, masks: Tensor, weights: tuple[float, ...]) -> tuple[Tensor, Tensor, Tensor]:
        """The layers after the three attentions as one: gates (3 l), matrix (c 3*c), and what is added (l c).

        The output layer, the mask and the convolution, which is 1x1 and so a linear layer of the tokens, are
        linear; the mask only scales tokens. So both layers multiply out, and what attention does not reach
        is the same for all frames and steps.
        """
        convolutions = (self.zero_conv_full, self.zero_conv_face, self.zero_conv_lip)
        gates = masks.float() * torch.tensor(weights, device=masks.device)[:, None]
        matrices, rest = [], torch.zeros((), device=masks.device)
        for attention, convolution, gate, weight in zip(
            self._regional(), convolutions, gates, weights, strict=True
        ):
            out, matrix = attention.to_out[0], convolution.weight[:, :, 0, 0].float()
            assert convolution.bias is not None
            matrices.append(matrix @ out.weight.float())
            rest = rest + gate[:, None] * (matrix @ out.bias.float()) + weight * convolution.bias.float()
        dtype = convolution.weight.dtype
        return gates.to(dtype), torch.cat(matrices, 1).to(dtype), rest.to(dtype)


class _Transformer(nn.Module):
    """A residual transformer block over the pixels of a map, between two 1x1 convolutions."""

    def __init__(self, width: int, inner: int, block: nn.Module) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width, eps=EPSILON)
        self.proj_in = nn.Conv2d(width, inner, 1)
        self.transformer_blocks = nn.ModuleList([block])
        self.proj_out = nn.Conv2d(inner, width, 1)

    def _wrapped(self, maps: Tensor, *given: object) -> Tensor:
        made = _tokens(self.proj_in(self.norm(maps)))
        made = self.transformer_blocks[0](made, *given)
        added: Tensor = maps + self.proj_out(_maps(made, maps))
        return added


class SpatialTransformer(_Transformer):
    """The transformer of Stable Diffusion 1.5, its self-attention extended to the source image."""

    def __init__(self, width: int, context: int) -> None:
        super().__init__(width, width, SpatialBlock(width, context))

    def forward(self, maps: Tensor, conditions: Conditions, features: Features) -> Tensor:
        """(n c h w) -> (n c h w)."""
        return self._wrapped(maps, conditions, features)


class AudioTransformer(_Transformer):
    """The transformer that brings speech in, ``inner`` wide inside.

    level: which of the four resolutions it works at, 0 the highest.
    """

    def __init__(self, width: int, inner: int, audio: int, level: int) -> None:
        super().__init__(width, inner, AudioBlock(inner, audio))
        self.level = level

    def forward(self, maps: Tensor, conditions: Conditions, weights: tuple[float, ...]) -> Tensor:
        """(n c h w) -> (n c h w)."""
        return self._wrapped(maps, conditions, conditions.regions[self.level], weights)


class Positions(nn.Module):
    """A sinusoidal table of positions (Vaswani et al. 2017, section 3.5), a buffer that is saved."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.pe: Tensor
        self.register_buffer("pe", torch.empty(1, POSITIONS, width))

    def reset(self) -> None:
        """Fill the table: sines in the even features, cosines in the odd ones."""
        width = self.pe.shape[2]
        rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
        angles = torch.arange(POSITIONS)[:, None] * rates
        self.pe[0, :, 0::2] = torch.sin(angles)
        self.pe[0, :, 1::2] = torch.cos(angles[:, : width // 2])


class TemporalAttention(Attention):
    """Attention between the frames of each pixel, which know their positions in the clip."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.pos_encoder = Positions(width)

    def among(self, tokens: Tensor, first: int) -> Tensor:
        """(p f c) -> (p f - first c): frames from ``first`` on attend to all."""
        placed = tokens + self.pos_encoder.pe[:, : tokens.shape[1]]
        given: KeysValues = self.keys_values(placed)
        return self.out(self.attend(self.queries(placed[:, first:]), given))


class TemporalBlock(nn.Module):
    """Two self-attentions over time, feed-forward (AnimateDiff's motion module, version 2)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attention_blocks = nn.ModuleList([TemporalAttention(width) for _ in range(2)])
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2)])
        self.ff = FeedForward(width, activation_fn="geglu")
        self.ff_norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor, before: int) -> Tensor:
        """(p before + f c) -> (p f c): the frames before are read and dropped."""
        first, last = self.attention_blocks
        assert isinstance(first, TemporalAttention)
        assert isinstance(last, TemporalAttention)
        tokens = tokens + first.among(self.norms[0](tokens), 0)
        tokens = tokens[:, before:] + last.among(self.norms[1](tokens), before)
        fed: Tensor = tokens + self.ff(self.ff_norm(tokens))
        return fed


class TemporalTransformer(nn.Module):
    """A residual transformer over the frames of each pixel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width, eps=EPSILON)
        self.proj_in = nn.Linear(width, width)
        self.transformer_blocks = nn.ModuleList([TemporalBlock(width)])
        self.proj_out = nn.Linear(width, width)

    def forward(self, maps: Tensor, conditions: Conditions, motion: Tensor | None) -> Tensor:
        """(b * f c h w), motion (b m l c) or None -> (b * f c h w); the motion frames come first in time."""
        tokens, batch = _tokens(maps).unflatten(0, (conditions.batch, -1)), conditions.batch
        before = 0
        if motion is not None:
            before, tokens = motion.shape[1], torch.cat([motion, tokens], 1)
        normed = _tokens(self.norm(_maps(tokens.flatten(0, 1), maps)))
        inner = self.proj_in(normed).unflatten(0, (batch, -1)).transpose(1, 2).flatten(0, 1)
        inner = self.proj_out(self.transformer_blocks[0](inner, before))
        inner = inner.unflatten(0, (batch, -1)).transpose(1, 2).flatten(0, 1)
        return maps + _maps(inner, maps)


class MotionModule(nn.Module):
    """The temporal transformer under the name it has in AnimateDiff's checkpoints."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.temporal_transformer = TemporalTransformer(width)

    def forward(self, maps: Tensor, conditions: Conditions, motion: Tensor | None) -> Tensor:
        """As ``TemporalTransformer``."""
        made: Tensor = self.temporal_transformer(maps, conditions, motion)
        return made


def _tokens(maps: Tensor) -> Tensor:
    """(n c h w) -> (n l c)."""
    return maps.flatten(2).transpose(1, 2)


def _maps(tokens: Tensor, like: Tensor) -> Tensor:
    """(n l c) -> (n c h w), height and width those of ``like``."""
    return tokens.transpose(1, 2).unflatten(2, like.shape[-2:])
