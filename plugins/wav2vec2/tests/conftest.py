"""Fixtures of the wav2vec2 plugin: a tiny network, waves, and no settings from outside."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_home import home as home

from pfy_plugin_wav2vec2 import network


@pytest.fixture(scope="session")
def tiny():
    """A tiny network whose every parameter matters."""
    model = network.initialised("tiny", 3)
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return model


@pytest.fixture(scope="session")
def wave():
    """``wave(samples)``: tones that come and go, float32 within -1 and 1."""

    def made(samples, seed=0):
        t = np.arange(samples) / 16_000
        drawn = np.random.default_rng(seed)
        tones = sum(np.sin(2 * np.pi * f * t) for f in drawn.uniform(100, 3000, 4))
        return (0.1 * tones * (1 + np.sin(2 * np.pi * 3 * t))).astype(np.float32)

    return made


@pytest.fixture(scope="session")
def saved(tiny, tmp_path_factory):
    """The tiny network's parameters as a checkpoint ``facebook/wav2vec2-base-960h`` would hold them."""
    from safetensors.torch import save_file

    state = {f"wav2vec2.{key}": value.clone() for key, value in tiny.state_dict().items()}
    for new, old in (("original0", "weight_g"), ("original1", "weight_v")):
        stem = "wav2vec2.encoder.pos_conv_embed.conv."
        state[stem + old] = state.pop(f"{stem}parametrizations.weight.{new}")
    state |= {"lm_head.weight": torch.zeros(32, 64), "lm_head.bias": torch.zeros(32)}
    state |= {"wav2vec2.masked_spec_embed": torch.zeros(64)}
    file = tmp_path_factory.mktemp("weights") / "model.safetensors"
    save_file(state, file)
    return file
