"""For the conformance kit: small videos in the layouts that the datasets read."""

from __future__ import annotations

import atexit
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from pfy_core.media import video
from pfy_core.testing import faces, sounds

FPS, RATE = 25, 16_000
SIDES = 48, 64


def filmed(path: Path, seconds: float = 4.0, seed: int = 0) -> Path:
    """A small video with sound, its folders made; another ``seed`` is another one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    still = faces.photo(*SIDES)
    frames = np.stack([np.roll(still, (seed + row) % 5, 1) for row in range(round(seconds * FPS))])
    wave = sounds.wave(round(seconds * RATE), RATE, seed)
    video.write(path, [frames], FPS, [wave], RATE)
    return path


_FOLDER = Path(mkdtemp(prefix="pfy-kit-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
filmed(_FOLDER / "clips" / "anna" / "one.mp4")
filmed(_FOLDER / "clips" / "anna" / "two.mp4", seed=1)

config: dict[str, dict[str, Any]] = {
    "dataset/clips": {"folder": str(_FOLDER / "clips")},
    "dataset/mini": {"clips": 1},
}
