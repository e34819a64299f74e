"""Head motion in two and a half dimensions: a smooth field within the person's layer (layer.py).

Depth is a paraboloid over the face, so that turning shifts the nose more than the ears; the neck passes
the motion on to shoulders that hardly move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_core.kinds import HEAD_CHANNELS, MOTION_INDEX
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.fields import Grid, flat
from pfy_plugin_portrait.pixels import blur, read, smoothstep

if TYPE_CHECKING:
    from pfy_plugin_portrait.ports import Array, Bytes

CELLS = 72
"""Grid cells along the picture's longer side."""
NECK = (0.95, 2.3)
"""Where the neck begins to hold the head back and where the shoulders hold it, in half faces below the
face's middle."""
TORSO, TORSO_ENDS = 0.30, (2.3, 4.2)
"""Share of sideways motion in which the shoulders join, and where it ends, in half faces: people sway
from the hips."""
DEPTH, AXIS = 0.80, 0.10
"""Height of the face above the plane of the ears, and of this plane above the axis about which the head
turns, in iod. Heads are 190 mm deep and turn about the neck (atlas), a little behind the ears; a photo
bears about two thirds of that before the far cheek folds."""
BORDER = 0.55
"""Iod from the picture's border within which a person whom it cuts off is held to it."""
LIMITS = np.array([0.35, 0.35, 0.30, 0.35, 0.35, 0.20])
"""Largest headYaw, headPitch, headRoll (radians), headX, headY, headZ (iod): beyond, it tears."""
COLUMNS = [MOTION_INDEX[name] for name in HEAD_CHANNELS]


class Head:
    """The head's field on ``grid``; ``box`` (x0 y0 x1 y1) holds every pixel it can change.

    cover: uint8 (h w), how much each pixel of the photo belongs to the layer that moves
    """

    def __init__(self, face: Face, cover: Bytes) -> None:
        height, width = cover.shape
        cell = max(height, width) / CELLS
        self.grid = Grid.around(np.zeros(2), np.array([width, height], float), cell)
        self._face, self._cover = face, cover
        oval = face.flat[list(anatomy.OVAL)]
        centre = oval.mean(0)
        local = face.local(flat(self.grid), centre)
        extent = np.abs(face.local(oval, centre)).max(0)
        moves = self._moves(local, extent)
        axes = np.stack([face.right, face.down])
        in_picture = moves @ axes * face.iod * self._freedom()[:, None, :]
        shape = (self.grid.rows, self.grid.columns, 2)
        self._fields = np.stack([in_picture[:, k].reshape(shape) for k in range(len(COLUMNS))])
        self._fields = self._fields.astype(np.float32)
        self.box = self._moving_box((width, height))

    def _moves(self, local: np.ndarray, extent: np.ndarray) -> np.ndarray:
        """Displacement (n 6 2) in iod, in face axes, of each head channel at 1."""
        u, v = local.T
        down = v / extent[1]
        # The head with its hair is wider and higher than the face's oval.
        radius = np.hypot(u / extent[0] / 1.15, (down + 0.18) / 1.28)
        depth = DEPTH * np.clip(1 - np.minimum(radius, 1) ** 2, 0, 1) + AXIS
        neck = 0.95 * extent[1]
        held = 1 - smoothstep(down, *NECK)
        sway = TORSO * (1 - smoothstep(down, *TORSO_ENDS))
        zero = np.zeros_like(u)
        channels = [
            (held * depth, zero),
            (zero, held * depth),
            (held * (neck - v), held * u),
            (sway + (1 - TORSO) * held, zero),
            (zero, held),
            (held * u, held * v),
        ]
        return np.stack([np.stack(pair, -1) for pair in channels], 1)

    def _freedom(self) -> np.ndarray:
        """How freely each grid point (n 2) moves across and down: not away from a border that cuts the
        person off, where there is nothing to move in."""
        height, width = self._cover.shape
        points, reach = flat(self.grid), BORDER * self._face.iod
        x = np.clip(np.round(points[:, 0]), 0, width - 1).astype(int)
        y = np.clip(np.round(points[:, 1]), 0, height - 1).astype(int)
        soft = blur(self._cover.astype(np.float32) / 255, max(1.0, 0.15 * self._face.iod))
        free = np.ones((len(points), 2))
        for axis, cut, away in (
            (0, soft[y, 0], points[:, 0]),
            (0, soft[y, -1], width - 1 - points[:, 0]),
            (1, soft[0, x], points[:, 1]),
            (1, soft[-1, x], height - 1 - points[:, 1]),
        ):
            free[:, axis] *= 1 - cut * (1 - smoothstep(away, 0, reach))
        return free

    def _moving_box(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """The layer's extent where it moves, with how far each point can go: the root of the sum of squares,
        as no pose is extreme in everything."""
        reach = np.sqrt(((self._fields * LIMITS[:, None, None, None]) ** 2).sum(0))
        moves = (read(self._cover, self.grid.points) > 0) & (reach.max(2) > 0.5)
        if not moves.any():
            return 0, 0, 0, 0
        low = (self.grid.points - reach)[moves].min(0) - 2 * self.grid.cell
        high = (self.grid.points + reach)[moves].max(0) + 2 * self.grid.cell
        x0, y0 = np.maximum(low, 0).astype(int)
        x1, y1 = np.minimum(high + 1, size).astype(int)
        return int(x0), int(y0), int(x1), int(y1)

    def field(self, channels: Array) -> Array | None:
        """Displacement (rows columns 2) in pixels for one frame's channels; None when it is nil."""
        pose = np.clip(channels[COLUMNS], -LIMITS, LIMITS).astype(np.float32)
        return np.tensordot(pose, self._fields, 1) if pose.any() else None
