"""The face in a photo: its axes and scale, and the landmarks that we name.

Indices are those of the MediaPipe face mesh. "Right" and "left" are the subject's own; the
subject's right is on the left of the picture. Lengths are in interocular distances ("iod"): between
the outer eye corners, in three dimensions, so that a turned head keeps its scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

UPPER_INNER = (191, 80, 81, 82, 13, 312, 311, 310, 415)
LOWER_INNER = (95, 88, 178, 87, 14, 317, 402, 318, 324)
INNER_CORNERS = (78, 308)
UPPER_OUTER = (185, 40, 39, 37, 0, 267, 269, 270, 409)
LOWER_OUTER = (146, 91, 181, 84, 17, 314, 405, 321, 375)
OUTER_CORNERS = (61, 291)
"""Lips from the subject's right to left; inner and outer points correspond one to one."""

UPPER_LIDS = ((246, 161, 160, 159, 158, 157, 173), (466, 388, 387, 386, 385, 384, 398))
LOWER_LIDS = ((7, 163, 144, 145, 153, 154, 155), (249, 390, 373, 374, 380, 381, 382))
EYE_CORNERS = ((33, 133), (263, 362))
IRISES = ((468, 469, 470, 471, 472), (473, 474, 475, 476, 477))
"""Right eye, left eye; lids from the outer to the inner corner; an iris is centre and four edges."""

BROWS = ((70, 63, 105, 66, 107, 46, 53, 52, 65, 55), (300, 293, 334, 296, 336, 276, 283, 282, 295, 285))
BROW_INNER = (0.0, 0.15, 0.5, 0.85, 1.0, 0.0, 0.15, 0.5, 0.85, 1.0)
"""How much a brow point belongs to the inner end of its brow."""

OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
JAW = {
    152: 1.0,
    148: 1.0,
    377: 1.0,
    176: 0.95,
    400: 0.95,
    149: 0.85,
    378: 0.85,
    150: 0.7,
    379: 0.7,
    136: 0.5,
    365: 0.5,
    172: 0.3,
    397: 0.3,
    58: 0.12,
    288: 0.12,
    132: 0.0,
    361: 0.0,
    175: 1.0,
    199: 0.95,
    200: 0.95,
}
"""Share of the chin's drop that each point of the jaw follows."""

STILL = (
    *(2, 1, 4, 5, 6, 168, 97, 326, 94, 10, 234, 454, 127, 356, 93, 323, 116, 345),
    *(151, 8, 197, 195, 109, 338, 67, 297, 103, 332, 54, 284, 21, 251, 162, 389),
)
"""Nose, temples, forehead: what neither speech nor expression moves."""

CHEEK_PULLS = {
    205: (1.0, 0.10),
    187: (0.85, 0.20),
    207: (0.75, 0.30),
    50: (0.75, 0.0),
    101: (0.65, 0.0),
    36: (0.60, 0.05),
    117: (0.45, 0.0),
    118: (0.45, 0.0),
}
"""Points of the right cheek: share of a smile's lift, and of the jaw's drop, that each follows."""
MIRRORED = {205: 425, 187: 411, 207: 427, 50: 280, 101: 330, 36: 266, 117: 346, 118: 347}
NOSTRILS = ((98, 129, 49), (327, 358, 279))
GLABELLA = (9,)

CHEEKS = (50, 280, 205, 425, 101, 330, 36, 266)
MAX_FORESHORTENING = 1.25


@dataclass(frozen=True)
class Face:
    """Landmarks (478 3) in pixels, with the axes and the scale of the face."""

    points: NDArray[np.float64]

    @property
    def flat(self) -> NDArray[np.float64]:
        """Landmarks (478 2) in the picture."""
        return self.points[:, :2]

    @cached_property
    def right(self) -> NDArray[np.float64]:
        """Unit vector (2) along the eyes, towards the picture's right."""
        along = self.flat[263] - self.flat[33]
        return along / np.linalg.norm(along)

    @cached_property
    def down(self) -> NDArray[np.float64]:
        """Unit vector (2) across the eyes, towards the chin."""
        return np.array([-self.right[1], self.right[0]])

    @cached_property
    def iod(self) -> float:
        """Interocular distance in pixels."""
        seen = float(np.linalg.norm(self.flat[33] - self.flat[263]))
        solid = float(np.linalg.norm(self.points[33] - self.points[263]))
        return max(seen, min(MAX_FORESHORTENING * seen, solid))

    @cached_property
    def turn(self) -> float:
        """Yaw in radians, positive towards the picture's right: from the cheeks' difference in depth."""
        across = self.points[454] - self.points[234]
        return float(np.arctan2(across[2], np.linalg.norm(across[:2])))

    @cached_property
    def mouth(self) -> NDArray[np.float64]:
        """Centre of the mouth (2), between its inner corners."""
        return (self.flat[INNER_CORNERS[0]] + self.flat[INNER_CORNERS[1]]) / 2

    @cached_property
    def mouth_half(self) -> float:
        """Half the distance of the outer mouth corners, in iod."""
        return float(np.linalg.norm(self.flat[61] - self.flat[291])) / 2 / self.iod

    @cached_property
    def gap(self) -> NDArray[np.float64]:
        """Distance (9) of the inner lips in the photo, in iod, right to left; nil if they are closed."""
        lower, upper = self.flat[list(LOWER_INNER)], self.flat[list(UPPER_INNER)]
        found = np.maximum((lower - upper) @ self.down, 0) / self.iod
        return found * smoothstep(found.max(keepdims=True), *CLOSED)

    @cached_property
    def chinward(self) -> NDArray[np.float64]:
        """Unit vector (2) along the face's middle, from the forehead to the chin: where the jaw goes.

        Square to the eyes in a face seen from the front, aslant in one seen from the side and above.
        """
        along = self.flat[152] - self.flat[10]
        return along / np.linalg.norm(along)

    def local(self, points: NDArray[Any], origin: NDArray[Any]) -> NDArray[Any]:
        """Points (... 2) in pixels to face axes (right, down) in iod."""
        return (points - origin) @ np.stack([self.right, self.down], 1) / self.iod

    def world(self, local: NDArray[np.float64]) -> NDArray[np.float64]:
        """Vectors (... 2) in face axes and iod to pixels."""
        return local @ np.stack([self.right, self.down]) * self.iod


CLOSED = (0.008, 0.018)
"""Gap between the inner lips, in iod, below which lips count as closed and above which as parted: the
attention mesh gives .000 to .004 for most photos with closed lips, .015 at most."""
