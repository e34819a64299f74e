"""The eyes of a portrait in one frame: eyeballs that turn behind lids that move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_plugin_portrait.eye_shape import SIDES, EyeShape, Patch
from pfy_plugin_portrait.eyeballs import RIM, Eyeball
from pfy_plugin_portrait.eyelids import MEETING, Lid
from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.face import Face
    from pfy_plugin_portrait.ports import Array, Bytes
    from pfy_plugin_portrait.pulls import Pose

GAZE = 0.056
"""Shift of the iris at full gaze, in iod: an eyeball of 12 mm turned by 25 degrees."""
VERTICAL = 0.6
"""Of it, up and down: people look as far, but lids hide it."""
WIDE = 0.022
"""How much higher a lid goes at eyeWide 1, in iod: 2 mm, as in surprise."""
SQUINT = 0.25
"""Share of the opening that the lower lid rises at eyeSquint 1; the upper lid comes down by half of it."""
CHEEK, SMILE = 0.4, 0.15
"""How much a raised cheek and a smile push the lower lid up, as a share of eyeSquint."""
LEAST = 0.004
"""Changes smaller than this are not drawn."""


def lower_lift(shape_opening: NDArray[np.float64], pose: Pose, eye: int) -> NDArray[np.float64]:
    """How far a lower lid with an opening above it rises, in the opening's unit."""
    side = SIDES[eye]
    blink = min(1.0, max(0.0, pose["eyeBlink" + side]))
    squint = pose["eyeSquint" + side] + CHEEK * pose["cheekSquint" + side] + SMILE * pose["mouthSmile" + side]
    squint = min(1.0, max(0.0, squint))
    return shape_opening * ((1 - MEETING) * blink + SQUINT * squint)


def lids(pose: Pose, eye: int) -> tuple[float, float]:
    """How far a pose closes the upper lid, 0 as in the photo to 1, and how much higher it goes, in iod."""
    side = SIDES[eye]
    blink, squint = (float(np.clip(pose[name + side], 0, 1)) for name in ("eyeBlink", "eyeSquint"))
    wide = WIDE * float(np.clip(pose["eyeWide" + side], 0, 1)) * (1 - blink)
    return blink + 0.5 * SQUINT * squint * (1 - blink), wide


def iris_shift(pose: Pose, eye: int) -> NDArray[np.float64]:
    """Shift of the iris (right, down) that a pose asks for, in iod."""
    side = SIDES[eye]
    # The subject's left eye looks "in" when it looks towards the picture's left.
    across = pose["eyeLookIn" + side] - pose["eyeLookOut" + side]
    down = pose["eyeLookDown" + side] - pose["eyeLookUp" + side]
    sign = 1 if eye == 0 else -1
    return np.asarray(GAZE * np.clip([sign * across, VERTICAL * down], -1, 1))


class Eye:
    """One eye: what to draw of it for a pose, and where; ``turn`` of the iris at rest, in iod."""

    def __init__(self, face: Face, eye: int, image: Bytes, turn: float = 0.0) -> None:
        self.shape = EyeShape(face, eye, image)
        self._side = SIDES[eye]
        patch = Patch.around(self.shape)
        self.ball = Eyeball(self.shape, patch, image)
        self.lid = Lid(self.shape, patch, image)
        table = np.r_[self.shape.upper - WIDE, self.shape.lower]
        ends = [[u, v] for u in (-self.shape.half, self.shape.half) for v in (table.min(), table.max())]
        corners = self.shape.world(np.array(ends))
        self._ball = corners.min(0) - 5, corners.max(0) + 5
        self._rest = np.array([turn, 0.0])

    def gaze(self, pose: Pose) -> NDArray[np.float64]:
        """Shift of the iris (right, down) against the photo, in iod."""
        return iris_shift(pose, self.shape.eye) + self._rest

    def changes(self, pose: Pose) -> bool:
        """Whether this eye differs from the photo."""
        closed, wide = lids(pose, self.shape.eye)
        return max(closed, wide / WIDE) > LEAST or bool(np.abs(self.gaze(pose)).max() > 1e-4)

    def box(self, pose: Pose) -> tuple[float, float, float, float]:
        """x0 y0 x1 y1 in pixels of the photo of what a pose changes about this eye."""
        closed, wide = lids(pose, self.shape.eye)
        if max(closed, wide / WIDE) > LEAST:
            return self.shape.box
        (x0, y0), (x1, y1) = self._ball
        return float(x0), float(y0), float(x1), float(y1)

    def draw(self, canvas: Bytes, at: Array, pose: Pose) -> None:
        """Draw the eye onto the canvas (h w c) whose pixels are at positions (h w 2) of the photo."""
        shape = self.shape
        if shape.opening < 1e-3 or not at.size:
            return
        closed, wide = lids(pose, self.shape.eye)
        gaze = self.gaze(pose)
        turned = bool(np.abs(gaze).max() > 1e-4)
        if turned or wide > 0 or pose["eyeSquint" + self._side] > LEAST:
            part = self._opening(at)
            self._draw_ball(canvas[part], at[part], pose, gaze, self.lid.edge(closed, wide))
        if max(closed, wide / WIDE) > LEAST:
            self.lid.draw(canvas, at, closed, wide)

    def _opening(self, at: Array) -> tuple[slice, slice]:
        """The rows and columns of positions (h w 2) that can show the eyeball."""
        low, high = self._ball
        coarse = at[::4, ::4]
        within = ((coarse > low) & (coarse < high)).all(-1)
        rows, columns = np.flatnonzero(within.any(1)), np.flatnonzero(within.any(0))
        if not len(rows):
            return slice(0, 0), slice(0, 0)
        return slice(4 * rows[0], 4 * rows[-1] + 4), slice(4 * columns[0], 4 * columns[-1] + 4)

    def _draw_ball(
        self, canvas: Bytes, at: Array, pose: Pose, gaze: NDArray[np.float64], edge: NDArray[np.float64]
    ) -> None:
        shape = self.shape
        local = shape.local(at)
        row = shape.index(local[..., 0])
        lower = shape.lower - lower_lift(shape.lower - shape.upper, pose, shape.eye)
        above, below = (table.astype(np.float32)[row] for table in (edge, lower))
        # A raised lid uncovers the eyeball up to its new edge; lashes are laid over it.
        margin = RIM[1] if edge[len(edge) // 2] >= shape.upper[len(edge) // 2] else RIM[0]
        share = smoothstep(local[..., 1] - above, RIM[0] * margin / RIM[1], margin)
        share *= smoothstep(below - local[..., 1], *RIM)
        share *= 1 - smoothstep(np.abs(local[..., 0]) / shape.half, 0.86, 0.97)
        turn = gaze @ np.stack([shape.face.right, shape.face.down]) * shape.iod
        colour = self.ball.draw(at, turn)
        mixed = canvas[..., :3] + (colour - canvas[..., :3]) * share[..., None]
        np.clip(mixed + 0.5, 0, 255, out=mixed)
        canvas[..., :3] = mixed.astype(np.uint8)
