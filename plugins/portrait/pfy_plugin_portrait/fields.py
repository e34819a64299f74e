"""Displacement fields on a coarse grid: thin-plate splines through control points, and inverses.

A field is smooth, so it is kept at about a fiftieth of the face's size and only looked up at the
picture's resolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pfy_plugin_portrait.pixels import read

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array

SMOOTHING = 1e-5
INVERSIONS = 3
BLOCK = 2048
"""Rows of a product done at once: small enough that BLAS does not wake its threads, which on a busy
machine of two cores costs 8 ms a frame, thirty times the product itself."""


@dataclass(frozen=True)
class Grid:
    """Cells of ``cell`` by ``cell`` pixels from pixel (x, y) on; points are the cells' centres."""

    x: int
    y: int
    cell: int
    rows: int
    columns: int

    @classmethod
    def around(cls, low: NDArray[np.float64], high: NDArray[np.float64], cell: float) -> Grid:
        """The grid that covers the box from ``low`` to ``high`` (x, y) in pixels, with cells of about
        ``cell`` pixels."""
        whole = max(1, round(cell))
        x, y = np.floor(low).astype(int)
        columns, rows = np.ceil((high - (x, y)) / whole).astype(int) + 1
        return cls(int(x), int(y), whole, int(rows), int(columns))

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x0 y0 x1 y1 of all cells in pixels, end exclusive."""
        return self.x, self.y, self.x + self.columns * self.cell, self.y + self.rows * self.cell

    @cached_property
    def points(self) -> Array:
        """Positions (rows columns 2) in pixels."""
        y, x = np.mgrid[: self.rows, : self.columns]
        at = np.stack([x, y], -1) * self.cell + (self.x, self.y) + (self.cell - 1) / 2
        return at.astype(np.float32)

    def index(self, at: Array) -> Array:
        """Pixel positions (h w 2) as columns and rows of points."""
        first = np.array([self.x, self.y], np.float32) + np.float32((self.cell - 1) / 2)
        return np.asarray((at - first) * np.float32(1 / self.cell), np.float32)

    def look_up(self, field: Array, at: Array) -> Array:
        """A field (rows columns c) at pixel positions (h w 2); beyond its edges the edge value."""
        return read(field, self.index(at))

    def part(self, box: tuple[int, int, int, int]) -> tuple[tuple[slice, slice], Grid]:
        """The part that covers a box (x0 y0 x1 y1) within this one's, with a cell more on every side, and
        its rows and columns in this grid when that has been given a margin of one cell."""
        left, top = (box[0] - self.x) // self.cell, (box[1] - self.y) // self.cell
        right, bottom = -((self.x - box[2]) // self.cell) + 2, -((self.y - box[3]) // self.cell) + 2
        corner = self.x + (left - 1) * self.cell, self.y + (top - 1) * self.cell
        return np.s_[top:bottom, left:right], Grid(*corner, self.cell, bottom - top, right - left)

    def enlarge(self, field: Array, out: Array | None = None) -> Array:
        """A field at every pixel of ``box`` (h w c), written into ``out`` if given."""
        size = self.columns * self.cell, self.rows * self.cell
        return np.asarray(cv2.resize(field, size, dst=out, interpolation=cv2.INTER_LINEAR))

    @cached_property
    def _index(self) -> Array:
        """Column and row (rows columns 2) of every point."""
        y, x = np.mgrid[: self.rows, : self.columns]
        return np.stack([x, y], -1).astype(np.float32)

    def pull(self, field: Array, back: Array) -> Array:
        """A field of this grid at each of its points moved by ``-back`` (rows columns 2) pixels."""
        return read(field, cv2.scaleAdd(back, -1 / self.cell, self._index))

    def inverse(self, field: Array) -> Array:
        """The field d' with d'(y) = d(y - d'(y)): where a pixel of the result comes from."""
        back = field
        for _ in range(INVERSIONS):
            back = self.pull(field, back)
        return back


@dataclass(frozen=True)
class Layer:
    """A part of the picture that moves as one field: ``weights`` (points, controls) on ``grid``."""

    grid: Grid
    weights: Array

    def field(self, moves: NDArray[np.float64]) -> Array:
        """Displacement (rows columns 2) for displacements (controls 2), in the same unit."""
        small, out = moves.astype(np.float32), np.empty((len(self.weights), 2), np.float32)
        for start in range(0, len(out), BLOCK):
            np.matmul(self.weights[start : start + BLOCK], small, out=out[start : start + BLOCK])
        return out.reshape(self.grid.rows, self.grid.columns, 2)


def flat(grid: Grid) -> NDArray[np.float64]:
    """A grid's positions as a list (rows*columns 2)."""
    return grid.points.reshape(-1, 2).astype(np.float64)


def spline(controls: NDArray[np.float64], at: NDArray[np.float64], moving: int) -> Array:
    """Weights (m moving) of the first ``moving`` of n control points at m positions.

    A thin-plate spline (Bookstein 1989, "Principal warps": kernel r^2 log r with an affine part,
    lightly smoothed) through all n points; those after the first ``moving`` stay where they are.
    """
    n = len(controls)
    affine = np.c_[np.ones(n), controls]
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(controls, controls) + SMOOTHING * np.eye(n)
    system[:n, n:], system[n:, :n] = affine, affine.T
    # OpenCV's solver: numpy's wakes threads for these few rows, which costs ten times the work.
    solved = cv2.solve(system, np.eye(n + 3)[:, :moving])[1].astype(np.float32)
    at = at.astype(np.float32)
    found = np.empty((len(at), moving), np.float32)
    for start in range(0, len(at), BLOCK):
        part = at[start : start + BLOCK]
        basis = np.c_[_kernel(part, controls.astype(np.float32)), np.ones(len(part), np.float32), part]
        found[start : start + BLOCK] = basis @ solved
    return found


def _kernel(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    dx, dy = a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1]
    squared = dx * dx + dy * dy
    return squared * np.log(squared + 1e-12) / 2
