"""Masks of the face and the lips, as Hallo's audio modules were trained with.

Hallo, ``hallo/utils/util.py`` and ``hallo/datasets/image_processor.py``: rectangles around landmarks,
blurred at 64x64 in 8 bits.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 64
"""Side at which masks are blurred: that of the latent image of a picture of 512."""
FACE_BLUR, LIP_BLUR = 51, 31
"""Kernels of the blurs, in pixels of the 64."""
FACE_EXPANSION, LIP_EXPANSION = 1.2, 2.0
"""How much larger than the landmarks' extent the rectangles are."""

Box = tuple[int, int, int, int]
"""Left, right, top, bottom in pixels; right and bottom are not inside."""


def extent(points: NDArray[np.floating], expansion: float, height: int, width: int) -> Box:
    """The rectangle around points (n 2 or more) in pixels, so much larger, pushed back into the picture.

    What reaches over one edge is moved to the other side and not cut, in whole pixels; a rectangle that
    is larger than the picture is cut there.
    """
    low = np.round(points[:, :2].min(axis=0))
    high = np.round(points[:, :2].max(axis=0))
    sides = []
    for start, end, size in zip(low, high, (width, height), strict=True):
        half = (end - start) * expansion // 2
        first, last = (start + end) // 2 - half, (start + end) // 2 + half
        if first < 0:
            first, last = 0, last - first
        if last > size:
            first, last = first - (last - size), size
        sides += [max(0, round(float(first))), round(float(last))]
    return sides[0], sides[1], sides[2], sides[3]


def filled(box: Box, height: int, width: int) -> NDArray[np.uint8]:
    """A picture (h w) that is 255 inside a box and 0 elsewhere."""
    left, right, top, bottom = box
    made = np.zeros((height, width), np.uint8)
    made[top:bottom, left:right] = 255
    return made


def blurred(mask: NDArray[np.uint8], kernel: int) -> NDArray[np.uint8]:
    """A mask (h w) at 64x64, blurred, its darkest at 0 and its brightest at 255."""
    small = cv2.resize(mask, (SIDE, SIDE))
    soft = cv2.GaussianBlur(small, (kernel, kernel), 0)
    return cv2.normalize(soft, np.empty_like(soft), 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def hierarchical(face: NDArray[np.uint8], lips: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Masks of the face and the lips (h w) -> (3 64 64): around the face, face without lips, lips.

    The differences stop at 0, as those of 8-bit pictures do.
    """
    soft_face, soft_lips = blurred(face, FACE_BLUR), blurred(lips, LIP_BLUR)
    # In two steps, as released: 1 - x/255 in floats and cut to 8 bits is 255 - x, less one where
    # the float falls below the integer.
    around = ((1.0 - soft_face / 255.0) * 255).astype(np.uint8)
    return np.stack([around, cv2.subtract(soft_face, soft_lips), soft_lips])


def at_size(masks: NDArray[np.uint8], height: int, width: int) -> NDArray[np.float32]:
    """Masks (n 64 64) of 8 bits -> (n height width), 0 to 1, bilinear."""
    scaled = [cv2.resize(mask.astype(np.float32) / 255, (width, height)) for mask in masks]
    return np.stack(scaled).astype(np.float32)
