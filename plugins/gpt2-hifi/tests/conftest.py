"""Fixtures of the speech decoder: a home of its own, one thread, small networks."""

from __future__ import annotations

import pytest
import torch
from speech_cases import SMALL, normal

from pfy_plugin_gpt2_hifi.decoder import Gpt2Hifi


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
