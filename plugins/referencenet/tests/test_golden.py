"""Parity with the authors' implementation on the same random weights and inputs: see golden.md."""

from pathlib import Path

import hallo_recipe as recipe
import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from pfy_plugin_referencenet import network, pixels, widths
from pfy_plugin_referencenet.conditions import Conditions, Features
from pfy_plugin_referencenet.video import Face, Settings, Video

CPU = torch.device("cpu")
WIDTHS = widths.tiny(speech=5 * 3 * 32)
EXACT = 1e-4
"""Largest error, relative to the standard deviation: float32 sums in another order, over a hundred layers."""


@pytest.fixture(scope="module")
def golden():
    with np.load(Path(__file__).with_name("golden.npz")) as file:
        return {name: torch.from_numpy(file[name]) for name in file}


@pytest.fixture(scope="module")
def net():
    made = network.seeded(WIDTHS, 0, torch.float32)
    made.load_state_dict(recipe.fill(made.state_dict(), seed=0))
    return made


@pytest.fixture(scope="module")
def codec():
    made = AutoencoderKL(**recipe.VAE).eval().requires_grad_(requires_grad=False)
    made.load_state_dict(recipe.fill(made.state_dict(), seed=5))
    return made


@pytest.fixture(scope="module")
def given():
    return recipe.inputs(WIDTHS)


def video(net, given, image, **settings):
    face = Face(image, given["region"].expand(3, -1, -1), tuple(given["regions"]), given["identity"])
    return Video(net, Settings(steps=recipe.STEPS, weights=recipe.WEIGHTS, **settings), face, 42, CPU)


def error(made, wanted):
    assert made.shape == wanted.shape
    return float((made - wanted).abs().max() / wanted.std())


@torch.no_grad()
def test_the_three_projections(net, given, golden):
    identity = torch.stack([torch.zeros(512), given["identity"]])
    assert error(net.imageproj(identity), golden["identity_tokens"]) < EXACT
    assert error(net.audioproj(given["speech"][:2]), golden["audio_tokens"]) < EXACT
    assert error(net.face_locator(given["region"].expand(1, 3, -1, -1))[0], golden["face"]) < EXACT


def test_the_features_of_the_reference_network_with_tiled_identity_tokens(net, given, golden):
    """The six rows are [image, m1, m2 | image, m1, m2], unconditional and conditional."""
    made = video(net, given, given["reference"][0])
    motion = made.motion(given["reference"][1:])
    for name, rows in (("features", "mid_block.attentions.0"), ("features_last", "up_blocks.3.attentions.2")):
        wanted = golden[name].unflatten(0, (2, 3))
        assert error(made.reference[rows][:, :4], wanted[:, 0]) < EXACT
        assert error(motion[rows][:, :, :4], wanted[:, 1:]) < EXACT


@torch.no_grad()
@pytest.mark.parametrize("branch", ["training", "evaluation"])
def test_one_step_of_the_denoising_network_in_both_branches(net, given, golden, branch):
    made, frames = video(net, given, given["reference"][0]), 4
    motion = made.motion(given["reference"][1:])
    audio = net.audioproj(given["speech"][:frames])
    conditions = Conditions(
        frames=frames,
        features={name: Features(made.reference[name], motion[name]) for name in motion},
        identity=golden["identity_tokens"],
        audio=audio,
        face=golden["face"][None],
        regions=tuple(given["regions"]),
        weights=recipe.WEIGHTS,
        branch=branch,
    )
    velocity = net.denoising_unet(given["latents"][:frames].repeat(2, 1, 1, 1), 974, conditions)
    assert error(velocity, golden[branch]) < EXACT


def test_two_chained_clips_with_guidance(net, codec, given, golden):
    """The first goes on from the source image, the second from the first one's last two frames."""
    latents = pixels.encoded(codec, given["image"][None])
    assert error(latents.expand(3, -1, -1, -1), golden["reference0"]) < EXACT
    made, before = video(net, given, latents[0]), latents.repeat(2, 1, 1, 1)
    for index in range(2):
        speech = given["speech"][index * recipe.FRAMES :][: recipe.FRAMES]
        clip = made.clip(speech, made.motion(before))
        assert error(clip, golden[f"clip{index}"]) < 10 * EXACT
        before = pixels.through_pixels(codec, clip[-2:])
    assert error(latents, golden["reference1"][:1]) < EXACT
