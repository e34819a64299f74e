"""How sharp and how grainy a photo's face is, so that what is painted into it matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.eye_shape import luminance
from pfy_plugin_portrait.pixels import blur

if TYPE_CHECKING:
    from pfy_plugin_portrait.eye_shape import EyeShape, Patch
    from pfy_plugin_portrait.face import Face
    from pfy_plugin_portrait.ports import Array, Bytes

SOFTEST = 6.0
GRAINIEST = 5.0
"""Greatest grain, of 255: more is texture of the skin."""
SHARPEST = 0.45
"""Standard deviation of the blur of an edge, in pixels, that a sampled picture has at least."""


def sharpness(face: Face, image: Bytes) -> float:
    """Blur of the face's sharpest edges as the standard deviation of a Gaussian, in pixels.

    For an edge of height h blurred by sigma the steepest slope is h / (sigma sqrt(2 pi)).
    """
    oval = face.flat[list(anatomy.OVAL)]
    low = np.maximum(np.floor(oval.min(0)).astype(int), 0)
    high = np.ceil(oval.max(0)).astype(int) + 1
    grey = luminance(image[low[1] : high[1], low[0] : high[0]].astype(np.float32))
    if min(grey.shape) < 16:
        return SHARPEST
    slope = np.hypot(
        cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.125)
    )
    size = 2 * max(2, round(0.025 * face.iod)) + 1
    around = np.ones((size, size), np.uint8)
    height = cv2.dilate(grey, around) - cv2.erode(grey, around)
    steep = slope >= np.percentile(slope, 98.5)
    steep &= height > 12
    if not steep.any():
        return SHARPEST
    sigma = float(np.percentile(height[steep] / (slope[steep] * np.sqrt(2 * np.pi)), 25))
    return float(np.clip(np.sqrt(max(sigma**2 - 0.3, 0)), SHARPEST, SOFTEST))


def grain(photo: Array, painted: Array, shape: EyeShape, patch: Patch) -> Array:
    """Noise (h w 3) for a painted part of a patch, as strong as on the smooth skin of the photo."""
    fine = photo - cv2.GaussianBlur(photo, (0, 0), 1.5 * patch.zoom)
    local = shape.local(patch.points)
    row = shape.index(local[..., 0])
    below = local[..., 1] - shape.lower.astype(np.float32)[row]
    skin = luminance(fine)[(below > 0.06) & (below < 0.14) & (np.abs(local[..., 0]) < shape.half)]
    if not skin.size:
        return np.zeros_like(painted)
    # The median tells grain from wrinkles and moles (1.48 of it is a normal deviation).
    strength = min(1.48 * float(np.median(np.abs(skin))), GRAINIEST)
    noise = np.random.default_rng(3).normal(0, 1, photo.shape[:2]).astype(np.float32)
    noise = blur(noise, 0.6 * patch.zoom)
    noise *= strength / max(float(noise.std()), 1e-6)
    # Dark parts are less grainy.
    return np.asarray(noise[..., None] * np.sqrt(np.clip(painted / 255, 0, 1)), np.float32)
