"""Frames as the networks take them: each program's way to resize and to scale, named after it.

fid/pt-bilinear  pytorch-fid: bilinear without antialiasing, aligned at the borders
fid/tf-compat    torch-fidelity, TensorFlow 1: bilinear without antialiasing, aligned at the first pixel
fid/clean        clean-fid: bicubic with antialiasing (Pillow), in floats that are not rounded
lite0/bicubic    EfficientNet-Lite: bicubic with antialiasing (Pillow); here of the whole frame
fvd/16f          cd-fvd and VideoGPT: bilinear without antialiasing, aligned at the borders

A frame that is not square is squeezed, as all of them do. Parmar et al., arXiv 2104.11222, show how far these
ways are from one another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

Frames = NDArray[np.uint8]
FidProtocol = Literal["fid/pt-bilinear", "fid/tf-compat", "fid/clean"]
Prepare = Callable[[Frames, int], Tensor]
"""Frames (n h w 3) uint8, and pixels of a side -> (n 3 side side) float32, about -1 to 1."""


def pt_bilinear(frames: Frames, side: int) -> Tensor:
    """pytorch-fid 0.3.0: to 0..1, then resized, then to -1..1."""
    return 2 * _centred(_planes(frames) / 255, side) - 1


def tf_compat(frames: Frames, side: int) -> Tensor:
    """torch-fidelity 0.4: resized as TensorFlow 1 does, then (x - 128) / 128."""
    return (_cornered(_cornered(_planes(frames), 3, side), 2, side) - 128) / 128


def clean(frames: Frames, side: int) -> Tensor:
    """clean-fid 0.1.35: each channel resized in floats by Pillow and cut to 0..255, then (x - 128) / 128."""
    made = np.empty((len(frames), 3, side, side), np.float32)
    for index, frame in enumerate(frames):
        for channel in range(3):
            plane = Image.fromarray(frame[..., channel].astype(np.float32))
            made[index, channel] = np.asarray(plane.resize((side, side), Image.Resampling.BICUBIC))
    return (torch.from_numpy(made.clip(0, 255)) - 128) / 128


def bicubic(frames: Frames, side: int) -> Tensor:
    """Resized by Pillow in bytes, then (x - 127) / 128 (``MEAN_RGB``, ``STDDEV_RGB`` of its builder)."""
    made = [
        np.asarray(Image.fromarray(frame).resize((side, side), Image.Resampling.BICUBIC)) for frame in frames
    ]
    return (_planes(np.stack(made)) - 127) / 128


def fvd(frames: Frames, side: int) -> Tensor:
    """cd-fvd 0.1.1: resized, then 2x / 255 - 1."""
    return 2 * _centred(_planes(frames), side) / 255 - 1


FID: dict[str, Prepare] = {
    "fid/pt-bilinear": pt_bilinear,
    "fid/tf-compat": tf_compat,
    "fid/clean": clean,
}


def _planes(frames: Frames) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(frames.transpose(0, 3, 1, 2))).float()


def _centred(images: Tensor, side: int) -> Tensor:
    made: Tensor = functional.interpolate(images, size=(side, side), mode="bilinear", align_corners=False)
    return made


def _cornered(images: Tensor, axis: int, side: int) -> Tensor:
    """One axis of the images resized, as TensorFlow 1 did without ``align_corners``: place i is i * scale."""
    size = images.shape[axis]
    places = torch.arange(side, dtype=torch.float32) * torch.tensor(size / side, dtype=torch.float32)
    before = places.long()
    after = (before + 1).clamp(max=size - 1)
    part = (places - before).reshape([-1 if dim == axis else 1 for dim in range(4)])
    first, second = images.index_select(axis, before), images.index_select(axis, after)
    return first + (second - first) * part
