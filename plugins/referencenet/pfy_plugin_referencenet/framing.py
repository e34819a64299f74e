"""Masks brought to the size of the latents' image, cut or padded as the image was."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

Fit = Literal["crop", "pad", "squash"]
"""How an image of another aspect ratio was made square: ``fit`` of ``encoder/vae``, whose rules these are."""
ABOVE = 0.25
"""Share of the surplus height that is cut off above: in a portrait photo the face is in the upper half."""


def framed(maps: Tensor, height: int, width: int, fit: Fit) -> Tensor:
    """maps (c h w) -> (c height width), 0 to 1, resampled with Pillow's antialiased triangle filter."""
    given_height, given_width = maps.shape[1:]
    if fit != "squash":
        scales = height / given_height, width / given_width
        scale = max(scales) if fit == "crop" else min(scales)
        if fit == "crop":
            rows, columns = round(height / scale), round(width / scale)
            top, left = round((given_height - rows) * ABOVE), (given_width - columns) // 2
            maps = maps[:, top : top + rows, left : left + columns]
        else:
            rows, columns = round(height / scale) - given_height, round(width / scale) - given_width
            sides = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
            maps = functional.pad(maps[None], sides, mode="replicate")[0]
    sized = functional.interpolate(
        maps[None], (height, width), mode="bilinear", align_corners=False, antialias=True
    )
    return sized[0].clamp(0, 1)


def levels(masks: Tensor, height: int, width: int) -> tuple[Tensor, ...]:
    """masks (3 h w) -> (3 l) for the four resolutions of the network, from latents (height width) down."""
    sizes = [(height >> level, width >> level) for level in range(4)]
    return tuple(framed(masks, rows, columns, "squash").flatten(1) for rows, columns in sizes)


def region_image(region: Tensor, height: int, width: int, fit: Fit) -> Tensor:
    """region (h w) -> (3 height width): the face's rectangle as the face locator takes it."""
    return framed(region[None], height, width, fit).expand(3, -1, -1).contiguous()


def upsampled(region: Tensor, height: int, width: int) -> Tensor:
    """A region of few pixels (h w), of any values -> (3 height width), without blurring its edges."""
    made = functional.interpolate(region[None, None], (height, width), mode="nearest")
    return made[0].expand(3, -1, -1).contiguous()


def as_float(value: object) -> Tensor:
    """A numpy array or a tensor as a float32 tensor on the CPU."""
    return torch.as_tensor(value).detach().to("cpu", torch.float32)
