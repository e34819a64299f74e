"""For the conformance kit: the tiny autoencoder, square pictures, and latents of the least size."""

from __future__ import annotations

from typing import Any

import torch

from pfy_core.testing.faces import photo

SIDE = 128
"""Pixels of the least square that is whole tokens; samples are larger by ``size``."""
LATENT = 8
"""Height and width of latents: frames of 64 pixels."""

config: dict[str, dict[str, Any]] = {
    "encoder/vae": {"size": "tiny", "image_size": SIDE},
    "decoder/vae": {"size": "tiny"},
}


def samples(component_id: str, size: int, seed: int) -> dict[str, Any]:
    """A square picture of a face; or ``size`` rows of latents."""
    if component_id == "encoder/vae":
        return {"image": photo(SIDE + size, SIDE + size)}
    drawn = torch.Generator().manual_seed(seed)
    return {"latents": torch.randn(size, 4, LATENT, LATENT, generator=drawn)}
