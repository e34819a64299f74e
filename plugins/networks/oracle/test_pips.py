"""PIPs++ beside the package fvmd 1.0.0: nox -s oracle_metrics."""

from __future__ import annotations

import numpy as np
import pips_cases as cases
import pytest
import torch
from their_pips import network, tracked

from pfy_plugin_networks.pips import grid


@pytest.mark.parametrize(("passes", "within"), [(1, 1e-4), (2, 2e-4), (8, 2e-3)])
def test_tracks(passes, within):
    """Within pixels; every pass multiplies the rounding of the one before, of both programs."""
    ours, frames = cases.network(1), cases.frames(seed=1)
    expected = tracked(network(cases.state(1)), frames, cases.GRID**2, passes)
    pictures = torch.from_numpy(frames).permute(0, 3, 1, 2).float()
    found = ours.follow(ours.encode(pictures), grid(cases.GRID, cases.SIDE), passes).numpy()
    print(passes, "passes:", np.abs(found - expected).max(), "of", np.abs(expected - expected[:1]).max())
    np.testing.assert_allclose(found, expected, rtol=0, atol=within)


def test_layers_in_float64():
    ours, theirs = cases.network(2).double(), network(cases.state(2)).double()
    drawn = torch.Generator().manual_seed(0)
    pictures = 2 * torch.rand(2, 3, 96, 128, dtype=torch.float64, generator=drawn) - 1
    seen = torch.randn(3, 16, 588, dtype=torch.float64, generator=drawn)
    motion = torch.randn(3, 16, 2, dtype=torch.float64, generator=drawn)
    with torch.no_grad():
        torch.testing.assert_close(ours.fnet(pictures), theirs.fnet(pictures), rtol=1e-10, atol=1e-10)
        # Their wavelengths are float32 whatever the rest is.
        expected = theirs.delta_block(seen, motion)
        torch.testing.assert_close(ours.delta_block(seen, motion), expected, rtol=1e-5, atol=1e-6)
