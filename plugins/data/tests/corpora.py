"""Small corpora for the tests, of tones."""

from pathlib import Path

import numpy as np

from pfy_core.kinds import Phone
from pfy_core.testing import faces
from pfy_plugin_data import write
from pfy_plugin_data.layout import CHANNELS, PER_FRAME, RATE

PICTURE, LANDMARKS = faces.photo(96, 96), faces.landmarks(96, 96)


def tone(number: int = 0, frames: int = 10, **facts) -> write.Clip:
    """A clip of a tone, whose motion swings."""
    times = np.arange(frames * PER_FRAME) / RATE
    given = {
        "key": f"tone-{number:03d}",
        "split": "train",
        "wave": (0.3 * np.sin(2 * np.pi * (110 + number) * times)).astype(np.float32),
        "motion": np.sin(np.arange(frames) / 5 + number)[:, None] * np.linspace(0, 0.5, CHANNELS),
        "image": PICTURE,
        "landmarks": LANDMARKS,
        "voice": "tuning-fork",
        "face": "drawing",
        "text": f"Tone {number}.",
        "language": "en",
        "phones": [Phone("", 0.0, 0.12), Phone("m", 0.12, 0.4, 2)],
    }
    return write.Clip(**given | facts)


def shard(folder: Path, clips: int = 3, name: str = "000000.tar") -> Path:
    """A shard of tones in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write.shard(folder / name, map(tone, range(clips)))
    return folder / name
