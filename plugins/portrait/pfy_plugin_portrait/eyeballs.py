"""The eyeball behind the lids: the white without the iris, the iris without its catchlight.

The photo is taken apart so that putting it together again unmoved gives the photo back: what is
white is kept, the rest of the eyeball is filled in from it; the iris is what the photo adds to that,
completed under the lids from its own radial profile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pfy_plugin_portrait.eye_shape import EyeShape, Patch, luminance
from pfy_plugin_portrait.pixels import blur, smoothstep, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array, Bytes

RIM = (0.004, 0.014)
"""Distance from the lids, in iod, over which the photo's own lid margin and lashes give way."""
LIMBUS = (0.92, 1.10)
"""Radii between which the iris fades into the white, relative to its own."""
CLEAR = (1.12, 1.28)
"""Radii from which the photo shows nothing but the white."""
GLINT = 0.5
"""Share of the iris' way that its catchlight goes: a reflection on the cornea lies near the cornea's
centre of curvature, 5.6 mm before the eye's centre of rotation; the iris lies 10 to 11 mm before it."""
SCLERA = (0.76, 0.5)
"""Luma and chroma of the white relative to the skin beside it: medians of 36 portraits."""
BINS = 20


class Eyeball:
    """One eyeball as layers on ``patch``: white (h w 3), iris premultiplied (h w 4), glint (h w 3).

    ``above`` is RIM at the upper lid.
    """

    def __init__(self, shape: EyeShape, patch: Patch, image: Bytes, above: tuple[float, float] = RIM) -> None:
        self._shape, self._patch = shape, patch
        photo = patch.cut(image)
        local = shape.local(patch.points)
        along = np.asarray(local[..., 0] / shape.half, np.float32)
        row = shape.index(local[..., 0])
        upper, lower = (table.astype(np.float32)[row] for table in (shape.upper, shape.lower))
        seen = smoothstep(local[..., 1] - upper, *above) * smoothstep(lower - local[..., 1], *RIM)
        seen *= 1 - smoothstep(np.abs(local[..., 0]) / shape.half, 0.86, 0.97)
        seen = seen.astype(np.float32)
        rho = np.linalg.norm(local - shape.iris.astype(np.float32), axis=-1) / np.float32(shape.radius)
        height = np.asarray((local[..., 1] - upper) / np.maximum(lower - upper, 0.02), np.float32)
        self.white = self._whites(photo, seen, rho, along, height)
        self.iris, self.glint = self._iris(photo, seen, rho)

    def _whites(self, photo: Array, seen: Array, rho: Array, s: Array, height: Array) -> Array:
        """The eyeball without its iris: a smooth model of what is white, and what the photo adds."""
        clear = seen * smoothstep(rho, *CLEAR).astype(np.float32)
        light = luminance(photo)
        if clear.sum() > 1:
            clear = clear * (light > 0.6 * np.average(light, weights=clear)).astype(np.float32)
        height, s = np.clip(height, -0.3, 1.3), np.clip(s, -1.1, 1.1)
        basis = np.stack([np.ones_like(s), s, s * s, height, height * height], -1).reshape(-1, 5)
        prior = sclera_colour(skin_below(self._shape, self._patch, photo))
        weight = clear.reshape(-1, 1).astype(np.float64)
        # As much trust in the expected colour as in a patch of a tenth of the iris.
        area = 0.1 * np.pi * (self._shape.radius * self._shape.iod * self._patch.zoom) ** 2
        normal = basis.T @ (basis * weight) + area * np.diag([0.3, 3, 6, 2, 4])
        terms = np.linalg.solve(normal, basis.T @ ((photo.reshape(-1, 3) - prior) * weight))
        model = (basis @ terms + prior).reshape(photo.shape).astype(np.float32)
        # Where nothing white is seen for far around, a slope must not run away.
        usual = (prior * area + (photo.reshape(-1, 3) * weight).sum(0)) / (area + weight.sum())
        model = np.clip(model, 0.6 * usual, 1.12 * usual).astype(np.float32)
        size = 2 * self._patch.zoom + 1
        clear = np.asarray(
            cv2.morphologyEx(clear, cv2.MORPH_OPEN, np.ones((size, size), np.uint8)), np.float32
        )
        rest = spread(photo - model, clear, self._shape.iod * self._patch.zoom)
        filled = np.clip(model + rest, 0, 255)
        return np.asarray(filled + (photo - filled) * clear[..., None], np.float32)

    def _iris(self, photo: Array, seen: Array, rho: Array) -> tuple[Array, Array]:
        alpha = (1 - smoothstep(rho, *LIMBUS)).astype(np.float32)
        profile = self._profile(photo, seen, rho)
        extra = luminance(photo) - luminance(profile)
        bright = (extra > 0.5 * luminance(profile) + 16) & (seen > 0.3) & (rho < 0.9)
        around = 0.008 * self._shape.iod * self._patch.zoom
        size = 2 * round(1.5 * around) + 1
        bright = cv2.dilate(bright.astype(np.float32), np.ones((size, size), np.float32))
        glint = np.maximum(photo - profile, 0) * (blur(bright, max(0.5, around)) * seen)[..., None]
        shown = photo - (1 - alpha[..., None]) * self.white
        hidden = alpha[..., None] * profile
        colour = hidden + (shown - hidden) * seen[..., None] - glint
        colour *= (1 - smoothstep(rho, 1.25, 1.4))[..., None]
        return np.dstack([colour, alpha]).astype(np.float32), glint.astype(np.float32)

    def _profile(self, photo: Array, seen: Array, rho: Array) -> Array:
        """Median colour (h w 3) of the visible iris at each radius; a dark pupil where none shows."""
        colours, found = np.zeros((BINS, 3)), np.zeros(BINS, bool)
        visible = seen > 0.7
        edges = np.linspace(0, 1.12, BINS + 1)
        for k in range(BINS):
            here = visible & (rho >= edges[k]) & (rho < edges[k + 1])
            if here.sum() >= 4:
                colours[k], found[k] = np.median(photo[here], axis=0), True
        if not found.any():
            colours[:], found[:] = 0.3 * np.median(photo.reshape(-1, 3), axis=0), True
        known, middle = np.flatnonzero(found), (edges[:-1] + edges[1:]) / 2
        for c in range(3):
            colours[:, c] = np.interp(np.arange(BINS), known, colours[known, c])
        pupil = ~found & (middle < 0.38)
        colours[pupil] *= 0.45
        at = np.clip(rho, 0, 1.12)
        return np.stack([np.interp(at, middle, colours[:, c]) for c in range(3)], -1).astype(np.float32)

    def draw(self, at: Array, turn: NDArray[np.float64]) -> Array:
        """The eyeball (h w 3) at positions (h w 2) of the photo, its iris moved by ``turn`` (2) px."""
        step = turn.astype(np.float32)
        iris = self._patch.read(self.iris, at - step)
        white = self._patch.read(self.white, at)
        glint = self._patch.read(self.glint, at - np.float32(GLINT) * step)
        return np.asarray(white * (1 - iris[..., 3:]) + iris[..., :3] + glint, np.float32)


def skin_below(shape: EyeShape, patch: Patch, photo: Array) -> NDArray[np.float64]:
    """Median colour (3) of the skin below an eye."""
    row = np.arange(20, len(shape.s) - 20, 4)
    down = np.linspace(0.06, 0.13, 6)
    along = (shape.s * shape.half)[row]
    at = shape.world(
        np.stack(np.broadcast_arrays(along[:, None], shape.lower[row][:, None] + down), -1)
    ).astype(np.float32)
    return np.median(patch.read(photo, at).reshape(-1, 3), axis=0).astype(np.float64)


def sclera_colour(skin: NDArray[np.float64]) -> NDArray[np.float64]:
    """The expected colour (3) of the white beside skin of a colour (3)."""
    light = float(luminance(skin))
    share, chroma = SCLERA
    return np.asarray(share * (light + chroma * (skin - light)))
