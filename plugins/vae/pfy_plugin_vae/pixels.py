"""Images as the network's numbers, and back."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pfy_core import InputError


def pixels(image: np.ndarray, size: int) -> Tensor:
    """A square image (h h 3) uint8 -> (3 size size), -1 to 1.

    Resampled bilinearly with antialiasing (Pillow's). Raises InputError for what is no such image.
    """
    wants = "a square image (h h 3), uint8"
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        raise InputError(f"image: {getattr(image, 'dtype', type(image).__name__)}", wants)
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise InputError(f"image: shape ({' '.join(map(str, image.shape))})", wants)
    height, width = image.shape[:2]
    if height != width:
        fix = "put adapter/square before it: it frames the face, and moves its landmarks too"
        raise InputError(f"image: {width}x{height} pixels", wants, fix)
    if height != size:
        image = np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR))
    numbers = torch.from_numpy(np.array(image)).permute(2, 0, 1)
    return numbers.float() / 127.5 - 1


def frames(images: Tensor) -> np.ndarray:
    """Images (t 3 h w), -1 to 1 and cut to it -> (t h w 3) uint8."""
    bounded = ((images.float() / 2 + 0.5).clamp(0, 1) * 255).round()
    made: np.ndarray = bounded.to("cpu", torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
    return made
