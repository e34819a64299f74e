"""A small voice encoder with seeded weights, and recordings for it; the oracle starts here too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from pfy_plugin_hifigan.model import FULL, Sizes

GOLDEN = Path(__file__).with_name("coqui-0.28.0.npz")
"""What coqui-tts 0.28.0 makes of ``wave()`` with the weights of ``seeded(SMALL, SEED)``; of spectrograms,
every fourth frame. Written by ``nox -s oracle -- --golden``."""
SEED = 0


def sizes(width: int, heads: int) -> Sizes:
    """XTTS-v2's sizes with a narrower conditioning encoder and perceiver."""
    return replace(FULL, width=width, heads=heads, hidden=int(width * 8 / 3))


SMALL = sizes(128, 2)


def wave(rate: int = 22_050, seconds: float = 1.3) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A rising tone with overtones in some noise (s), float32."""
    time = np.arange(int(rate * seconds)) / rate
    phase = 2 * np.pi * (110 * time + 60 * time**2)
    tone = sum(np.sin(k * phase) / k for k in (1, 2, 3, 5))
    noise = np.random.RandomState(7).standard_normal(len(time))
    return (0.2 * tone + 0.01 * noise).astype(np.float32)


def apart(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference, relative to the largest value."""
    assert ours.shape == theirs.shape
    return float((ours - theirs).abs().max() / theirs.abs().max())


def published() -> dict[str, list[int]]:
    """Names and shapes of XTTS-v2's checkpoint, this plugin's part; ``*6`` stands for 0 to 5."""
    return dict(_expanded(json.loads(Path(__file__).with_name("shapes.json").read_text())))


def _expanded(compact: dict[str, list[int]]) -> Iterator[tuple[str, list[int]]]:
    for key, shape in compact.items():
        before, star, after = key.partition("*")
        if not star:
            yield key, shape
            continue
        count, _, rest = after.partition(".")
        for index in range(int(count)):
            yield f"{before}{index}.{rest}", shape
