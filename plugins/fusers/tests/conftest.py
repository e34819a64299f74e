"""Fixtures of the fusers plugin: tokens, and fusers that already do something."""

from __future__ import annotations

import pytest
import torch
from torch_home import home as home

from pfy_plugin_fusers.fusers import ETE, STE


@pytest.fixture(scope="session")
def tokens():
    """Normal tokens: ``tokens(t, seed=0)`` is (t 512)."""

    def made(*shape, seed=0):
        return torch.randn(*shape, 512, generator=torch.Generator().manual_seed(seed))

    return made


@pytest.fixture(scope="session")
def stir():
    """Replaces every parameter of a module, so that all of them matter; returns the module."""

    def stirred(module, seed=0):
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in module.parameters():
                noise = torch.randn(parameter.shape, generator=generator)
                parameter.copy_(noise * 0.05 if parameter.ndim == 2 else 1 + noise * 0.2)
        return module

    return stirred


@pytest.fixture(params=[ETE, STE], ids=["ete", "ste"])
def fuser(request, stir):
    """A fuser whose parameters are far from where they start."""
    made = request.param()
    stir(made.encoders)
    return made


@pytest.fixture(scope="session")
def stirred(stir):
    """One such fuser for tests that only call it, many times."""
    made = ETE()
    stir(made.encoders)
    return made


@pytest.fixture
def sources(tokens):
    """Tokens for every port, by name; ``visual`` is a list."""
    return {
        "visual": [tokens(5, seed=1), tokens(2, seed=2)],
        "voice": tokens(4, seed=3),
        "speaker": tokens(1, seed=4),
        "speech": tokens(6, seed=5),
        "text": tokens(3, seed=6),
    }


@pytest.fixture
def call(sources):
    """Calls a fuser with all sources but those given here, which replace them (None: leave out)."""

    def called(fuser, **changed):
        given = sources | changed
        return fuser(*given.pop("visual"), **given)

    return called
