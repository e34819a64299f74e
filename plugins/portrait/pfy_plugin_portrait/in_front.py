"""What lies before the eyes and must not move with the lids: glasses' frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pfy_plugin_portrait.eye_shape import luminance
from pfy_plugin_portrait.pixels import blur, read, smoothstep

if TYPE_CHECKING:
    from pfy_plugin_portrait.eye_shape import EyeShape, Patch
    from pfy_plugin_portrait.face import Face
    from pfy_plugin_portrait.ports import Array, Bytes

RIDGE = (8, 168, 6, 197, 195)
"""Down the nose from between the brows: where the bridge of glasses crosses."""
BELOW_BROWS = 0.5
"""From where on it is a bridge; above, in points of RIDGE, a fringe may hang."""
CROSSES = 0.30
"""Depth, relative to the skin, of a dark line that crosses the whole ridge: of 38 portraits two with
glasses have .62 and .94, bare noses .04 at most; told apart alike from 270 to 1230 pixels."""
DARK = 0.55
"""Brightness relative to the skin below which something is a frame."""
LASH_ZONE = (0.032, 0.030)
"""Heights above the upper and below the lower lid, in iod, where darkness is lashes."""


def crossed(face: Face, image: Bytes) -> bool:
    """Whether a dark line crosses the ridge of the nose in a photo (h w 3)."""
    ridge = face.flat[list(RIDGE)]
    steps = np.linspace(0, len(RIDGE) - 1, 60)
    line = np.stack([np.interp(steps, np.arange(len(RIDGE)), ridge[:, k]) for k in (0, 1)], -1)
    beside = np.linspace(-0.05, 0.05, 7)[:, None, None] * face.right * face.iod
    corner = np.floor(line.min(0) - 0.2 * face.iod).astype(int)
    x0, y0 = np.maximum(corner, 0)
    x1, y1 = np.ceil(line.max(0) + 0.2 * face.iod).astype(int)
    part = image[y0:y1, x0:x1]
    if not part.size:
        return False
    soft = cv2.GaussianBlur(part, (0, 0), max(0.5, 0.006 * face.iod))
    light = luminance(read(soft, line + beside - (x0, y0)).astype(np.float32))
    closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((1, 15), np.uint8))
    depth = (closed - light) / np.maximum(closed, 1.0)
    return bool(depth[:, steps > BELOW_BROWS].max(1).min() > CROSSES)


def in_front(shape: EyeShape, patch: Patch, image: Bytes) -> Array | None:
    """How much each sample of an eye's patch (h w) lies before the eye; None if nothing does."""
    if not crossed(shape.face, image):
        return None
    photo = patch.cut(image)
    local = shape.local(patch.points)
    row = shape.index(local[..., 0])
    upper, lower = (table.astype(np.float32)[row] for table in (shape.upper, shape.lower))
    light = luminance(photo)
    # The skin is the lighter part of what surrounds each place.
    wide = round(0.06 * shape.iod * patch.zoom)
    lightest = cv2.dilate(light, np.ones((2 * wide + 1, 2 * wide + 1), np.uint8))
    skin = blur(lightest, max(1.0, float(wide)))
    free = smoothstep(upper - local[..., 1], LASH_ZONE[0], LASH_ZONE[0] + 0.01)
    free += smoothstep(local[..., 1] - lower, LASH_ZONE[1], LASH_ZONE[1] + 0.01)
    free += smoothstep(np.abs(local[..., 0]) / shape.half, 1.1, 1.2)
    dark = ((light < DARK * skin) & (free > 0.3)).astype(np.float32)
    grown = cv2.dilate(dark, np.ones((3, 3), np.float32), iterations=patch.zoom)
    return blur(grown, 0.6 * patch.zoom)


def behind(photo: Array, front: Array) -> Array:
    """A patch (h w 3) with what surrounds it where something lies in front (h w)."""
    mask = (front > 0.15).astype(np.uint8)
    whole = np.clip(photo + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.inpaint(whole, mask, 3, cv2.INPAINT_TELEA), np.float32)
