"""A guard against drift: each clip goes on from the one before, so small errors add up.

It changes only the frames from which the next clip goes on, never those that are given out, and these only
where they have left the bounds: a short video is that of the network alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

SHIFT = 0.25
"""Largest difference of a latent channel's mean from the source image's, in standard deviations of that."""
STRETCH = 1.25
"""Largest ratio of a latent channel's standard deviation to the source image's, or its inverse."""
STRANGE = 1.0
"""Largest distance of the face's mean feature from the source image's, in units of the spread of the source
image's own features. The three bounds are chosen, not fitted: below them lie a turned head and an open mouth,
above them a picture that has gone; no trained weights were at hand to set them more closely."""
IDENTITY_LEVEL, IDENTITY_BLOCK = 3, "mid_block.attentions.0"
"""Where identity is compared: the deepest features of the reference network, and their resolution."""


def recoloured(latents: Tensor, source: Tensor) -> Tensor:
    """Latents (m 4 h w) whose channels have mean and spread of the source's (4 h w), within the bounds.

    What is within them comes back as it is; the rest is scaled and shifted just so far that it is.
    """
    mean, spread = latents.mean((2, 3), keepdim=True), latents.std((2, 3), keepdim=True)
    own_mean, own_spread = source.mean((1, 2))[:, None, None], source.std((1, 2))[:, None, None]
    room = SHIFT * own_spread
    wanted_mean = torch.maximum(torch.minimum(mean, own_mean + room), own_mean - room)
    wanted_spread = torch.maximum(torch.minimum(spread, own_spread * STRETCH), own_spread / STRETCH)
    kept = (wanted_mean == mean) & (wanted_spread == spread)
    return torch.where(
        kept, latents, (latents - mean) * (wanted_spread / spread.clamp_min(1e-6)) + wanted_mean
    )


def strangeness(
    motion: Mapping[str, Tensor], source: Mapping[str, Tensor], regions: tuple[Tensor, ...]
) -> float:
    """How far the face in the motion frames is from the source's, 0 the same; see ``STRANGE``.

    motion, source: features by name of the transformer, (b m l c) and (m l c), see ``Video.source``;
    regions: masks of the four resolutions, each (3 l).
    """
    seen, own = motion[IDENTITY_BLOCK][-1].float(), source[IDENTITY_BLOCK].float()
    face = regions[IDENTITY_LEVEL][1:].amax(0).float()
    # Without a face in the masks all of the picture is compared.
    share = face / face.sum() if float(face.sum()) > 0 else torch.full_like(face, 1 / len(face))
    spread = (own - own.mean(1, keepdim=True)).square().sum(2).mean(1).sqrt()
    # The deepest map of a small image is a pixel or a few, without spread of their own.
    unit = torch.maximum(spread, 0.1 * own.square().sum(2).mean(1).sqrt()).clamp_min(1e-6)
    distances = torch.einsum("mlc,l->mc", seen - own, share).norm(dim=1) / unit
    return float(distances.mean())
