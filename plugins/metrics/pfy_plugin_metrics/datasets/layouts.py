"""Small videos under the names that clips of each dataset have, for the conformance kit and tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from pfy_core.media import video
from pfy_core.testing import faces, sounds

FPS, RATE = 25, 16_000
SIDES = 48, 64
LAYOUTS = {
    "clips": ("anna/one.mp4", "anna/two.mp4"),
    "hdtf": ("WDA_BarackObama_000.mp4", "WDA_BarackObama_001.mp4"),
    "celebv-hq": ("processed/M2Ohb0FAaJU_1.mp4", "processed/M2Ohb0FAaJU_2.mp4"),
    "voxceleb": ("mp4/id00017/01dfn2spqyE/00001.mp4", "mp4/id00017/01dfn2spqyE/00002.mp4"),
    "fakeavceleb": ("RealVideo-RealAudio/African/men/id00076/00109.mp4",),
}
"""Paths within a dataset's folder, as its authors write them."""


def filmed(path: Path, seconds: float = 4.0) -> Path:
    """Write a small video of a drawn face with sound, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    still = faces.photo(*SIDES)
    frames = np.stack([np.roll(still, row % 5, 1) for row in range(round(seconds * FPS))])
    video.write(path, [frames], FPS, [sounds.wave(round(seconds * RATE), RATE, 0)], RATE)
    return path


def laid_out(folder: Path) -> dict[str, Path]:
    """A folder of each dataset, by its name."""
    made = filmed(folder / "made.mp4")
    for name, paths in LAYOUTS.items():
        for path in paths:
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made, folder / name / path)
    return {name: folder / name for name in LAYOUTS}
