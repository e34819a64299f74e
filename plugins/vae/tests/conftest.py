"""Fixtures of the vae plugin."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_home import home as home

from pfy_plugin_vae.vae import VAEDecoder, VAEEncoder


@pytest.fixture(scope="session")
def encoder():
    return VAEEncoder(size="tiny", image_size=128)


@pytest.fixture(scope="session")
def decoder():
    return VAEDecoder(size="tiny")


@pytest.fixture(scope="session")
def image():
    """A square photo of nothing, with gradients and an edge."""
    y, x = np.mgrid[:128, :128]
    return np.stack([x * 2, y * 2, 255 * (x > y)], 2).astype(np.uint8)


@pytest.fixture(scope="session")
def latents():
    """Five frames of latents."""
    return torch.randn(5, 4, 8, 8, generator=torch.Generator().manual_seed(0)) * 0.2
