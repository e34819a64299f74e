"""For the conformance kit: clips of a face that talks, and small videos as each dataset has them."""

from __future__ import annotations

import atexit
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from pfy_core.testing import faces
from pfy_plugin_metrics.datasets.layouts import laid_out
from pfy_plugin_metrics.ports import FRAME_RATE

SIDES = (96, 128)
LIPS = (13, 14)
OPEN = 3.0
"""Pixels that each lip moves."""
OF_FACES = frozenset(
    ["aperture", "blink-rate", "closure", "closure-f1", "energy-correlation", "energy-offset", "face-found"]
    + ["head-speed", "lip-offset", "lip-speed", "vowel-order"]
)
IN_FRAMES = frozenset(["colour-drift", "face-identity"])

_FOLDER = Path(mkdtemp(prefix="pfy-kit-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)

LSE = ("metric/lse-c", "metric/lse-d", "metric/sync-offset")
config: dict[str, dict[str, Any]] = {
    **{component: {"fewest": 6} for component in LSE},
    **{f"dataset/{name}": {"folder": str(folder)} for name, folder in laid_out(_FOLDER).items()},
    "dataset/mini": {"clips": 1},
}


def samples(component_id: str, size: int, seed: int) -> dict[str, Any]:
    """``size`` frames of a face whose lips open three times a second and whose head sways, or of windows."""
    if component_id in LSE:
        return {"distances": np.random.default_rng(seed).uniform(5, 15, (size, 31)).astype(np.float32)}
    name = component_id.partition("/")[2]
    if name == "photo-identity":
        return {"photo": faces.photo(*SIDES), "landmarks": faces.landmarks(*SIDES)}
    if name == "lip-motion-error":
        return {"made": _talking(size, seed), "reference": _talking(size, seed + 1)}
    if name in IN_FRAMES:
        frames = np.repeat(faces.photo(*SIDES)[None], size, axis=0)
        return {"frames": frames, "face": _talking(size, seed)}
    return {"face": _talking(size, seed)} if name in OF_FACES else {}


def _talking(size: int, seed: int) -> Any:
    """Landmarks (size 478 3) of the kit's face."""
    points = np.repeat(faces.landmarks(*SIDES)[None], size, axis=0)
    times = np.arange(size) / FRAME_RATE + seed
    gap = OPEN * (1 + np.sin(2 * np.pi * 3 * times))
    points[:, LIPS[0], 1] -= gap / 2
    points[:, LIPS[1], 1] += gap / 2
    return (points + np.sin(2 * np.pi * 0.5 * times)[:, None, None]).astype(np.float32)
