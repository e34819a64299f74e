"""For the conformance kit: recordings that a patch fits in, and files of random parameters.

The published networks are asked everything without their published files: with random parameters of the same
names and shapes. Only EfficientNet-Lite0 has its own, which come in a wheel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import nn

from pfy_core import checkpoint
from pfy_core.testing import sounds
from pfy_plugin_networks import i3d, inception, vggish
from pfy_plugin_networks.loading import seeded
from pfy_plugin_networks.pips_network import Pips
from pfy_plugin_networks.syncnet_network import SyncNet

NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "extractor/inception-2015": inception.Inception,
    "extractor/i3d-400": i3d.I3D,
    "extractor/vggish": vggish.VGGish,
    "extractor/syncnet": partial(SyncNet, 16),
    "extractor/point-tracks": Pips,
}
FEW: dict[str, dict[str, Any]] = {
    "extractor/inception-2015": {"every": 128},
    "extractor/i3d-400": {"windows": 1},
    "extractor/efficientnet-lite0": {"every": 64},
    "extractor/random-video": {"every": 64},
    "extractor/random-sound": {},
    "extractor/vggish": {},
    "extractor/syncnet": {},
    "extractor/random-sync": {},
    "extractor/point-tracks": {"side": 128, "grid": 2, "passes": 1, "windows": 1},
}
"""Options with which the kit's clips take seconds."""


ROOM = TemporaryDirectory(prefix="pfy-networks-")
"""Where the files are, for as long as the kit runs."""


class Config(Mapping[str, dict[str, Any]]):
    """Options by component; a file of random parameters is written when its component is asked for."""

    def __getitem__(self, component_id: str) -> dict[str, Any]:
        options = FEW[component_id]
        if component_id not in NETWORKS:
            return options
        return options | {"weights": _random_file(component_id.partition("/")[2], NETWORKS[component_id])}

    def __iter__(self) -> Iterator[str]:
        return iter(FEW)

    def __len__(self) -> int:
        return len(FEW)


config = Config()
expected_failed = {"extractor/point-tracks": {"weights": "no sha256 of pips2_weights.pth was published"}}


def samples(component_id: str, size: int, seed: int) -> dict[str, Any]:
    """A second and more of sound for those that listen; what the kit makes itself for the others."""
    if component_id not in ("extractor/vggish", "extractor/random-sound") or not size:
        return {}
    return {"wave": sounds.wave(16_000 + 640 * size, 16_000, seed)}


def _random_file(name: str, make: Callable[[], nn.Module]) -> str:
    file = Path(ROOM.name) / f"{name}.safetensors"
    if not file.is_file():
        with torch.device("meta"):
            network = make()
        checkpoint.save(file, seeded(network, 0))
    return str(file)
