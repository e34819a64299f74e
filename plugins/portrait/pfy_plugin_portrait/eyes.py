"""Eyes: upper lids as patches that slide over the eyeballs, and irises that turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.deform import LID_TRAVEL, Pose
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.fields import Grid, flat
from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array

LASHES = 0.014
"""Strip below the lid's edge that moves with it, in iod: lashes and their shadow."""
SOFT = 0.008
MIN_LID = 0.06
"""Least height of skin above the lid's edge that is stretched, in iod."""
SIDES = ("Right", "Left")


class Lid:
    """One upper lid: its patch of the photo (``alpha`` over ``box``), and where closing takes it.

    Along each line across the eye the skin between brow and lid is stretched; the lid's edge with
    its lashes goes down unstretched.
    """

    def __init__(self, face: Face, eye: int) -> None:
        self._face, self._channel = face, "eyeBlink" + SIDES[eye]
        points = face.flat
        names = (anatomy.EYE_CORNERS[eye][0], *anatomy.UPPER_LIDS[eye], anatomy.EYE_CORNERS[eye][1])
        below = (anatomy.EYE_CORNERS[eye][0], *anatomy.LOWER_LIDS[eye], anatomy.EYE_CORNERS[eye][1])
        self._centre = points[[names[0], names[-1]]].mean(0)
        upper, lower = (self._sorted(points[list(ids)]) for ids in (names, below))
        brow = self._sorted(points[list(anatomy.BROWS[eye][5:])])
        # Tables over u, the position along the eye in iod.
        half = (upper[-1, 0] - upper[0, 0]) / 2
        self._u = np.linspace(upper[0, 0] - 0.3 * half, upper[-1, 0] + 0.3 * half, 128)
        self._edge = np.interp(self._u, upper[:, 0], upper[:, 1])
        gap = np.interp(self._u, lower[:, 0], lower[:, 1]) - self._edge
        inside = (self._u > upper[0, 0]) & (self._u < upper[-1, 0])
        self._travel = LID_TRAVEL * np.maximum(gap, 0) * inside
        self._top = np.minimum(np.interp(self._u, brow[:, 0], brow[:, 1]), self._edge - MIN_LID)
        self.opening = float(gap.max())
        self.box, self.alpha = self._patch(half)

    def _sorted(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        local = self._face.local(points, self._centre)
        return local[np.argsort(local[:, 0])]

    def _patch(self, half: float) -> tuple[tuple[int, int, int, int], Array]:
        reach = np.array(
            [[u, v] for u in self._u[[0, -1]] for v in (self._top.min(), self._edge.max() + 0.05)]
        )
        corners = self._centre + self._face.world(reach)
        x0, y0 = np.floor(corners.min(0)).astype(int)
        x1, y1 = np.ceil(corners.max(0)).astype(int)
        y, x = np.mgrid[y0:y1, x0:x1].astype(np.float64)
        local = self._face.local(np.stack([x, y], -1), self._centre)
        u, v = local[..., 0], local[..., 1]
        alpha = 1 - smoothstep(v - np.interp(u, self._u, self._edge), LASHES, LASHES + SOFT)
        alpha *= 1 - smoothstep(np.abs(u) / half, 1.0, 1.12)
        alpha *= smoothstep(v - np.interp(u, self._u, self._top), 0.0, 0.04)
        return (int(x0), int(y0), int(x1), int(y1)), alpha.astype(np.float32)

    def closes(self, pose: Pose) -> float:
        """How far this lid is closed, 0 when it does not matter."""
        blink = min(pose[self._channel], 1.0)
        return blink if blink > 0.01 and self.opening > 0.01 else 0.0

    def source(self, at: Array, blink: float) -> Array:
        """Where the lid's picture at positions (h w 2) comes from, in pixels of the photo."""
        local = self._face.local(at, self._centre).astype(np.float32)
        index = (local[..., 0] - self._u[0]) * ((len(self._u) - 1) / (self._u[-1] - self._u[0]))
        index = np.clip(index, 0, len(self._u) - 1).astype(np.intp)
        travel = (blink * self._travel[index]).astype(np.float32)
        top, edge = self._top[index].astype(np.float32), self._edge[index].astype(np.float32)
        along = np.clip((local[..., 1] - top) / (edge + travel - top), 0, 1)
        # Smooth at both ends, unless the lid is so short that the skin would fold.
        eased = along * along * (3 - 2 * along)
        fold = np.clip(2 - (edge - top) / np.maximum(0.6 * travel, 1e-6), 0, 1)
        down = travel * (eased + (along - eased) * fold)
        return np.asarray(at - down[..., None] * (self._face.down * self._face.iod).astype(np.float32))


class Irises:
    """Where looking elsewhere moves the picture: around both irises, within the eyes."""

    def __init__(self, face: Face) -> None:
        self._iod = face.iod
        self._axes = np.stack([face.right, face.down])
        centres = [face.flat[iris[0]] for iris in anatomy.IRISES]
        radii = [
            float(np.linalg.norm(face.flat[list(iris[1:])] - face.flat[iris[0]], axis=1).mean())
            for iris in anatomy.IRISES
        ]
        reach = 2.6 * max(radii)
        low, high = np.min(centres, 0) - reach, np.max(centres, 0) + reach
        self.grid = Grid.around(low, high, 0.15 * max(radii))
        share = np.zeros(self.grid.rows * self.grid.columns)
        for centre, radius in zip(centres, radii, strict=True):
            distance = np.linalg.norm(flat(self.grid) - centre, axis=1) / max(radius, 1e-6)
            share = np.maximum(share, 1 - smoothstep(distance, 1.0, 2.1))
        self._share = share.reshape(self.grid.rows, self.grid.columns, 1).astype(np.float32)

    def field(self, pose: Pose) -> Array | None:
        """Displacement (rows columns 2) in pixels of the irises; None when they look ahead."""
        gaze = pose.gaze
        if not np.abs(gaze).max() > 1e-4:
            return None
        return np.asarray(self._share * (gaze @ self._axes * self._iod).astype(np.float32))
