"""The networks beside the programs that their protocols are named after: nox -s oracle_metrics.

The same random parameters, by the published files' keys, go into both.
"""

import network_references as theirs
import numpy as np
import pytest
import torch
from network_cases import FRAMES, NETWORKS, apart, clip, given, ours, random_state, sound
from network_references import MAKERS, PROTOCOLS, google_patches

from pfy_core import checkpoint, weights
from pfy_plugin_networks import mel, pictures
from pfy_plugin_networks.of_pictures import InceptionExtractor
from pfy_plugin_networks.of_video import I3DExtractor
from pfy_plugin_networks.units import current

DOUBLE, SINGLE = 1e-10, 1e-5
"""Relative differences that rounding makes in 64 and in 32 bits."""
RESIZE = pictures.FID | {"fvd/i3d-400-logits-16f": pictures.fvd}


@pytest.fixture(scope="module")
def inception_state():
    return random_state("inception/2015-12-05")


@torch.no_grad()
@pytest.mark.parametrize("name", MAKERS)
def test_networks(name):
    state = random_state(name)
    for dtype, bound in ((torch.float64, DOUBLE), (torch.float32, SINGLE)):
        expected = MAKERS[name](state, dtype)(given(name, dtype))
        found = apart(ours(name, state, dtype)(given(name, dtype)), expected)
        print(f"{name} {dtype}: {found:.1e}")
        assert found <= bound


@torch.no_grad()
@pytest.mark.parametrize("frames", [10, 15, 17])
def test_clips_of_any_length(frames):
    name = "i3d/kinetics-400"
    state = random_state(name)
    taken = torch.from_numpy(np.random.RandomState(frames).standard_normal((1, 3, frames, 224, 224))).float()
    found = apart(ours(name, state, torch.float32)(taken), theirs.video(state)(taken))
    assert found <= SINGLE


@pytest.mark.parametrize("size", FRAMES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_resizing(protocol, size):
    frames = clip(*FRAMES[size])
    made = RESIZE[protocol](frames, 224 if protocol.startswith("fvd") else 299).numpy()
    difference = np.abs(made - theirs.resized(protocol, frames)).max()
    print(f"{protocol} {size}: {difference:.1e}")
    assert difference <= 1e-6


@torch.no_grad()
@pytest.mark.parametrize("size", FRAMES)
def test_frames_to_features_of_pytorch_fid(inception_state, size, tmp_path):
    frames = clip(*FRAMES[size])
    images = torch.from_numpy(frames).permute(0, 3, 1, 2)
    checkpoint.save(tmp_path / "file.safetensors", inception_state)
    extractor = InceptionExtractor(weights=str(tmp_path / "file.safetensors"))
    found = apart(extractor(iter([frames])), theirs.fid_of_pytorch(inception_state)(images / 255))
    print(f"pytorch-fid {size}: {found:.1e}")
    assert found <= SINGLE


@pytest.mark.parametrize("size", FRAMES)
def test_frames_to_features_of_torch_fidelity(inception_state, size, tmp_path):
    frames = clip(*FRAMES[size])
    images = torch.from_numpy(frames).permute(0, 3, 1, 2)
    checkpoint.save(tmp_path / "file.safetensors", inception_state)
    options = {"weights": str(tmp_path / "file.safetensors"), "protocol": "fid/tf-compat"}
    expected = theirs.fid_of_torch_fidelity(inception_state, tmp_path)(images)
    found = apart(InceptionExtractor(**options)(iter([frames])), expected)
    print(f"torch-fidelity {size}: {found:.1e}")
    assert found <= SINGLE


@torch.no_grad()
def test_frames_to_features_of_cdfvd(tmp_path):
    state = random_state("i3d/kinetics-400")
    checkpoint.save(tmp_path / "file.safetensors", state)
    frames = clip(16, 120, 160)
    expected = theirs.video(state)(theirs.preprocess_i3d(frames[None]))
    found = apart(I3DExtractor(weights=str(tmp_path / "file.safetensors"))(iter([frames])), expected)
    print(f"cd-fvd: {found:.1e}")
    assert found <= SINGLE


@pytest.mark.parametrize("seconds", [0.98, 1.0, 2.7, 7.31])
def test_patches(seconds):
    wave = sound(seconds)
    assert apart(mel.patches(wave, "fad/torch-0.96s"), theirs.examples(wave)) <= 1e-7
    if seconds >= 1:
        assert apart(mel.patches(wave, "fad/google-1s-0.5s"), google_patches(wave)) <= 1e-7


@torch.no_grad()
def test_pictures_with_the_published_parameters():
    name = "efficientnet-lite0/imagenet"
    weights.path(name)
    whole, state = checkpoint.read(name), checkpoint.read(name, current)
    for dtype, bound in ((torch.float64, DOUBLE), (torch.float32, SINGLE)):
        expected = theirs.pictures(whole, dtype)(given(name, dtype))
        found = apart(ours(name, state, dtype)(given(name, dtype)), expected)
        print(f"{name}, published, {dtype}: {found:.1e}")
        assert found <= bound


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_keys(name):
    assert theirs.keys(name) == {key: tuple(value.shape) for key, value in random_state(name).items()}
