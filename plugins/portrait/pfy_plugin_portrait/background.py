"""The person apart from the background: a sharper matte, clean colours at its edge, another background."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import ImageColor

from pfy_core import InputError
from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from pfy_plugin_portrait.ports import Array, Bytes

REACH = 1 / 110
"""Radius of the guided filter, of the picture's longer side: what the matte's 256 pixels blur."""
EPSILON = 2e-4
"""Regularisation of the guided filter: edges of the picture above a contrast of .014 are followed."""
CRISP = (0.12, 0.88)
"""Alpha that becomes 0 and 1: the model and the filter leave a haze."""
SURE = 0.97
MIXED = 1 / 250
"""Width of the strip within the edge, of the longer side, whose colours are mixed with the background's."""
BLUR = 1 / 28
"""Standard deviation of the blurred background, of the picture's longer side."""


def parse_background(text: str) -> str | tuple[int, int, int]:
    """``keep``, ``transparent``, ``blur``, or the (r g b) of a colour: "#rrggbb", "rrggbb" or a name that
    CSS knows; raises InputError."""
    word = text.strip().lower()
    if word in ("keep", "transparent", "blur"):
        return word
    colour = f"#{word}" if re.fullmatch(r"[0-9a-f]{6}", word) else word
    try:
        red, green, blue = ImageColor.getrgb(colour)[:3]
    except ValueError as error:
        wants = "keep, transparent, blur, or a colour such as 00ff00 or white"
        raise InputError(f"background {text!r}", wants) from error
    return red, green, blue


def sharpened(image: Bytes, matte: Array) -> Array:
    """A coarse matte (h w) in 0..1 brought to the edges of its picture (h w 3).

    The guided filter of He, Sun and Tang (2013, "Guided image filtering"), with the lightness as guide.
    """
    guide = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    size = 2 * max(2, round(REACH * max(matte.shape))) + 1

    def mean(values: Any) -> Array:
        return np.asarray(cv2.boxFilter(values, -1, (size, size)), np.float32)

    average, target = mean(guide), mean(matte)
    slope = (mean(guide * matte) - average * target) / (mean(guide * guide) - average**2 + EPSILON)
    offset = target - slope * average
    return smoothstep(mean(slope) * guide + mean(offset), *CRISP).astype(np.float32)


def extended(image: Any, known: Any) -> Array:
    """A picture (h w 3) with the colours where ``known`` (h w) is 1 spread over the rest.

    Pull-push (Gortler et al. 1996, "The lumigraph"): averages from ever coarser levels fill holes.
    """
    height, width = known.shape
    if min(height, width) <= 2:
        mean = (image * known[..., None]).sum((0, 1)) / max(float(known.sum()), 1e-6)
        return np.where(known[..., None] > 0.5, image, mean).astype(np.float32)
    half = max(1, width // 2), max(1, height // 2)
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(image * known[..., None], half, interpolation=cv2.INTER_AREA)
    below = extended(colour / np.maximum(weight, 1e-6)[..., None], np.minimum(1, 4 * weight))
    coarse = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(coarse + (image - coarse) * known[..., None], np.float32)


def cut_out(image: Bytes, matte: Array) -> Bytes:
    """The person (h w 4) with straight alpha; colours at the edge hold nothing of the background."""
    alpha = sharpened(image, matte)
    picture = image.astype(np.float32)
    size = 2 * max(1, round(MIXED * max(alpha.shape))) + 1
    inside = cv2.erode((alpha >= SURE).astype(np.float32), np.ones((size, size), np.uint8))
    person = extended(picture, inside)
    share = cv2.blur(inside, (3, 3))[..., None]
    clean = person + (picture - person) * share
    both = np.concatenate([clean, 255 * alpha[..., None]], -1)
    return np.clip(both + 0.5, 0, 255).astype(np.uint8)


def backdrop(image: Bytes, matte: Array, kind: str | tuple[int, int, int]) -> Bytes:
    """What stands behind the person (h w 3): a colour, or the photo's own background, blurred."""
    if not isinstance(kind, str):
        return np.full(image.shape, kind, np.uint8)
    wide = cv2.dilate(matte, np.ones((5, 5), np.uint8))
    behind = extended(image.astype(np.float32), (wide < 0.05).astype(np.float32))
    soft = cv2.GaussianBlur(behind, (0, 0), BLUR * max(matte.shape))
    return np.clip(soft + 0.5, 0, 255).astype(np.uint8)


def composed(person: Bytes, behind: Bytes) -> Bytes:
    """A person (h w 4) before a background (h w 3)."""
    alpha = person[..., 3].astype(np.float32)
    front = np.ascontiguousarray(person[..., :3])
    return np.asarray(cv2.blendLinear(front, np.ascontiguousarray(behind), alpha, 255 - alpha), np.uint8)
