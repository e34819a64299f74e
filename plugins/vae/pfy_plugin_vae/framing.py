"""Images of any shape brought to a square of pixels."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pfy_core import InputError

Fit = Literal["crop", "pad", "squash"]
"""How an image that is not square becomes so: ``crop`` cuts what is too wide on both sides alike, and what is
too high mostly below; ``pad`` repeats the pixels of its rim; ``squash`` distorts it, as Hallo does."""
ABOVE = 0.25
"""Share of the surplus height that ``crop`` cuts above: in a portrait photo the face is in the upper half."""


def square(image: np.ndarray, size: int, fit: Fit) -> Tensor:
    """An image (h w 3) uint8 -> (3 size size), -1 to 1, resampled bilinearly with antialiasing (Pillow's).

    Raises InputError for what is no such image.
    """
    wants = "an image (h w 3), uint8"
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        raise InputError(f"image: {getattr(image, 'dtype', type(image).__name__)}", wants)
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise InputError(f"image: shape ({' '.join(map(str, image.shape))})", wants)
    height, width = image.shape[:2]
    side = min(height, width)
    if fit == "crop":
        top, left = round((height - side) * ABOVE), (width - side) // 2
        image = image[top : top + side, left : left + side]
    elif fit == "pad":
        rows, columns = max(height, width) - height, max(height, width) - width
        sides = ((rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2), (0, 0))
        image = np.pad(image, sides, mode="edge")
    if image.shape[:2] != (size, size):
        image = np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR))
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)
    return pixels.float() / 127.5 - 1


def frames(images: Tensor) -> np.ndarray:
    """Images (t 3 h w), -1 to 1 and cut to it -> (t h w 3) uint8."""
    bounded = ((images.float() / 2 + 0.5).clamp(0, 1) * 255).round()
    made: np.ndarray = bounded.to("cpu", torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
    return made
