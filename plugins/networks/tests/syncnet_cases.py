"""A video and a network for the tests of SyncNet, and what the published program says of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pfy_plugin_networks import syncnet_network

GOLDEN = Path(__file__).with_name("syncnet-python-0.2.3.npz")
"""Distances and cepstra by syncnet-python 0.2.3 and python_speech_features 0.6: written by
``nox -s oracle_metrics -- --golden``."""
FRAMES = 12


def network():
    """Of the published size, with random parameters."""
    return syncnet_network.initialised(1, 3)


def frames(count=FRAMES, height=224, width=224, seed=0):
    """Squares of colour that change from frame to frame (count height width 3)."""
    drawn = np.random.default_rng(seed).integers(
        0, 256, (count, -(-height // 28), -(-width // 28), 3), np.uint8
    )
    return drawn.repeat(28, 1).repeat(28, 2)[:, :height, :width]


def wave(count=FRAMES, seed=1):
    """Noise that comes and goes, for so many frames of 40 ms and half of one more."""
    samples = count * 640 + 320
    loudness = 0.2 * np.sin(np.arange(samples) / 900) ** 2
    return (loudness * np.random.default_rng(seed).standard_normal(samples)).astype(np.float32)
