"""Where the skin goes: layers of a photo, pulled by the control points of its face (pulls.py).

Three layers make the face. The *base* is everything; above the lip line it follows the upper lip,
from the lip line down the lower one. The *upper lip* and the *upper lids* are patches with soft edges
that slide over it, so that lips part and eyes close without tearing the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.fields import Grid, Layer, flat
from pfy_plugin_portrait.pixels import smoothstep
from pfy_plugin_portrait.pulls import LOWER, UPPER, Pulls

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL, FINE_CELL = 0.032, 0.02
"""Distance of grid points in iod: of the whole face, of the lips."""
MARGIN = (0.55, 0.35, 0.95)
"""How far the field reaches beyond the face: sides, top, bottom, in iod."""


class Deformer(Pulls):
    """The layers of one photo and the control points that pull them."""

    def __init__(
        self, face: Face, still_eyes: tuple[bool, bool] = (False, False), *, glasses: bool = False
    ) -> None:
        super().__init__(face, still_eyes, glasses=glasses)
        self.base, self.lip = self._base(), self._lip()

    def _base(self) -> Layer:
        oval, iod = self.face.flat[list(anatomy.OVAL)], self.face.iod
        sides, top, bottom = (margin * iod for margin in MARGIN)
        grid = Grid.around(oval.min(0) - (sides, top), oval.max(0) + (sides, bottom), CELL * iod)
        local = self.face.local(flat(grid), self.face.mouth)
        u, v = local[:, 0], local[:, 1] - self._lip_line(local[:, 0])
        inside = 1 - smoothstep(np.abs(u) / self.face.mouth_half, 0.8, 1.1)
        # Within the mouth the base follows the lower lip until well above the lip line: there the
        # upper-lip patch hides it. Beside the mouth both layers agree and are mixed softly.
        low, high = -0.08 - 0.07 * inside, 0.08 - 0.13 * inside
        share = smoothstep((v - low) / (high - low), 0, 1)[:, None]
        follows_lower = self.weights(flat(grid), {*UPPER, *anatomy.UPPER_OUTER})
        follows_upper = self.weights(flat(grid), {*LOWER, *anatomy.LOWER_OUTER})
        weights = share * follows_lower + (1 - share) * follows_upper
        return Layer(grid, (weights * _fade(grid)[:, None]).astype(np.float32))

    def _lip(self) -> Layer:
        """The upper lip and what lies above it, as far as its patch reaches."""
        reach = np.array([self.face.mouth_half + 0.25, 0.45]) * self.face.iod
        # The box is upright in the picture: a tilted mouth needs more.
        reach = np.abs(np.stack([self.face.right * reach[0], self.face.down * reach[1]])).sum(0)
        grid = Grid.around(self.face.mouth - reach, self.face.mouth + reach, FINE_CELL * self.face.iod)
        return Layer(grid, self.weights(flat(grid), {*LOWER, *anatomy.LOWER_OUTER}).astype(np.float32))

    def _lip_line(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Height of the upper inner lip at ``u``, in iod below the mouth's centre; level outside."""
        names = [78, *UPPER, 308]
        edge = self.face.local(self.face.flat[names], self.face.mouth)
        return np.interp(u, edge[:, 0], edge[:, 1])


def _fade(grid: Grid) -> NDArray[np.float64]:
    """1 inside a grid, falling to 0 at its edges (points)."""
    row, column = np.divmod(np.arange(grid.rows * grid.columns), grid.columns)
    vertical = np.minimum(row, grid.rows - 1 - row)
    across = np.minimum(column, grid.columns - 1 - column)
    return np.asarray(smoothstep(np.minimum(vertical, across) * CELL, 0.0, 0.2), np.float64)
