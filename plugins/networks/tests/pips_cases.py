"""A video and a network for the tests of PIPs++, and where the published program says its points go."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pfy_core import checkpoint
from pfy_plugin_networks import pips_network

GOLDEN = Path(__file__).with_name("fvmd-1.0.0-tracks.npz")
"""Tracks (16 9 2) by the package fvmd 1.0.0: ``nox -s oracle_metrics -- --golden`` writes it."""
SIDE, GRID, PASSES = 128, 3, 5
"""Pixels, points a side, and the fewest passes of which the last one makes half a correction."""


def state(seed=0):
    """Random parameters whose corrections are small enough that points stay in the picture."""
    made = checkpoint.seeded(pips_network.outline().state_dict(), seed)
    made["delta_block.dense.weight"] *= 0.05
    return made


def network(seed=0):
    made = pips_network.outline()
    made.load_state_dict(state(seed), assign=True)
    return made


def frames(count=16, seed=0):
    """Soft colours that change from frame to frame (count 128 128 3)."""
    rough = np.random.default_rng(seed).integers(0, 256, (count, SIDE // 16, SIDE // 16, 3))
    for axis in (1, 2):
        rough = rough.repeat(16, axis)
        rough = sum(np.roll(rough, shift, axis) for shift in range(16)) // 16
    return rough.astype(np.uint8)
