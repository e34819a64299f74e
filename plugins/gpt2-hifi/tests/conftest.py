"""Fixtures of the speech decoder: a home of its own, one thread, small networks."""

from __future__ import annotations

import pytest
from speech_cases import SMALL, normal
from torch_home import home as home

from pfy_plugin_gpt2_hifi.decoder import Gpt2Hifi


@pytest.fixture(scope="session")
def networks():
    """The networks of the small case, whose results coqui-tts gave too."""
    return SMALL.networks()


@pytest.fixture(scope="session")
def decoder():
    """The component with tiny random weights, and few codes to a sentence."""
    return Gpt2Hifi(size="tiny", max_codes=50)


@pytest.fixture(scope="session")
def latents():
    """Tokens of a voice and a speaker, and one more."""
    return normal(8 + 2, 512, seed=5)
