"""For the conformance kit: small networks that speak sentences of a second."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from pfy_plugin_gpt2_hifi.model import TINY
from pfy_plugin_gpt2_hifi.ports import WIDTH

SENTENCE = 10
"""Token ids of a sentence; the last one has what is left of ``size``."""
LATENTS = 32 * TINY.width // WIDTH + 1
"""Tokens of the voice and the speaker that the small networks read."""

config: dict[str, dict[str, Any]] = {
    "decoder/gpt2-hifi": {"size": "tiny", "max_codes": 24, "stream_codes": 8}
}


def samples(_: str, size: int, seed: int) -> dict[str, Any]:
    """``size`` ids in sentences, and one token more than the voice and the speaker need; none for size 0."""
    drawn = np.random.default_rng(seed)
    ids = drawn.integers(1, TINY.texts, size)
    latents = drawn.standard_normal((LATENTS + 1 if size else 0, WIDTH), np.float32)
    return {
        "ids": [ids[start : start + SENTENCE] for start in range(0, size, SENTENCE)],
        "latents": torch.from_numpy(latents),
    }
