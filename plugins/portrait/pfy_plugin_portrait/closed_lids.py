"""A lid as a photo shows it shut, or low: its lash line, and the skin without lashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pfy_plugin_portrait.eye_shape import SPAN, TABLE, EyeShape, Patch, luminance
from pfy_plugin_portrait.eyelids import smooth, soft_columns
from pfy_plugin_portrait.pixels import read, smoothstep, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array, Bytes

SEARCH = 0.05
"""How far from the landmarks' line the lash line is looked for, in iod."""
STEP = 0.0025
BEND = 3.0
"""Cost of a bend of one step in the path along the lash line, in units of a third of the skin's luma."""
BENDS = 3
"""Terms of the lash line's curve: an arc that may lean to one side, and no S."""
LEAST_SAG = 0.4
"""Least curvature of a sagging lash line at its ends, relative to the greatest."""
HANG = (0.014, 0.045)
"""From where to where hanging lashes are cleared away, above and below the lash line, in iod."""
STEPS = 24


@dataclass(frozen=True)
class ClosedLid:
    """The lid's edge and the lower lid's (TABLE); the patch as it is and without lashes (h w 3); the
    colour of the skin (3); the darkness of the lash line (TABLE) and its hairs (STEPS TABLE) downwards,
    as shares of light."""

    shape: EyeShape
    edge: NDArray[np.float64]
    lower: NDArray[np.float64]
    photo: Array
    bare: Array
    skin: Array
    line: Array
    hairs: Array

    def hair(self, along: Array, out: Array) -> Array:
        """Share of light that hairs leave (h w), ``out`` from the lid's edge in iod."""
        scale = np.float32((TABLE - 1) / (2 * SPAN))
        column = along * scale / np.float32(self.shape.half) + np.float32((TABLE - 1) / 2)
        step = np.asarray(out * np.float32((STEPS - 1) / HANG[1]), np.float32)
        found = read(self.hairs, np.stack([column, np.maximum(step, 0)], -1).astype(np.float32))
        return np.asarray(1 - (1 - found) * smoothstep(step, 0, 2) * (step < STEPS - 1), np.float32)


def closed_lid(shape: EyeShape, patch: Patch, image: Bytes, closed: bool) -> ClosedLid:
    """Find the lash line of a ``closed`` lid in the picture; a half-closed one's is the landmarks'."""
    photo = patch.cut(image)
    edge = _lash_line(shape, patch, photo) if closed else shape.upper
    lower = edge + 0.003 * np.clip(1 - shape.s**2, 0, 1) if closed else shape.lower
    skin = _skin(shape, patch, photo, lower)
    share = _share(shape, patch, photo, skin, edge, np.linspace(-0.006, HANG[1], STEPS))
    taper = 1 - smoothstep(np.abs(shape.s), 0.88, 1.05)
    roots = np.clip(np.sort(share[:8], axis=0)[:3].mean(0), 0.2, 0.85)
    line = 1 - (1 - smooth(roots[:, None], 0.10)[:, 0]) * taper
    fine = share / np.maximum(cv2.GaussianBlur(share, (0, 0), 6.0, sigmaY=0.1), 0.05)
    fade = 1 - smoothstep(np.linspace(0, 1, STEPS), 0.5, 1.0)
    hairs = soft_columns(1 - np.clip(1 - fine, 0, 0.8) * taper * fade[:, None], shape)
    bare = _without_lashes(shape, patch, photo, edge) if closed else photo.copy()
    row = shape.index(shape.local(patch.points)[..., 0])
    return ClosedLid(
        shape,
        edge,
        lower,
        photo,
        bare,
        skin.astype(np.float32)[row],
        line.astype(np.float32),
        hairs.astype(np.float32),
    )


def _read(shape: EyeShape, patch: Patch, photo: Array, down: NDArray[np.float64]) -> Array:
    """The photo (n TABLE 3) at heights (n TABLE) in the eye's axes."""
    along = np.broadcast_to(shape.s * shape.half, down.shape)
    return patch.read(photo, shape.world(np.stack([along, down], -1)).astype(np.float32))


def _lash_line(shape: EyeShape, patch: Patch, photo: Array) -> NDArray[np.float64]:
    """The darkest smooth path (TABLE) from corner to corner near the landmarks' lids."""
    middle = (shape.upper + shape.lower) / 2
    steps = np.arange(-SEARCH, SEARCH + STEP / 2, STEP)
    light = luminance(_read(shape, patch, photo, middle + steps[:, None]))
    light = cv2.GaussianBlur(light, (0, 0), 2.0, sigmaY=1.0)
    cost = light / np.maximum(np.percentile(light, 80, axis=0), 1.0) * 3
    inside = np.flatnonzero(np.abs(shape.s) <= 0.95)
    rows = np.arange(len(steps))
    bend = BEND * 0.02 * (rows[:, None] - rows[None]) ** 2
    # A preference for the landmarks keeps to the lid where no lashes show, or long ones stand away.
    cost = cost + 0.5 * (steps[:, None] / SEARCH) ** 2
    total, come = cost[:, inside[0]].copy(), []
    for column in inside[1:]:
        reach = total[None] + bend
        come.append(reach.argmin(1))
        total = reach.min(1) + cost[:, column]
    path = [int(total.argmin())]
    for back in reversed(come):
        path.append(int(back[path[-1]]))
    found = middle[inside] + steps[path[::-1]]
    s = shape.s[inside]
    basis = (1 - s**2)[:, None] * s[:, None] ** np.arange(BENDS)
    terms = np.linalg.lstsq(basis, found, rcond=None)[0]
    all_s = np.clip(shape.s, -1, 1)
    sag = all_s[:, None] ** np.arange(BENDS) @ terms
    if np.median(sag[np.abs(shape.s) < 0.8]) > 0:
        # Lashes that stand away beyond the corner are not the lid: it does not bend back.
        sag = smooth(np.maximum(sag, LEAST_SAG * sag.max())[:, None], 0.1)[:, 0]
    return np.asarray((1 - all_s**2) * sag)


def _skin(shape: EyeShape, patch: Patch, photo: Array, lower: NDArray[np.float64]) -> NDArray[np.float64]:
    """Colour (TABLE 3) of the skin below the lashes."""
    down = lower + np.linspace(HANG[1] + 0.008, HANG[1] + 0.05, 8)[:, None]
    return smooth(np.median(_read(shape, patch, photo, down), axis=0), 0.12)


def _share(
    shape: EyeShape,
    patch: Patch,
    photo: Array,
    skin: NDArray[np.float64],
    edge: NDArray[np.float64],
    out: NDArray[np.float64],
) -> NDArray[np.float64]:
    light = luminance(_read(shape, patch, photo, edge + out[:, None]).astype(np.float64))
    return np.asarray(np.clip(light / np.maximum(luminance(skin), 1.0), 0, 1))


def _without_lashes(shape: EyeShape, patch: Patch, photo: Array, edge: NDArray[np.float64]) -> Array:
    """The patch with the skin around it where the lash line and hanging lashes are."""
    local = shape.local(patch.points)
    row = shape.index(local[..., 0])
    below = local[..., 1] - edge.astype(np.float32)[row]
    along = np.abs(local[..., 0]) / np.float32(shape.half)
    band = smoothstep(below, -HANG[0] - 0.006, -HANG[0]) * (1 - smoothstep(below, HANG[1] - 0.012, HANG[1]))
    band *= 1 - smoothstep(along, 1.0, 1.12)
    # What is lighter than its surroundings is skin; it flows in over what is not.
    unit = shape.iod * patch.zoom
    around = cv2.GaussianBlur(luminance(photo), (0, 0), 0.03 * unit)
    dark = (luminance(photo) < 0.97 * around) & (band > 0)
    dark |= (np.abs(below) < 0.010) & (along < 1.02)
    dark = cv2.dilate(dark.astype(np.float32), np.ones((3, 3), np.float32), iterations=2)
    filled = spread(photo, (1 - dark).astype(np.float32), unit)
    share = band * cv2.GaussianBlur(dark, (0, 0), max(0.8, 0.005 * unit))
    return np.asarray(photo + (filled - photo) * share[..., None], np.float32)
