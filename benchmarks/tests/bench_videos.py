"""Small real videos with sound like speech, and suites that need no network."""

from __future__ import annotations

import numpy as np

from pfy_core.media import video
from pfy_core.testing import sounds

FPS, RATE = 25, 16_000
SIDE = 32

SOUND = """
suite: sound
version: 1
clip: {fps: 25, rate: 16000, seconds: 4, fewest: 5}
controls: 1
measures:
  mcd:
    use: metric/mcd
    take: {made: made.wave, reference: real.wave}
    unit: dB
    better: low
    sees: [noise-sound]
  stoi:
    use: metric/stoi
    take: {made: made.wave, reference: real.wave}
    better: high
    digits: 3
    sees: [noise-sound]
"""
"""A suite of the two metrics of sound."""


def write(path, seed=0, seconds=1.2, level=1.0, sound=True):
    """A clip of moving noise, with syllables of a seed; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    still = rng.integers(60, 190, (SIDE, SIDE, 3))
    count = round(seconds * FPS)
    frames = np.stack([np.roll(still, k, axis=1) for k in range(count)]).astype(np.uint8)
    wave = level * sounds.wave(round(seconds * RATE), RATE, seed)
    video.write(path, [frames], FPS, [wave.astype(np.float32)] if sound else [], RATE)
    return path


def folders(root, names=("a", "b", "c")):
    """Real clips, and made ones that sound a little different, in two folders."""
    for index, name in enumerate(names):
        write(root / "real" / f"{name}.mp4", index)
        write(root / "made" / f"{name}.mp4", index, level=0.5)
    return root / "real", root / "made"


def suite(path, text=SOUND):
    """A suite's file."""
    path.write_text(text, encoding="utf-8")
    return path
