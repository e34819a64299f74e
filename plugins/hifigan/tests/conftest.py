"""Fixtures of the voice encoder: a home of its own, one thread, and a small encoder."""

from __future__ import annotations

import pytest
import voice_cases
from torch_home import home as home

from pfy_plugin_hifigan import model
from pfy_plugin_hifigan.encoder import HifiGan


@pytest.fixture(scope="session")
def encoder():
    """The component with tiny random weights."""
    return HifiGan(size="tiny")


@pytest.fixture(scope="session")
def networks():
    """The networks of the small case, whose results coqui-tts gave too."""
    return model.seeded(voice_cases.SMALL, voice_cases.SEED).eval()
