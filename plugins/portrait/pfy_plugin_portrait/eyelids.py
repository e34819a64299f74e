"""Upper lids: skin that unfolds from its crease as the lid comes down, and lashes that come with it.

A lid that is a little lower than in the photo is the photo's own skin, stretched above a strip along
the lashes that moves as it is. A closed lid shows skin that the photo hides in the fold above the
eye: it gets the colour and the grain of the skin around it, the crease fades, and the lashes, which
stood above the lid's edge, hang below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pfy_plugin_portrait.eye_shape import SPAN, TABLE, EyeShape, Patch, luminance
from pfy_plugin_portrait.in_front import behind, in_front
from pfy_plugin_portrait.pixels import read, smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array, Bytes

LASHES = 0.012
"""Strip below the lid's edge that moves with it, in iod: the margin and the roots of the lashes."""
STRIP = 0.018
"""Strip above the lid's edge that moves unstretched."""
OVERLAP = 0.010
"""How far a closed upper lid comes over the lower one's edge, in iod."""
MEETING = 0.94
"""Share of the opening that the upper lid closes; the lower lid does the rest."""
UNFOLDS = (0.2, 0.8)
"""Closure over which the unfolded skin replaces the stretched one."""
FOLD = (0.075, 0.030)
"""Distance above the photo's lid edge, in iod, over which the unfolded skin begins."""
WING = 0.035
"""How much higher it begins at the outer corner, where long lashes stand away from the eye."""
LIT = 0.65
"""How much of the colour of the skin below the eye a closed lid has at its edge: a closed lid faces the
light, while the skin above an open eye lies in the shadow of the brow."""
LASH_HEIGHT = 0.055
"""How far lashes reach above the lid's edge in a photo, in iod (about 8 mm of lash, foreshortened)."""
LASH_STEPS = 28
LINE = 0.0075
"""Half width of the line of the lashes' roots, in iod."""


class Lid:
    """The upper lid of one eye, prepared from the photo."""

    def __init__(self, shape: EyeShape, patch: Patch, image: Bytes) -> None:
        self._shape, self._patch = shape, patch
        self.photo = patch.cut(image)
        self._front = in_front(shape, patch, image)
        if self._front is not None:
            self.photo = behind(self.photo, self._front)
        inside = np.clip(1 - shape.s**2, 0, 1)
        gap = shape.lower - shape.upper
        self._travel = MEETING * gap + OVERLAP * inside**0.75
        self._closed_at = shape.upper + self._travel
        self._colours = self._skin_colours()
        self.closed = self._closed_skin()
        self._lashes, self._line = self._lash_tables()

    def edge(self, blink: float, wide: float) -> NDArray[np.float64]:
        """Height (TABLE) of the lid's edge: 0 as in the photo, 1 closed; ``wide`` iod higher."""
        return self._shape.upper + blink * self._travel - wide * np.clip(1 - self._shape.s**2, 0, 1)

    def _skin_colours(self) -> NDArray[np.float64]:
        """Colour (TABLE 3) of the lid's skin along the eye: the lighter half of what lies between lashes
        and brow, which leaves out lashes, crease and stray hair of the brow."""
        shape = self._shape
        share = np.linspace(0.25, 0.85, 14)
        down = shape.upper[:, None] + share * (shape.top - shape.upper)[:, None]
        along = np.broadcast_to((shape.s * shape.half)[:, None], down.shape)
        at = shape.world(np.stack([along, down], -1)).astype(np.float32)
        seen = self._patch.read(self.photo, at)
        order = np.argsort(luminance(seen), axis=1)[:, 6:11]
        found = np.take_along_axis(seen, order[..., None], axis=1).mean(1)
        return np.asarray(smooth(found, 0.20), np.float64)

    def _light_below(self) -> NDArray[np.float64]:
        """Colour (TABLE 3) of the skin below the eye, which faces the light as a closed lid does."""
        shape = self._shape
        down = shape.lower[:, None] + np.linspace(0.05, 0.12, 8)
        along = np.broadcast_to((0.9 * shape.s * shape.half)[:, None], down.shape)
        seen = self._patch.read(self.photo, shape.world(np.stack([along, down], -1)).astype(np.float32))
        return smooth(np.median(seen, axis=1), 0.30)

    def _closed_skin(self) -> Array:
        """The closed lid (h w 4) on the patch, without lashes; the last channel is how far it covers."""
        shape = self._shape
        local = shape.local(self._patch.points)
        row = shape.index(local[..., 0])
        v = local[..., 1]
        edge = self._closed_at.astype(np.float32)[row]
        upper = shape.upper.astype(np.float32)[row]
        # The fold lies nearer to the lashes towards the corners, and under a low brow.
        outward = -shape.nasal * local[..., 0] / np.float32(shape.half)
        wing = np.float32(WING) * smoothstep(outward, 0.5, 0.95).astype(np.float32)
        room = np.minimum(FOLD[0], 0.9 * (shape.upper - shape.top)).astype(np.float32)[row]
        begin = upper - room - wing
        full = upper - room * np.float32(FOLD[1] / FOLD[0]) - wing
        cover = smoothstep(v, begin, full)
        # Beyond the outer corner lie lashes that would stay behind.
        cover *= (1 - smoothstep(outward, 1.12, 1.30)) * (1 - smoothstep(-outward, 0.92, 1.10))
        along = np.clip((v - begin) / np.maximum(edge - begin, 0.02), 0, 1.2)[..., None]
        shade = 1 + 0.04 * np.sin(np.pi * np.clip(along, 0, 1)) - 0.10 * along**5
        lid, lit = self._colours.astype(np.float32)[row], self._light_below().astype(np.float32)[row]
        skin = (lid + (lit - lid) * LIT * smoothstep(along, 0.0, 0.7)) * shade.astype(np.float32)
        return np.dstack([np.clip(skin + self._grain(local, edge), 0, 255), cover]).astype(np.float32)

    def _grain(self, local: Array, edge: Array) -> Array:
        """The fine texture of the skin below the eye, laid onto the lid upside down."""
        shape = self._shape
        fine = self.photo - cv2.GaussianBlur(self.photo, (0, 0), 0.012 * shape.iod * self._patch.zoom)
        row = shape.index(local[..., 0])
        lower = shape.lower.astype(np.float32)[row]
        # To and fro in the band that is sure to be skin.
        low, height = np.float32(0.055), np.float32(0.075)
        step = np.abs(edge - local[..., 1]) % (2 * height)
        down = lower + low + np.minimum(step, 2 * height - step)
        at = shape.world(np.stack([local[..., 0] * 0.9, down], -1)).astype(np.float32)
        found = self._patch.read(fine, at)
        limit = 2.5 * float(np.median(np.abs(found))) + 0.5
        return np.asarray(np.clip(found, -limit, limit), np.float32)

    def _lash_tables(self) -> tuple[Array, Array]:
        """Lashes as the share of light they leave: (LASH_STEPS TABLE) upwards from the lid's edge in
        the photo, and the line of their roots (TABLE)."""
        shape = self._shape
        up = np.linspace(0, LASH_HEIGHT, LASH_STEPS)[:, None]
        down = shape.upper - up
        along = np.broadcast_to(shape.s * shape.half, down.shape)
        at = shape.world(np.stack([along, down], -1)).astype(np.float32)
        share = luminance(self._patch.read(self.photo, at)) / luminance(self._colours)[None]
        # Only what is fine is lashes: broad darkness is the crease or make-up.
        fine = share / np.maximum(cv2.GaussianBlur(share, (0, 0), 6.0, sigmaY=0.1), 0.05)
        near = 1 - smoothstep(up, 0.006, 0.022)
        hair = np.minimum(1, fine * (1 - near) + share * near)
        hair = 1 - (1 - np.clip(hair, 0.12, 1)) * (1 - smoothstep(up, 0.6 * LASH_HEIGHT, LASH_HEIGHT))
        taper = 1 - smoothstep(np.abs(shape.s), 0.86, 1.06)
        roots = np.clip(np.sort(share[: LASH_STEPS // 3], axis=0)[:4].mean(0), 0.25, 0.92)
        roots = smooth(roots[:, None], 0.12)[:, 0]
        hair = soft_columns(1 - (1 - hair) * taper, shape)
        return hair.astype(np.float32), (1 - (1 - roots) * taper).astype(np.float32)

    def draw(self, canvas: Bytes, at: Array, blink: float, wide: float) -> None:
        """Lay the lid over the canvas (h w c) whose pixels are at positions (h w 2) of the photo."""
        shape = self._shape
        local = shape.local(at)
        row = shape.index(local[..., 0])
        v = local[..., 1]
        move = (self.edge(blink, wide) - shape.upper).astype(np.float32)[row]
        edge = shape.upper.astype(np.float32)[row]
        top = shape.top.astype(np.float32)[row]
        above = edge + move - v
        s = np.abs(local[..., 0]) / np.float32(shape.half)
        soft = np.float32(max(0.004, 0.7 / shape.iod))
        stretched = self._stretched(at, v, top, edge, move)
        share = smoothstep(above, -LASHES - soft, -LASHES + soft)
        share *= (1 - smoothstep(s, 1.0, 1.12)) * smoothstep(v - top, 0.0, 0.04)
        colour = canvas[..., :3] + (stretched - canvas[..., :3]) * share[..., None]
        unfolded = smoothstep(blink, *UNFOLDS)
        if unfolded > 0:
            skin = self._patch.read(self.closed, at, outside="zero")
            cover = skin[..., 3] * smoothstep(above, -soft, soft) * unfolded
            # Below the edge the stretched strip would show the photo's eye.
            under = canvas[..., :3]
            below = (1 - smoothstep(above, -soft, soft)) * unfolded
            colour += (under - colour) * below[..., None]
            colour += (skin[..., :3] - colour) * cover[..., None]
            colour *= 1 - (1 - self._shadow(local, -above)[..., None]) * unfolded
        if self._front is not None:
            front = self._patch.read(self._front, at, outside="zero")
            colour += (canvas[..., :3] - colour) * front[..., None]
        np.clip(colour + 0.5, 0, 255, out=colour)
        canvas[..., :3] = colour.astype(np.uint8)

    def _stretched(self, at: Array, v: Array, top: Array, edge: Array, move: Array) -> Array:
        """The photo's own lid, moved down by ``move`` at its edge and not at all at ``top``."""
        room = np.maximum(edge - STRIP - top, 1e-3)
        along = np.clip((v - top) / np.maximum(room + move, 1e-3), 0, 1)
        eased = along * along * (3 - 2 * along)
        # Smooth at both ends, unless the lid is so short that the skin would fold.
        fold = np.clip(2 - room / np.maximum(0.6 * move, 1e-6), 0, 1)
        down = move * (eased + (along - eased) * fold)
        axis = (self._shape.down * self._shape.iod).astype(np.float32)
        return self._patch.read(self.photo, at - down[..., None] * axis)

    def _shadow(self, local: Array, below: Array) -> Array:
        """Share of light (h w) that hanging lashes and their roots leave, ``below`` the edge in iod."""
        shape = self._shape
        column = local[..., 0] * np.float32((TABLE - 1) / (2 * SPAN) / shape.half) + np.float32(
            (TABLE - 1) / 2
        )
        # Hanging lashes are seen shorter than standing ones.
        step = np.maximum(below, 0) * np.float32(1.35 * (LASH_STEPS - 1) / LASH_HEIGHT)
        hair = read(self._lashes, np.stack([column, step], -1))
        hair = 1 - (1 - hair) * smoothstep(below, -0.004, 0.002) * (step < LASH_STEPS - 1)
        index = shape.index(local[..., 0])
        width = max(LINE, 0.75 / shape.iod)
        line = 1 - (1 - self._line[index]) * (LINE / width) ** 0.5 * np.exp(-(((below - 0.001) / width) ** 2))
        return np.asarray(np.minimum(hair, line), np.float32)


def soft_columns(table: NDArray[np.float64], shape: EyeShape) -> NDArray[np.float64]:
    """A table (n TABLE) along the eye, without what is finer than the photo's pixels."""
    step = 2 * SPAN * shape.half * shape.iod / (TABLE - 1)
    return np.asarray(cv2.GaussianBlur(table, (0, 0), max(0.3, 0.5 / step), sigmaY=0.1), np.float64)


def smooth(table: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """A table (TABLE c) smoothed along the eye by ``sigma`` in s."""
    steps = sigma * (TABLE - 1) / (2 * SPAN)
    size = 2 * round(3 * steps) + 1
    kernel = cv2.getGaussianKernel(size, steps)
    return np.asarray(cv2.sepFilter2D(np.asarray(table, np.float32), -1, np.ones(1), kernel), np.float64)
