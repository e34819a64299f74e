"""Fixtures of the voice encoder: a home of its own, one thread, and a small encoder."""

from __future__ import annotations

import pytest
import torch
import voice_cases

from pfy_plugin_hifigan import model
from pfy_plugin_hifigan.encoder import HifiGan


@pytest.fixture(autouse=True, scope="session")
def home(tmp_path_factory):
    """A home of its own, and one thread, so that results do not depend on the machine's cores."""
    ours, threads = tmp_path_factory.mktemp("home"), torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PFY_HOME", str(ours))
        yield ours
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def encoder():
    """The component with tiny random weights."""
    return HifiGan(size="tiny")


@pytest.fixture(scope="session")
def networks():
    """The networks of the small case, whose results coqui-tts gave too."""
    return model.seeded(voice_cases.SMALL, voice_cases.SEED).eval()
