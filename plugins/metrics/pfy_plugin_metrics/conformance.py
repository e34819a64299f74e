"""For the conformance kit: clips of a face that talks, small videos in the layouts that the datasets read."""

from __future__ import annotations

import atexit
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from pfy_core.media import video
from pfy_core.testing import faces, sounds
from pfy_plugin_metrics.ports import FRAME_RATE

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

LSE = ("metric/lse-c", "metric/lse-d", "metric/sync-offset")
config: dict[str, dict[str, Any]] = {
    **{component: {"fewest": 6} for component in LSE},
    **{f"dataset/{name}": {"folder": str(_FOLDER / name)} for name in LAYOUTS},
    "dataset/mini": {"clips": 1},
}

PHOTO = (96, 128)
LIPS = (13, 14)
OPEN = 3.0
"""Pixels that each lip moves."""
OF_FACES = frozenset(
    ["aperture", "blink-rate", "closure", "closure-f1", "energy-correlation", "energy-offset", "face-found"]
    + ["head-speed", "lip-offset", "lip-speed", "vowel-order"]
)
IN_FRAMES = frozenset(["colour-drift", "face-identity"])


def samples(component_id: str, size: int, seed: int) -> dict[str, Any]:
    """``size`` frames of a face whose lips open three times a second and whose head sways, or of windows."""
    if component_id in LSE:
        return {"distances": np.random.default_rng(seed).uniform(5, 15, (size, 31)).astype(np.float32)}
    name = component_id.partition("/")[2]
    if name == "photo-identity":
        return {"photo": faces.photo(*PHOTO), "landmarks": faces.landmarks(*PHOTO)}
    if name == "lip-motion-error":
        return {"made": _talking(size, seed), "reference": _talking(size, seed + 1)}
    if name in IN_FRAMES:
        frames = np.repeat(faces.photo(*PHOTO)[None], size, axis=0)
        return {"frames": frames, "face": _talking(size, seed)}
    return {"face": _talking(size, seed)} if name in OF_FACES else {}


def _talking(size: int, seed: int) -> Any:
    """Landmarks (size 478 3) of the kit's face."""
    points = np.repeat(faces.landmarks(*PHOTO)[None], size, axis=0)
    times = np.arange(size) / FRAME_RATE + seed
    gap = OPEN * (1 + np.sin(2 * np.pi * 3 * times))
    points[:, LIPS[0], 1] -= gap / 2
    points[:, LIPS[1], 1] += gap / 2
    return (points + np.sin(2 * np.pi * 0.5 * times)[:, None, None]).astype(np.float32)
