"""Fused tokens read back as what they were: the image, the face's region and the identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from pfy_core import InputError
from pfy_plugin_referencenet.masks import upsampled

Layout = Literal["latent", "released"]
"""``latent``: rows of the image's latents (4hw / 512), of the region at 64x64 (8), of the identity (1).
``released``: rows of pixels as in the code that Playing For You's authors released: the image from -1 to 1
(3 * 8h * 8w / 512), the region in three channels (as many), the identity (1)."""
WIDTH = 512
"""Features of a token."""
REGION = 64
"""Height and width of the region in tokens of the layout ``latent``."""


@dataclass(frozen=True)
class Unfused:
    """What fused tokens stand for.

    image:    (4 h w) latents, or (3 8h 8w) pixels -1 to 1 in the layout ``released``
    region:   (3 8h 8w)
    identity: (512)
    """

    image: Tensor
    region: Tensor
    identity: Tensor


def unfused(tokens: Tensor, height: int, width: int, layout: Layout) -> Unfused:
    """Tokens (t 512) and the latents' height and width -> image, region, identity.

    Raises InputError for another number of tokens than the layout has.
    """
    tall, wide = 8 * height, 8 * width
    image_size = 4 * height * width if layout == "latent" else 3 * tall * wide
    region_size = REGION * REGION if layout == "latent" else 3 * tall * wide
    rows, rest = divmod(image_size + region_size, WIDTH)
    if rest:
        raise InputError(
            f"latents of {height} by {width}: their {image_size} values are no whole tokens",
            f"a multiple of {WIDTH}",
            "take a larger image",
        )
    if tuple(tokens.shape) != (rows + 1, WIDTH):
        raise InputError(
            f"fused: shape ({' '.join(map(str, tokens.shape))})",
            f"({rows + 1} {WIDTH}): image, region and identity in the layout {layout!r}",
            "connect the image's, then the landmarks' tokens to the fuser, or set the layout",
        )
    image, region, identity = tokens.flatten().split([image_size, region_size, WIDTH])
    if layout == "released":
        shape = (3, tall, wide)
        return Unfused(image.view(shape), region.view(shape), identity)
    square = region.view(REGION, REGION)
    return Unfused(image.view(4, height, width), upsampled(square, tall, wide), identity)
