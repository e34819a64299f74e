"""SyncNet beside syncnet-python 0.2.3, python_speech_features 0.6 and ffmpeg: nox -s oracle_metrics."""

from __future__ import annotations

import subprocess

import av
import cv2
import numpy as np
import pytest
import python_speech_features
import syncnet_cases as cases
import torch
from imageio_ffmpeg import get_ffmpeg_exe
from their_syncnet import crops, evaluated, module, network

from pfy_plugin_metrics.lse import sync
from pfy_plugin_networks import syncnet_frames, syncnet_network
from pfy_plugin_networks.syncnet_comparison import Comparison, samples
from pfy_plugin_networks.syncnet_mfcc import mfcc


@pytest.mark.parametrize("count", [6, 17, 40])
@pytest.mark.parametrize("seed", [0, 5])
def test_distances_and_scores(count, seed):
    ours = Comparison(syncnet_network.initialised(1, seed), "lse/wav2lip-lrs", False, 7, "cpu")
    frames, wave = cases.frames(count, seed=seed), cases.wave(count, seed)
    expected, (offset, confidence, distance) = evaluated(
        network(ours.network.state_dict()), frames[..., ::-1], samples(wave)
    )
    found = ours(frames, wave, None)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    said = sync(found)
    assert said.distance == pytest.approx(distance, rel=1e-5)
    assert said.confidence == pytest.approx(confidence, abs=1e-5 * distance)
    assert said.offset == offset


def test_features_in_float64():
    ours = syncnet_network.initialised(1, 4).double()
    theirs = network(ours.state_dict()).double()
    pictures = torch.from_numpy(cases.frames(9)).permute(0, 3, 1, 2).double()
    windows = torch.stack([pictures[start : start + 5].transpose(0, 1) for start in range(5)])
    cepstra = torch.randn(4, 1, 13, 20, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(ours.lips(pictures), theirs.forward_lip(windows), rtol=1e-10, atol=1e-9)
        torch.testing.assert_close(ours.sound(cepstra), theirs.forward_aud(cepstra), rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("length", [1, 399, 400, 401, 560, 561, 16_000, 700_001])
def test_cepstra(length):
    sound = (3000 * np.random.default_rng(length).standard_normal(length)).astype(np.int16)
    sound[length // 3 : length // 2] = 0
    np.testing.assert_allclose(mfcc(sound), python_speech_features.mfcc(sound, 16_000), rtol=0, atol=1e-9)


def test_crops():
    random = np.random.default_rng(0)
    boxes = np.array([120, 60, 260, 240.0]) + random.normal(0, 4, (20, 4))
    boxes[9:15] += [200, 90, 200, 100]  # so far that grey is seen
    points = np.full((20, 478, 3), np.nan, np.float32)
    weights = random.random((20, 476, 2))
    boxes = boxes.astype(np.float32).astype(float)
    low, high = boxes[:, None, :2], boxes[:, None, 2:]
    points[:, :476, :2] = low + weights * (high - low)
    points[:, 476:, :2] = boxes.reshape(20, 2, 2)
    points[:, :, 2] = 0
    pictures = cases.frames(20, 300, 400)[..., ::-1]
    found = syncnet_frames.squeezed(syncnet_frames.cropped(pictures, syncnet_frames.track(points)))
    np.testing.assert_array_equal(np.stack(list(found)), crops(pictures, boxes))


def test_whole_frames_are_squeezed_as_wav2lip_does():
    pictures = cases.frames(2, 300, 400)
    (found, _) = syncnet_frames.squeezed(pictures)
    np.testing.assert_array_equal(found, cv2.resize(pictures[0], (224, 224)))


def test_jpeg_files(tmp_path):
    """ffmpeg's own program writes nearly the same: its frames come from the video and not from RGB."""
    film, size = tmp_path / "film.mkv", "256x256"
    pictures = cv2.GaussianBlur(cases.frames(1, 280, 280)[0], (0, 0), 5)
    moving = [np.ascontiguousarray(pictures[i : 256 + i, i : 256 + i]) for i in range(20)]
    ffmpeg = [get_ffmpeg_exe(), "-y", "-loglevel", "error"]
    raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", size, "-r", "25", "-i", "-"]
    coded = ["-c:v", "ffv1", "-pix_fmt", "yuv420p", str(film)]
    subprocess.run([*ffmpeg, *raw, *coded], input=b"".join(map(bytes, moving)), check=True)
    files = ["-i", str(film), "-threads", "1", "-f", "image2", str(tmp_path / "%06d.jpg")]
    subprocess.run([*ffmpeg, *files], check=True)
    theirs = [cv2.imread(str(file)).astype(float) for file in sorted(tmp_path.glob("*.jpg"))]
    with av.open(film) as opened:
        decoded = [frame.to_ndarray(format="bgr24") for frame in opened.decode(video=0)]
    ours = list(syncnet_frames.through_jpeg(decoded))
    assert len(ours) == len(theirs) == 20
    lost = [np.abs(one - other).mean() for one, other in zip(theirs, decoded, strict=True)]
    apart = [np.abs(one - other).mean() for one, other in zip(theirs, ours, strict=True)]
    print("lost", np.round(lost, 2), "apart", np.round(apart, 2))
    assert np.mean(apart) < np.mean(lost)


def test_the_package_is_the_one_that_is_named():
    from importlib.metadata import version

    assert (version("syncnet-python"), version("python-speech-features")) == ("0.2.3", "0.6")
    assert module("SyncNetModel").S
