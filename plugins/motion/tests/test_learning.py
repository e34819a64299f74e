"""All parts together learn one batch by heart, and every parameter that should learn gets a gradient."""

import numpy as np
import pytest
import torch

from pfy_plugin_motion.decoder import MotionDiffusion
from pfy_plugin_motion.face import FaceTokensEncoder
from pfy_plugin_motion.ports import SAMPLES
from pfy_plugin_motion.speech import MelConvEncoder

FRAMES, CLIPS = 24, 3


@pytest.fixture
def batch(wave, landmarks):
    said = np.stack([wave(1.0, seed)[: FRAMES * SAMPLES] for seed in range(CLIPS)])
    loud = torch.from_numpy(np.mean(said.reshape(CLIPS, FRAMES, SAMPLES) ** 2, axis=2))
    motion = torch.zeros(CLIPS, FRAMES, 58)
    motion[..., 17] = loud / loud.max()
    faces = torch.from_numpy(np.stack([landmarks * (1 + 0.1 * k) for k in range(CLIPS)]))
    return torch.from_numpy(said), faces.float(), motion


def loss(parts, batch, seeds, **options):
    wave, faces, motion = batch
    speech, face, decoder = parts
    learnt = decoder.learn(speech.learn(wave, seeds=seeds), face.learn(faces), motion, seeds=seeds)
    return (learnt.prediction - learnt.target).square().mean()


def test_one_batch_is_learnt_by_heart(batch):
    parts = MelConvEncoder(), FaceTokensEncoder(), MotionDiffusion()
    parameters = [p for part in parts for p in part.network().train().parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=2e-3)
    seeds = torch.arange(CLIPS)
    before = loss(parts, batch, seeds).item()
    for _ in range(60):
        optimiser.zero_grad()
        loss(parts, batch, seeds).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
    assert loss(parts, batch, seeds).item() < before / 5


def test_a_gradient_reaches_every_parameter(batch, stirred):
    parts = [stirred(part) for part in (MelConvEncoder(), FaceTokensEncoder(), MotionDiffusion())]
    # Some of many seeds leave speech out: its stand-in learns from these.
    seeds = next(s for s in map(torch.tensor, ([k, k + 1, k + 2] for k in range(200))) if deaf(s) == 1)
    loss(parts, batch, seeds).backward()
    without = [
        f"{type(part).__name__}.{name}"
        for part in parts
        for name, parameter in part.network().named_parameters()
        if parameter.grad is None or not parameter.grad.any()
    ]
    assert without == []


def deaf(seeds):
    from pfy_core.trainable import draws
    from pfy_plugin_motion.decoder import DEAF

    return int((draws(seeds, (2,), uniform=True, salt=3)[:, 1] < DEAF).sum())
