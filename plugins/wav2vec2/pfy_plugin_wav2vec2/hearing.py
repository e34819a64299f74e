"""From a recording to one row per frame of the video and transformer layer."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

RATE = 16_000
"""Samples a second that wav2vec 2.0 was trained with."""
VARIANCE_FLOOR = 1e-7
"""Added to the variance when an utterance is normalised (transformers, Wav2Vec2FeatureExtractor)."""


def frames(samples: int, fps: float) -> int:
    """Frames of the video that a recording lasts: its last one may be sounded in part (Hallo)."""
    return math.ceil(samples * fps / RATE)  # in this order a whole number of frames stays one


def normalised(wave: Tensor) -> Tensor:
    """A wave (s) at mean 0 and variance 1, over all of it; silence stays 0."""
    centred = wave - wave.mean()
    scaled: Tensor = centred / torch.sqrt(centred.square().mean() + VARIANCE_FLOOR)
    return scaled


def layers(model: Any, wave: Tensor, count: int) -> Tensor:
    """A normalised wave (s) -> the output of every transformer layer (count layers width).

    The convolutions' rows, one per 20 ms, are brought to ``count`` frames by linear interpolation, first
    on first and last on last, *before* the transformer (Hallo, following the talking-face models before
    it): so the transformer sees the video's clock.
    """
    rows = model.feature_extractor(wave[None].to(model.dtype))
    rows = functional.interpolate(rows, size=count, mode="linear", align_corners=True)
    hidden, _ = model.feature_projection(rows.transpose(1, 2))
    # The encoder's own forward keeps the last layer only (transformers 5), hence its steps one by one.
    encoder = model.encoder
    hidden = encoder.layer_norm(hidden + encoder.pos_conv_embed(hidden))
    found = []
    for layer in encoder.layers:
        hidden = layer(hidden, attention_mask=None)
        found.append(hidden[0])
    return torch.stack(found, dim=1)


def heard(model: Any, wave: Tensor, fps: float, *, whole: float, context: float, clip: int) -> Tensor:
    """A wave (s) -> (frames layers width), with the silence that fills its last clip at the end.

    Recordings longer than ``whole`` seconds are heard in pieces of that length, each with ``context``
    seconds on either side that are heard and not kept: attention costs the square of what is heard at
    once, and the first convolution's rows alone take 6.5 MB a second.
    """
    count = frames(len(wave), fps)
    padded = math.ceil(count / clip) * clip
    # As Hallo pads: whole frames of silence behind the samples there are.
    given = functional.pad(normalised(wave), (0, round((padded - count) * RATE / fps)))
    each, margin = max(1, round(whole * fps)), round(context * fps)
    if padded <= each:
        return layers(model, given, padded)
    return torch.cat(
        [_piece(model, given, fps, start, min(start + each, padded), padded, margin)
         for start in range(0, padded, each)]
    )  # fmt: skip


def _piece(model: Any, wave: Tensor, fps: float, start: int, stop: int, end: int, margin: int) -> Tensor:
    """Frames ``start`` to ``stop``, heard with a margin of frames before and after."""
    first, last = max(0, start - margin), min(end, stop + margin)
    samples = wave[round(first * RATE / fps) : None if last == end else round(last * RATE / fps)]
    return layers(model, samples, last - first)[start - first : stop - first]


def windows(rows: Tensor, count: int, reach: int) -> Tensor:
    """Rows (r layers width) -> (count 2*reach+1 layers width): each with ``reach`` rows before and after.

    Before the first row the first stands, behind the last the last (Hallo). The result is a view: the
    rows lie in memory once.
    """
    ends = torch.cat([rows[:1].expand(reach, -1, -1), rows, rows[-1:].expand(reach, -1, -1)])
    return ends.unfold(0, 2 * reach + 1, 1)[:count].permute(0, 3, 1, 2)
