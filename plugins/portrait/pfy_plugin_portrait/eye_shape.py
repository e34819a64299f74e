"""Where an eye is: its corners, the curves of its lids, its iris, and a picture of its surroundings.

An eye has axes of its own, from corner to corner and across; lengths are in iod. Along the eye a
position is also counted as s, -1 at the corner on the picture's left and 1 at the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.pixels import read

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array, Bytes

SIDES = ("Right", "Left")
TABLE = 161
SPAN = 1.35
"""How far tables along the eye reach, in s."""
POWERS = 4
"""Terms of a lid's curve, (1 - s^2) times a cubic: it meets the corners whatever the landmarks say."""
BROW_SHARE = 0.75
"""Share of the skin between lid and brow that can move; the brow's own hair stays."""
REACH_BELOW = 0.16
FINE_IOD = 500.0
"""Interocular distance in pixels up to which pictures of the eye are kept at twice the photo's size."""

EDGE = np.array([0.88, 1.10])
"""Radii, relative to the iris', between which the picture should turn from dark to light."""


class EyeShape:
    """One eye of a face, ``eye`` 0 for the subject's right; tables are over ``s`` (TABLE).

    With an ``image`` (h w 3) the iris is where the picture has its edge, near the landmarks'.
    """

    def __init__(self, face: Face, eye: int, image: Bytes | None = None) -> None:
        self.face, self.eye, self.iod = face, eye, face.iod
        ends = face.flat[list(anatomy.EYE_CORNERS[eye])]
        left, right = ends[np.argsort(ends @ face.right)]
        self.centre = (left + right) / 2
        width = max(float(np.linalg.norm(right - left)), 1e-6)
        self.half = width / 2 / self.iod
        self.right = (right - left) / width
        self.down = np.array([-self.right[1], self.right[0]])
        self.s = np.linspace(-SPAN, SPAN, TABLE)
        self.upper = self._curve(anatomy.UPPER_LIDS[eye])
        self.lower = np.maximum(self._curve(anatomy.LOWER_LIDS[eye]), self.upper)
        ring = face.flat[list(anatomy.IRISES[eye])]
        self.iris = self.local(ring[0])
        self.radius = float(np.linalg.norm(ring[1:] - ring[0], axis=1).mean()) / self.iod
        brow = self.local(face.flat[list(anatomy.BROWS[eye][5:])])
        brow = brow[np.argsort(brow[:, 0])]
        self.brow = np.interp(self.s * self.half, brow[:, 0], brow[:, 1])
        if image is not None:
            self.iris, self.radius = self._found_iris(image)

    @cached_property
    def opening(self) -> float:
        """Greatest distance of the lids, in iod."""
        return float((self.lower - self.upper).max())

    @cached_property
    def nasal(self) -> int:
        """1 when the nose lies towards the picture's right of this eye, else -1."""
        return 1 if self.eye == 0 else -1

    @cached_property
    def top(self) -> NDArray[np.float64]:
        """Height (TABLE) below the brow from which skin moves, in iod."""
        return self.upper - np.maximum(BROW_SHARE * (self.upper - self.brow), 0.05)

    def local(self, at: NDArray[Any]) -> NDArray[Any]:
        """Pixels (... 2) to the eye's axes (along, down), in iod."""
        axes = np.stack([self.right, self.down], 1).astype(at.dtype) / at.dtype.type(self.iod)
        return (at - self.centre.astype(at.dtype)) @ axes

    def world(self, local: NDArray[Any]) -> NDArray[Any]:
        """Positions (... 2) in the eye's axes to pixels."""
        return self.centre + local @ np.stack([self.right, self.down]) * self.iod

    def index(self, along: NDArray[Any]) -> NDArray[np.intp]:
        """Rows of the tables for positions along the eye in iod."""
        step = (TABLE - 1) / (2 * SPAN)
        found = np.rint(along * np.float32(step / self.half) + np.float32((TABLE - 1) / 2))
        return np.clip(found, 0, TABLE - 1).astype(np.intp)

    def _curve(self, names: tuple[int, ...]) -> NDArray[np.float64]:
        points = self.local(self.face.flat[list(names)])
        s = np.clip(points[:, 0] / self.half, -0.98, 0.98)
        basis = (1 - s**2)[:, None] * s[:, None] ** np.arange(POWERS)
        terms = np.linalg.lstsq(basis, points[:, 1], rcond=None)[0]
        inside = np.clip(self.s, -1, 1)
        return np.asarray((1 - inside**2) * (inside[:, None] ** np.arange(POWERS) @ terms))

    def _found_iris(self, image: Bytes) -> tuple[NDArray[np.float64], float]:
        """Centre and radius whose circle has the strongest edge from dark to light within the opening
        (Daugman 1993, "High confidence visual recognition of persons", integro-differential operator)."""
        across, down, size = (np.linspace(-1, 1, n) for n in (11, 7, 9))
        dx, dy, dr = (g.ravel()[:, None] for g in np.meshgrid(across, down, size, indexing="ij"))
        radius = self.radius * np.exp(0.22 * dr)
        side = np.radians(np.linspace(-40, 50, 19))
        angle = np.r_[side, np.pi - side]
        ray = np.stack([np.cos(angle), np.sin(angle)], -1)
        centre = self.iris + np.concatenate([0.020 * dx, 0.014 * dy], 1)
        rings = centre[:, None, None] + (radius * EDGE)[:, :, None, None] * ray
        row = self.index(rings[..., 0])
        seen = (rings[..., 1] > self.upper[row] + 0.008) & (rings[..., 1] < self.lower[row] - 0.006)
        seen &= np.abs(rings[..., 0]) < 0.95 * self.half
        both = seen.all(1)
        light = luminance(read(image, self.world(rings).reshape(len(rings), -1, 2)).astype(np.float32))
        light = light.reshape(rings.shape[:-1])
        steps = np.clip(light[:, 1] - light[:, 0], -10, 60) * both
        enough = both.sum(1) >= 8
        score = np.where(enough, steps.sum(1) / np.maximum(both.sum(1), 8), -1e9)
        # Both sides count: an edge on one side alone is as often a lid's shadow.
        half = len(side)
        for part in (slice(None, half), slice(half, None)):
            shown = np.maximum(both[:, part].sum(1), 4)
            score += 0.5 * np.minimum(steps[:, part].sum(1) / shown, 25)
        score -= 6.0 * (dx**2 + dy**2 + dr**2)[:, 0]
        best = int(score.argmax())
        if not enough[best]:
            return self.iris, self.radius
        return centre[best], float(radius[best, 0])

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x0 y0 x1 y1 in pixels of everything about this eye that moves."""
        along = SPAN * self.half
        low, high = float(self.top.min()) - 0.02, float(self.lower.max()) + REACH_BELOW
        corners = self.world(np.array([[u, v] for u in (-along, along) for v in (low, high)]))
        x0, y0 = np.floor(corners.min(0)).astype(int)
        x1, y1 = np.ceil(corners.max(0)).astype(int) + 1
        return int(x0), int(y0), int(x1), int(y1)


@dataclass(frozen=True)
class Patch:
    """Where pictures of an eye's surroundings lie: ``zoom`` samples a pixel from (x, y) on."""

    x: int
    y: int
    width: int
    height: int
    zoom: int

    @classmethod
    def around(cls, shape: EyeShape) -> Patch:
        """The patch of an eye."""
        x0, y0, x1, y1 = shape.box
        zoom = 2 if shape.iod <= FINE_IOD else 1
        return cls(x0, y0, x1 - x0, y1 - y0, zoom)

    @cached_property
    def points(self) -> Array:
        """Positions (h w 2) of the samples in pixels of the photo."""
        y, x = np.mgrid[: self.height * self.zoom, : self.width * self.zoom].astype(np.float32)
        shift = np.float32((1 / self.zoom - 1) / 2)
        return np.stack([x, y], -1) / np.float32(self.zoom) + (np.array([self.x, self.y], np.float32) + shift)

    def cut(self, image: Bytes) -> Array:
        """The photo (h w 3) on this patch, cubically enlarged, float32; its edge goes on outside."""
        nothing: Any = None
        at = self.points
        found = cv2.remap(image, at, nothing, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, np.float32)

    def read(self, picture: Array, at: Array, *, outside: str = "edge") -> Array:
        """A picture on this patch at positions (h w 2) in pixels of the photo."""
        origin = np.array([self.x, self.y], np.float32)
        zoom = np.float32(self.zoom)
        return read(picture, (at - origin) * zoom + (zoom - 1) / 2, outside=outside)


def luminance(picture: NDArray[Any]) -> NDArray[Any]:
    """Rec. 601 luma (...) of RGB (... 3)."""
    return picture @ np.array([0.299, 0.587, 0.114], picture.dtype)
