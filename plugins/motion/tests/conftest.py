"""Fixtures of the motion plugin: a talking wave, landmarks, tokens and motion."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_home import home as home

from pfy_core.testing import faces
from pfy_plugin_motion.ports import RATE


@pytest.fixture(scope="session")
def wave():
    """``wave(seconds, seed=0)``: syllables of a buzzing voice, float32 (s) at 16 kHz."""

    def made(seconds, seed=0):
        times = np.arange(round(seconds * RATE)) / RATE
        random = np.random.default_rng(seed)
        buzz = sum(np.sin(2 * np.pi * 120 * k * times) / k for k in range(1, 20))
        syllables = np.clip(np.sin(2 * np.pi * 2.5 * times + seed), 0, 1)
        return (0.1 * syllables * buzz + 1e-3 * random.standard_normal(len(times))).astype(np.float32)

    return made


@pytest.fixture(scope="session")
def landmarks():
    return faces.landmarks(256, 256)


@pytest.fixture(scope="session")
def tokens():
    """``tokens(t, seed=0)``: normal (t 512)."""

    def made(*shape, seed=0):
        return torch.randn(*shape, 512, generator=torch.Generator().manual_seed(seed))

    return made


@pytest.fixture(scope="session")
def stirred():
    """Gives every parameter of a component some weight, so that all of them matter."""

    def stir(component, seed=0):
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in component.network().parameters():
                parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
        return component

    return stir
