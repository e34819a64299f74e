"""Masks brought to the size of the latents' image, and of the network's levels."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def resized(maps: Tensor, height: int, width: int) -> Tensor:
    """maps (c h w) -> (c height width), 0 to 1, resampled with Pillow's antialiased triangle filter."""
    sized = functional.interpolate(
        maps[None], (height, width), mode="bilinear", align_corners=False, antialias=True
    )
    return sized[0].clamp(0, 1)


def levels(masks: Tensor, height: int, width: int) -> tuple[Tensor, ...]:
    """masks (3 h w) -> (3 l) for the four resolutions of the network, from latents (height width) down."""
    sizes = [(height >> level, width >> level) for level in range(4)]
    return tuple(resized(masks, rows, columns).flatten(1) for rows, columns in sizes)


def region_image(region: Tensor, height: int, width: int) -> Tensor:
    """region (h w) -> (3 height width): the face's rectangle as the face locator takes it."""
    return resized(region[None], height, width).expand(3, -1, -1).contiguous()


def upsampled(region: Tensor, height: int, width: int) -> Tensor:
    """A region of few pixels (h w), of any values -> (3 height width), without blurring its edges."""
    made = functional.interpolate(region[None, None], (height, width), mode="nearest")
    return made[0].expand(3, -1, -1).contiguous()


def as_float(value: object) -> Tensor:
    """A numpy array or a tensor as a float32 tensor on the CPU; gradients pass."""
    return torch.as_tensor(value).to("cpu", torch.float32)
