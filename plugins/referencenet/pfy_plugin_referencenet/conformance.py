"""For the conformance kit: a narrow network, one denoising step without guidance, a small picture."""

from __future__ import annotations

from typing import Any

import torch

HEIGHT, WIDTH = 8, 16
"""Of the photo's latents: the least multiples of 8 that are whole tokens."""
TOKENS = 1 + 8 + 1
"""Of the image, the region and the identity."""

config: dict[str, dict[str, Any]] = {
    "decoder/referencenet": {
        "size": "tiny", "window": 3, "layers": 2, "width": 8, "clip": 12, "steps": 1, "guidance": 1.0,
    }
}  # fmt: skip


def samples(_: str, size: int, seed: int) -> dict[str, Any]:
    """Latents of a photo, its masks, and the fused tokens; the kit makes speech and identity."""
    drawn = torch.Generator().manual_seed(seed)
    height = HEIGHT if size else 0
    return {
        "image": torch.randn(4, height, WIDTH, generator=drawn),
        "masks": torch.rand(3, 8 * HEIGHT, 8 * WIDTH, generator=drawn).numpy(),
        "region": torch.rand(8 * HEIGHT, 8 * WIDTH, generator=drawn).numpy(),
        "fused": torch.randn(TOKENS, 512, generator=drawn),
    }
