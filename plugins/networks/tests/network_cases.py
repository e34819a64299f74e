"""What the networks are tried on, here and beside the programs that they are compared with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from pfy_core.testing import sounds
from pfy_plugin_networks import efficientnet, i3d, inception, vggish
from pfy_plugin_networks.loading import seeded

GOLDEN = Path(__file__).parent / "goldens.npz"
"""What the reference programs give for these cases: ``nox -s oracle_metrics -- --golden`` writes it."""
NETWORKS = {
    "inception/2015-12-05": inception.Inception,
    "i3d/kinetics-400": i3d.I3D,
    "vggish/audioset": vggish.VGGish,
    "efficientnet-lite0/imagenet": efficientnet.EfficientNetLite0,
}
SHAPES = {
    "inception/2015-12-05": (1, 3, 299, 299),
    "i3d/kinetics-400": (1, 3, 9, 224, 224),
    "vggish/audioset": (2, 96, 64),
    "efficientnet-lite0/imagenet": (1, 3, 224, 224),
}
"""Of what each network is given here; I3D the fewest frames that it takes."""
FRAMES = {"smaller": (2, 40, 52), "larger": (1, 361, 500)}
"""Frames, height and width of clips whose pictures have to grow and to shrink."""
SEED = 7
KEPT = 256
"""About as many numbers of each result are kept."""


def clip(count, height, width):
    """Frames (count height width 3): edges, slopes and grain."""
    y, x = np.mgrid[:height, :width]
    noise = np.random.RandomState(count + height).randint(0, 60, (count, height, width, 3))
    base = np.stack([x * 255 // width, y * 255 // height, 195 * ((x // 9 + y // 7) % 2)], axis=2)
    moved = np.stack([np.roll(base, 3 * index, axis=1) for index in range(count)])
    return np.minimum(moved + noise, 255).astype(np.uint8)


def sound(seconds=2.7):
    """Speech-like tones, louder at one side, so that its highest sample is not its strongest."""
    wave = sounds.wave(round(16_000 * seconds), 16_000, 3)
    return np.where(wave > 0, 0.6 * wave, wave).astype(np.float32)


def given(name, dtype):
    """Input of a network, of about its scale."""
    drawn = np.random.RandomState(SEED).standard_normal(SHAPES[name]).clip(-2, 2) / 2
    return torch.from_numpy(drawn).to(dtype)


def random_state(name):
    """Random parameters by the keys of the published file."""
    with torch.device("meta"):
        network = NETWORKS[name]()
    return seeded(network, SEED)


def ours(name, state, dtype):
    """Our network with these parameters."""
    with torch.device("meta"):
        network = NETWORKS[name]()
    network.load_state_dict(state, assign=True)
    return network.eval().requires_grad_(False).to(dtype)


def thin(values):
    """Some of the numbers of a result, evenly."""
    flat = np.asarray(values).ravel()
    return flat[:: max(1, flat.size // KEPT)]


def apart(one, other):
    """The length of the difference, relative to the other's."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    return float(np.linalg.norm(one - other) / np.linalg.norm(other))
