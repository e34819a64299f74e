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
LAYOUTS = {
    "clips": ("anna/one.mp4", "anna/two.mp4"),
    "hdtf": ("WDA_BarackObama_000.mp4", "WDA_BarackObama_001.mp4"),
    "celebv-hq": ("processed/M2Ohb0FAaJU_1.mp4", "processed/M2Ohb0FAaJU_2.mp4"),
    "voxceleb": ("mp4/id00017/01dfn2spqyE/00001.mp4", "mp4/id00017/01dfn2spqyE/00002.mp4"),
    "fakeavceleb": ("RealVideo-RealAudio/African/men/id00076/00109.mp4",),
}
"""Clips of each dataset as its authors lay them out."""

for _name, _paths in LAYOUTS.items():
    for _seed, _path in enumerate(_paths):
        filmed(_FOLDER / _name / _path, seed=_seed)

config: dict[str, dict[str, Any]] = {
    **{f"dataset/{name}": {"folder": str(_FOLDER / name)} for name in LAYOUTS},
    "dataset/mini": {"clips": 1},
}
