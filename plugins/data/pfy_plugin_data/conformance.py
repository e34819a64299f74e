"""For the conformance kit: a small corpus of clips that somebody hums."""

from __future__ import annotations

import atexit
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from pfy_core.kinds import Phone
from pfy_core.testing import faces
from pfy_plugin_data import write
from pfy_plugin_data.layout import CHANNELS, PER_FRAME, RATE

_FOLDER = Path(mkdtemp(prefix="pfy-kit-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)


def hummed(number: int, frames: int = 50) -> write.Clip:
    """A clip of a tone, with a drawn face and motion that swings."""
    times = np.arange(frames * PER_FRAME) / RATE
    swing = np.sin(np.arange(frames) / 5 + number)[:, None] * np.linspace(0, 0.3, CHANNELS)
    return write.Clip(
        key=f"hummed-{number:05d}",
        split="test",
        wave=(0.3 * np.sin(2 * np.pi * (110 + 20 * number) * times)).astype(np.float32),
        motion=swing,
        image=faces.photo(128, 128),
        landmarks=faces.landmarks(128, 128),
        voice=f"hummer-{number % 2}",
        face="drawing",
        text="Mm.",
        language="en",
        phones=[Phone("", 0.0, 0.1), Phone("m", 0.1, frames / 25)],
    )


write.shard(_FOLDER / "000000.tar", [hummed(number) for number in range(3)])
config: dict[str, dict[str, Any]] = {"dataset/shards": {"folder": str(_FOLDER)}}
