"""Head motion in two and a half dimensions: a smooth field that moves the head and leaves the
background where it is.

Depth is an ellipsoid through the face; the field fades out with the distance from the head, towards
the shoulders, and outside the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pfy_core.kinds import HEAD_CHANNELS, MOTION_INDEX
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.fields import Grid, flat
from pfy_plugin_portrait.pixels import blur, read, smoothstep

if TYPE_CHECKING:
    from pfy_plugin_portrait.ports import Array

MATTE_SIDE = 256
"""Pixels of the matte's longer side that matter: the model gives no more."""
CELLS = 72
"""Grid cells along the picture's longer side."""
REACH = (1.0, 2.3)
"""Where the field begins to fade and where it ends, in head radii."""
SHOULDERS = 0.55
"""How much less the neck follows than the face."""
LIMITS = np.array([0.35, 0.35, 0.30, 0.35, 0.35, 0.20])
"""Largest headYaw, headPitch, headRoll (radians), headX, headY, headZ (iod): beyond, it tears."""
COLUMNS = [MOTION_INDEX[name] for name in HEAD_CHANNELS]


class Head:
    """The head's field on ``grid``; ``box`` (x0 y0 x1 y1) holds every pixel it can move."""

    def __init__(self, face: Face, matte: Array) -> None:
        height, width = matte.shape
        cell = max(height, width) / CELLS
        self.grid = Grid.around(np.zeros(2), np.array([width, height], float), cell)
        oval = face.flat[list(anatomy.OVAL)]
        centre = oval.mean(0)
        local = face.local(flat(self.grid), centre)
        extent = np.abs(face.local(oval, centre)).max(0)
        share, radius = self._share(face, matte, local, extent)
        self._basis = self._moves(local, extent, radius) * share[:, None, None] * face.iod
        axes = np.stack([face.right, face.down])
        shape = (self.grid.rows, self.grid.columns, 2)
        fields = np.stack([(self._basis[:, k] @ axes).reshape(shape) for k in range(len(COLUMNS))])
        self._fields = fields.astype(np.float32)
        self.box = self._moving_box(share, (width, height))

    def _share(
        self, face: Face, matte: Array, local: np.ndarray, extent: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """How much each grid point follows the head (n), and its distance in head radii (n)."""
        u, v = local[:, 0] / extent[0], local[:, 1] / extent[1]
        # The head with its hair is wider and higher than the face's oval.
        radius = np.hypot(u / 1.15, (v + 0.18) / 1.28)
        share = 1 - smoothstep(radius, *REACH)
        share = share * (1 - SHOULDERS * smoothstep(v, 0.8, 2.2))
        person = self._person(face, matte)
        inner = 1 - smoothstep(np.hypot(u, v), 0.95, 1.25)
        return np.asarray(share * np.maximum(person, inner)), radius

    def _person(self, face: Face, matte: Array) -> np.ndarray:
        """The matte, grown a little and softened, at the grid's points (n)."""
        scale = min(1.0, MATTE_SIDE / max(matte.shape))
        small = cv2.resize(matte, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        unit = face.iod * scale
        size = 2 * max(1, round(0.06 * unit)) + 1
        grown = cv2.dilate((small > 0.5).astype(np.float32), np.ones((size, size), np.uint8))
        soft = blur(np.asarray(grown), max(0.5, 0.16 * unit))
        at = read(soft, self.grid.points * np.float32(scale))
        return np.clip(at.ravel() * 1.15, 0, 1)

    def _moves(self, local: np.ndarray, extent: np.ndarray, radius: np.ndarray) -> np.ndarray:
        """Displacement (n 6 2) in iod, in face axes, of each head channel at 1."""
        u, v = local.T
        depth = 0.95 * extent[0] * np.sqrt(np.clip(1 - np.minimum(radius, 1) ** 2, 0, 1)) - 0.25
        neck = 0.95 * extent[1]
        zero = np.zeros_like(u)
        one = np.ones_like(u)
        channels = [(depth, zero), (zero, depth), (neck - v, u), (one, zero), (zero, one), (u, v)]
        return np.stack([np.stack(pair, -1) for pair in channels], 1)

    def _moving_box(self, share: np.ndarray, size: tuple[int, int]) -> tuple[int, int, int, int]:
        rows, columns = np.nonzero(share.reshape(self.grid.rows, self.grid.columns) > 1e-4)
        x0, x1 = (columns.min() - 1) * self.grid.cell, (columns.max() + 2) * self.grid.cell
        y0, y1 = (rows.min() - 1) * self.grid.cell, (rows.max() + 2) * self.grid.cell
        return max(0, int(x0)), max(0, int(y0)), min(size[0], int(x1)), min(size[1], int(y1))

    def field(self, channels: Array) -> Array | None:
        """Displacement (rows columns 2) in pixels for one frame's channels; None when it is nil."""
        pose = np.clip(channels[COLUMNS], -LIMITS, LIMITS).astype(np.float32)
        return np.tensordot(pose, self._fields, 1) if pose.any() else None
