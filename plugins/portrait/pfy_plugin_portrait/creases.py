"""What expressions do to the light on the skin: folds beside the nose, cheeks, forehead, brows.

Each crease is a map of how much lighter (+) or darker (-) the skin gets at full strength. Maps lie on
the unmoved face and are carried along with the skin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pfy_core.kinds import MOTION_CHANNELS, MOTION_INDEX
from pfy_plugin_portrait.fields import Grid, flat
from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.face import Face
    from pfy_plugin_portrait.ports import Array

    Real = NDArray[np.float64]

CELL = 0.016
"""Distance of grid points in iod: a fold is two to three wide."""
FAINT = 0.12
"""Strength from which a crease begins to show: plain speech hardly brings one out."""
NASOLABIAL = ((129, 203, 206, 216, 212), (358, 423, 426, 436, 432))
"""From the wing of the nose to beside the mouth's corner; subject's right, left."""
FOREHEAD = ((68, 104, 69, 108, 151, 337, 299, 333, 298), (71, 63, 105, 66, 9, 296, 334, 293, 301))
"""Landmarks level across the forehead, and along the brows below."""
DEPTH = {"fold": 0.12, "apple": 0.05, "line": 0.045, "frown": 0.10}
"""Change of light at full strength, tuned by eye on contact sheets; less for lines, which not every skin
has."""
WARM = np.array([0.55, 1.05, 1.30], np.float32)
"""Share of that change in red, green and blue where the photo has colours: within skin light is scattered
most in red, which fills its folds (tuned by eye; equal shares look grey on pale skin)."""
DRIVERS = {
    "fold": {
        "mouthSmile": 0.9,
        "noseSneer": 0.6,
        "cheekSquint": 0.3,
        "mouthUpperUp": 0.25,
        "mouthStretch": 0.15,
        "mouthDimple": 0.3,
    },
    "apple": {"mouthSmile": 0.8, "cheekSquint": 0.6},
}
"""Channels (of either side) that bring out folds and cheeks."""


@dataclass(frozen=True)
class _Area:
    """Creases that are drawn together: ``maps`` (k rows columns), and what drives them (channels k)."""

    grid: Grid
    maps: Array
    drive: Array


class Creases:
    """The creases of one photo; ``own`` is how much it smiles already, ``colourful`` how much colour it
    has, both 0..1; ``tint`` (3) is how much of a shade falls on each channel."""

    def __init__(self, face: Face, own: float, colourful: float = 1.0) -> None:
        self.tint = 1 + (WARM - 1) * np.float32(colourful)
        self._areas = [_lower(face, own), _upper(face)]

    def shades(
        self, channels: Array, base: Grid, back: Array
    ) -> list[tuple[tuple[int, int, int, int], Array]]:
        """Boxes (x0 y0 x1 y1) and the factors (h w) to multiply their pixels by, for one frame.

        back: the skin's inverse displacement on the grid ``base``.
        """
        found = []
        for area in self._areas:
            strength = (np.clip(channels, 0, 1) @ area.drive - FAINT) / (1 - FAINT)
            if strength.max() <= 0:
                continue
            strength = np.clip(strength, 0, 1)
            shade = np.tensordot(strength.astype(np.float32), area.maps, 1)
            points = area.grid.points
            moved = area.grid.pull(shade, base.look_up(back, points))
            found.append((area.grid.box, area.grid.enlarge(1 + moved)))
        return found


def darken(canvas: NDArray[np.uint8], factors: Array, tint: Array) -> None:
    """Multiply a canvas (h w 4) by factors (h w), in place, by ``tint`` (3) more or less in each channel;
    its alpha stays."""
    shade = factors - 1
    planes = cv2.merge([*(1 + shade * share for share in tint), np.ones_like(factors)])
    canvas[...] = cv2.multiply(canvas, planes, dtype=cv2.CV_8U)


def _lower(face: Face, own: float) -> _Area:
    names = [name for side in NASOLABIAL for name in side]
    low, high = face.flat[names].min(0) - 0.24 * face.iod, face.flat[names].max(0) + 0.24 * face.iod
    grid = Grid.around(low, high, CELL * face.iod)
    at = face.local(flat(grid), face.mouth)
    maps, drive = [], []
    for side, line in zip(("Right", "Left"), NASOLABIAL, strict=True):
        away, along = _beside(at, face.local(face.flat[list(line)], face.mouth))
        outward = away if side == "Right" else -away
        taper = smoothstep(along, 0.0, 0.25) * (1 - smoothstep(along, 0.70, 1.0))
        # The cheek bulges over the fold: a sharp shadow inward, a soft light outward.
        width = np.where(outward > 0, 0.028, 0.044)
        fold = -np.exp(-((outward / width) ** 2)) + 0.35 * np.exp(-(((outward - 0.075) / 0.045) ** 2))
        cheek = face.local(face.flat[205 if side == "Right" else 425], face.mouth)
        apple = np.exp(-(((at - cheek - (0, -0.03)) ** 2) / np.array([0.10, 0.075]) ** 2).sum(1))
        # A far cheek is foreshortened: what is seen of it stays as it is.
        seen = smoothstep(np.abs(cheek[0]), 0.08, 0.25) * (1 - 0.6 * own)
        for kind, shape in (("fold", fold * taper), ("apple", apple)):
            maps.append(DEPTH[kind] * seen * shape)
            drive.append(_driven(DRIVERS[kind], side))
    return _area(grid, maps, drive)


def _upper(face: Face) -> _Area:
    names = [name for row in FOREHEAD for name in row]
    grid = Grid.around(face.flat[names].min(0), face.flat[names].max(0), CELL * face.iod)
    at = face.local(flat(grid), face.flat[9])
    top, brows = (face.local(face.flat[list(row)], face.flat[9]) for row in FOREHEAD)
    lines = np.zeros(len(at))
    half = np.ptp(brows[:, 0]) / 2
    across = (at[:, 0] - brows[:, 0].mean()) / half
    for share in (0.62, 0.95):
        level = (1 - share) * _height(brows, at[:, 0]) + share * _height(top, at[:, 0])
        off = at[:, 1] - level - 0.006 * np.sin(9 * at[:, 0] + 5 * share)
        line = -np.exp(-((off / 0.016) ** 2)) + 0.6 * np.exp(-(((off + 0.032) / 0.022) ** 2))
        lines += line * (1 - smoothstep(np.abs(across), 0.45, 0.75))
    frown = np.zeros(len(at))
    for sign in (-1, 1):
        off = (at[:, 0] - sign * 0.055 - sign * 0.15 * (at[:, 1] + 0.02)) * sign
        line = -np.exp(-((off / 0.016) ** 2)) + 0.5 * np.exp(-(((off - 0.035) / 0.022) ** 2))
        frown += line * np.exp(-(((at[:, 1] - 0.01) / 0.055) ** 2))
    up = _driven({"browInnerUp": 0.7, "browOuterUp": 0.3}, "Left") + _driven({"browOuterUp": 0.3}, "Right")
    down = sum(_driven({"browDown": 0.5, "noseSneer": 0.2}, side) for side in ("Left", "Right"))
    return _area(grid, [DEPTH["line"] * lines, DEPTH["frown"] * frown], [up, np.asarray(down)])


def _area(grid: Grid, maps: list[Real], drive: list[Real]) -> _Area:
    """Maps faded out at the grid's borders."""
    shape = (grid.rows, grid.columns)
    edge = np.minimum.outer(
        np.minimum(np.arange(shape[0]), np.arange(shape[0])[::-1]),
        np.minimum(np.arange(shape[1]), np.arange(shape[1])[::-1]),
    )
    fade = smoothstep(edge, 0, 4)
    stacked = np.stack([one.reshape(shape) * fade for one in maps]).astype(np.float32)
    return _Area(grid, stacked, np.stack(drive, 1).astype(np.float32))


def _driven(shares: dict[str, float], side: str) -> Real:
    """Weights (channels) of a crease on a side."""
    weights = np.zeros(len(MOTION_CHANNELS))
    for name, share in shares.items():
        weights[MOTION_INDEX[name if name in MOTION_INDEX else name + side]] = share
    return weights


def _height(line: Real, u: Real) -> Real:
    order = np.argsort(line[:, 0])
    return np.interp(u, line[order, 0], line[order, 1])


def _beside(at: Real, line: Real) -> tuple[Real, Real]:
    """Signed distance (n) of points from a polyline, positive on the right of its way down, seen from
    it, and the share (n) of the way along it, for points (n 2)."""
    start, step = line[:-1], np.diff(line, axis=0)
    length = np.linalg.norm(step, axis=1)
    away = at[:, None] - start
    share = np.clip((away * step).sum(-1) / length**2, 0, 1)
    off = away - share[..., None] * step
    distance = np.linalg.norm(off, axis=-1)
    nearest = distance.argmin(1)
    rows = np.arange(len(at))
    cross = step[nearest, 0] * away[rows, nearest, 1] - step[nearest, 1] * away[rows, nearest, 0]
    passed = np.r_[0.0, np.cumsum(length)][nearest] + share[rows, nearest] * length[nearest]
    return np.sign(cross) * distance[rows, nearest], passed / length.sum()
