"""The programs that the protocols are named after, on given parameters and without their downloads."""

from __future__ import annotations

from functools import partial
from unittest.mock import patch

import bare_torchvision
import numpy as np
import torch
from cdfvd.third_party.i3d.pytorch_i3d import InceptionI3d
from cdfvd.third_party.i3d.utils import preprocess_i3d
from cleanfid.resize import build_resizer
from efficientnet_lite_pytorch import EfficientNet
from pytorch_fid import inception as pytorch_fid
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x
from torchvggish import torchvggish, vggish_input

from pfy_plugin_networks.mel import SECOND, STEP

assert bare_torchvision.LIBRARY
PROTOCOLS = ("fid/pt-bilinear", "fid/tf-compat", "fid/clean", "fvd/i3d-400-logits-16f")


def fid_of_pytorch(state, dtype=torch.float32, whole=True):
    """pytorch-fid: images (n 3 h w), 0 to 1 -> (n 2048); not ``whole``: the bare network, -1 to 1."""
    with patch.object(pytorch_fid, "load_state_dict_from_url", lambda *_, **__: state):
        network = pytorch_fid.InceptionV3(resize_input=whole, normalize_input=whole).eval().to(dtype)
    return lambda images: network(images)[0][:, :, 0, 0]


def fid_of_torch_fidelity(state, folder, dtype="float32"):
    """torch-fidelity's extractor: images (n 3 h w) uint8 -> (n 2048)."""
    torch.save(state, folder / "inception.pth")
    options = {
        "feature_extractor_weights_path": str(folder / "inception.pth"),
        "feature_extractor_internal_dtype": dtype,
    }
    extractor = FeatureExtractorInceptionV3("inception-v3-compat", ["2048"], **options)
    return lambda images: extractor(images)[0]


def resized(protocol, frames):
    """Frames (n h w 3) as the network of each program gets them (n 3 side side)."""
    images = torch.from_numpy(frames).permute(0, 3, 1, 2).float()
    if protocol == "fid/pt-bilinear":
        options = {"size": (299, 299), "mode": "bilinear", "align_corners": False}
        return (2 * torch.nn.functional.interpolate(images / 255, **options) - 1).numpy()
    if protocol == "fid/tf-compat":
        made = interpolate_bilinear_2d_like_tensorflow1x(images, size=(299, 299), align_corners=False)
        return ((made - 128) / 128).numpy()
    if protocol == "fid/clean":
        made = np.stack([build_resizer("clean")(frame) for frame in frames])
        return (made.transpose(0, 3, 1, 2) - 128) / 128
    return preprocess_i3d(frames[None])[0].transpose(0, 1).numpy()


def video(state, dtype=torch.float32):
    """cd-fvd's I3D: clips (n 3 t 224 224) -> (n 400)."""
    network = InceptionI3d(400, in_channels=3)
    network.load_state_dict(state)
    return network.eval().to(dtype)


def sound(state, dtype=torch.float32):
    """torchvggish without its last activation, as frechet-audio-distance takes it: (n 96 64) -> (n 128)."""
    network = torchvggish._vgg()
    network.load_state_dict(state)
    network.embeddings = network.embeddings[:-1]
    network.eval().to(dtype)
    return lambda patches: network(patches[:, None])


def examples(wave):
    """torchvggish's patches of a recording at 16 kHz: (n 96 64)."""
    return vggish_input.waveform_to_examples(wave, 16_000)[:, 0].detach().numpy()


def google_patches(wave):
    """Google's windows, each given to the spectrum of torchvggish, which is a port of Google's."""
    samples = wave.astype(np.float64)
    samples = samples / np.maximum(0.1, np.amax(samples))
    starts = range(0, len(samples) - SECOND + 1, STEP)
    return np.concatenate([examples(samples[start : start + SECOND]) for start in starts])


def pictures(state, dtype=torch.float32):
    """efficientnet-lite-pytorch's network up to the mean: (n 3 224 224) -> (n 1280)."""
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(state)
    network.eval().to(dtype)
    return lambda images: network.extract_features(images).mean(dim=(2, 3))


def keys(name):
    """The keys and shapes that each program asks of the published file, counters left out."""
    makers = {
        "inception/2015-12-05": _inception_keys,
        "i3d/kinetics-400": lambda: InceptionI3d(400, in_channels=3).state_dict(),
        "vggish/audioset": lambda: torchvggish._vgg().state_dict(),
        "efficientnet-lite0/imagenet": lambda: EfficientNet.from_name("efficientnet-lite0").state_dict(),
    }
    with torch.device("meta"):
        wanted = makers[name]()
    return {key: tuple(value.shape) for key, value in wanted.items() if "num_batches" not in key}


def _inception_keys():
    """Those of the network that pytorch-fid loads the file into."""
    found = {}

    class Kept(Exception):
        pass

    def keep(module, *_, **__):
        found.update(module.state_dict())
        raise Kept

    asked = patch.object(torch.nn.Module, "load_state_dict", keep)
    with asked, patch.object(pytorch_fid, "load_state_dict_from_url"):
        try:
            pytorch_fid.fid_inception_v3()
        except Kept:
            return found
    raise AssertionError


MAKERS = {
    "inception/2015-12-05": partial(fid_of_pytorch, whole=False),
    "i3d/kinetics-400": video,
    "vggish/audioset": sound,
    "efficientnet-lite0/imagenet": pictures,
}
"""The networks by the published files' names."""
