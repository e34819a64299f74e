"""A face that nobody has: 478 landmarks in MediaPipe's order, and a plain picture of it.

Lengths are in interocular distances (between the outer corners of the eyes), x to the picture's right,
y down, from the middle between the eyes; proportions are those of a grown person seen from the front.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COUNT = 478
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
"""Outline from the top of the forehead, clockwise in the picture; this and the rows below are indices of
the face mesh's topology (MediaPipe, face_mesh_connections)."""
LIDS = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (7, 163, 144, 145, 153, 154, 155)),
    ((263, 466, 388, 387, 386, 385, 384, 398, 362), (249, 390, 373, 374, 380, 381, 382)),
)
IRISES = ((468, 469, 470, 471, 472), (473, 474, 475, 476, 477))
BROWS = (
    ((70, 63, 105, 66, 107), (46, 53, 52, 65, 55)),
    ((300, 293, 334, 296, 336), (276, 283, 282, 295, 285)),
)
LIPS = (
    ((61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291), 0.28, -0.10),
    ((146, 91, 181, 84, 17, 314, 405, 321, 375), 0.28, 0.13),
    ((78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308), 0.25, -0.004),
    ((95, 88, 178, 87, 14, 317, 402, 318, 324), 0.25, 0.004),
)
"""Rows from the picture's left to its right: half width, and height of the middle over the corners."""
PLACES = {
    168: (0, -0.02),
    6: (0, 0.08),
    197: (0, 0.18),
    195: (0, 0.27),
    5: (0, 0.35),
    4: (0, 0.42),
    1: (0, 0.46),
    2: (0, 0.54),
    94: (0, 0.52),
    9: (0, -0.15),
    8: (0, -0.1),
    151: (0, -0.4),
    98: (-0.12, 0.5),
    97: (-0.06, 0.52),
    129: (-0.16, 0.46),
    49: (-0.17, 0.44),
    50: (-0.46, 0.42),
    101: (-0.34, 0.36),
    36: (-0.32, 0.5),
    205: (-0.42, 0.58),
    187: (-0.47, 0.68),
    207: (-0.44, 0.78),
    117: (-0.5, 0.26),
    118: (-0.4, 0.26),
    116: (-0.6, 0.22),
    199: (0, 1.22),
    175: (0, 1.32),
    200: (0, 1.12),
}
"""Nose, forehead, cheeks of the picture's left and chin."""
MIRRORED = {
    98: 327,
    97: 326,
    129: 358,
    49: 279,
    50: 280,
    101: 330,
    36: 266,
    205: 425,
    187: 411,
    207: 427,
    117: 346,
    118: 347,
    116: 345,
}
MOUTH = 0.8
IRIS = 0.062
"""Radius: an iris is 11.7 mm wide, outer corners are some 90 mm apart."""
CENTRE, HALF = np.array([0.0, 0.34]), np.array([0.8, 1.08])
"""Middle and half axes of the face's outline."""
SHARE = 0.24
"""Of a picture's shorter side that the interocular distance takes: head and shoulders fill the rest."""


def _rows() -> NDArray[np.float64]:
    """The face in its own units (478 3)."""
    turns = np.arange(COUNT) * np.pi * (3 - 5**0.5)
    radius = 0.94 * np.sqrt((np.arange(COUNT) + 0.5) / COUNT)
    points = CENTRE + HALF * np.stack([np.cos(turns), np.sin(turns)], 1) * radius[:, None]
    angles = 2 * np.pi * np.arange(len(OVAL)) / len(OVAL)
    points[list(OVAL)] = CENTRE + HALF * np.stack([np.sin(angles), -np.cos(angles)], 1)
    for index, place in PLACES.items():
        points[index] = place
        if index in MIRRORED:
            points[MIRRORED[index]] = (-place[0], place[1])
    _place_eyes(points)
    _place_lips(points)
    out = np.clip((((points - CENTRE) / HALF) ** 2).sum(1), 0, 1)
    depth = 0.5 - 0.75 * np.sqrt(1 - out)
    nose = np.exp(-((points[:, 0] / 0.1) ** 2) - ((points[:, 1] - 0.45) / 0.2) ** 2)
    return np.concatenate([points, (depth - 0.3 * nose)[:, None]], 1)


def _place_eyes(points: NDArray[np.float64]) -> None:
    for side, (above, below), iris, brow in zip((-1, 1), LIDS, IRISES, BROWS, strict=True):
        along = np.linspace(0, 1, len(above))
        x = side * (0.5 - 0.32 * along)
        points[list(above)] = np.stack([x, -0.08 * np.sin(np.pi * along)], 1)
        points[list(below)] = np.stack([x[1:-1], 0.05 * np.sin(np.pi * along[1:-1])], 1)
        edges = np.array([[0, 0], [1, 0], [0, -1], [-1, 0], [0, 1]]) * IRIS
        points[list(iris)] = np.array([side * 0.34, -0.012]) + edges
        for row, height in zip(brow, (-0.28, -0.22), strict=True):
            arch = height - 0.05 * np.sin(np.linspace(0.3, 2.8, len(row)))
            points[list(row)] = np.stack([side * np.linspace(0.6, 0.12, len(row)), arch], 1)


def _place_lips(points: NDArray[np.float64]) -> None:
    for row, half, height in LIPS:
        along = np.linspace(0, 1, 11)
        along = along if len(row) == len(along) else along[1:-1]
        points[list(row)] = np.stack([half * (2 * along - 1), MOUTH + height * np.sin(np.pi * along)], 1)


def landmarks(height: int, width: int) -> NDArray[np.float32]:
    """Landmarks (478 3) in pixels of a face in the middle of a picture of that size."""
    scale = SHARE * min(height, width)
    placed = _rows() * scale
    placed[:, :2] += (width / 2, height / 2 - 0.3 * scale)
    return placed.astype(np.float32)


def matte(height: int, width: int) -> NDArray[np.float32]:
    """Matte (h w): 1 for head and shoulders, 0 for the background, with soft edges."""
    x, y, scale = _grid(height, width)
    head = 1.25 - np.hypot(x / 0.95, (y - 0.25) / 1.3)
    body = 1.2 - np.hypot(x / 1.6, (y - 2.6) / 1.4)
    edge = max(4.0 / scale, 0.02)
    soft: NDArray[np.float32] = np.clip(np.maximum(head, body) / edge, 0, 1).astype(np.float32)
    return soft


def photo(height: int, width: int) -> NDArray[np.uint8]:
    """Picture (h w 3) of the face: skin, eyes, brows, nose and lips before a wall with a little light."""
    x, y, _ = _grid(height, width)
    picture: Any = np.empty((height, width, 3))
    picture[:] = np.array([120.0, 140, 150]) + 20 * x[..., None] / 3
    picture[matte(height, width) > 0.5] = (60, 50, 90)
    _paint(picture, np.hypot((x - CENTRE[0]) / HALF[0], (y - CENTRE[1]) / HALF[1]) < 1, (205, 160, 135))
    shade = np.exp(-((x / 0.12) ** 2) - ((y - 0.48) / 0.08) ** 2)
    picture -= 45 * shade[..., None]
    for side in (-1, 1):
        eye = np.hypot((x - side * 0.34) / 0.16, (y + 0.01) / 0.065)
        _paint(picture, eye < 1, (240, 238, 235))
        _paint(picture, (np.hypot(x - side * 0.34, y + 0.012) < IRIS) & (eye < 1), (70, 45, 30))
        _paint(picture, np.hypot((x - side * 0.36) / 0.25, (y + 0.28) / 0.035) < 1, (60, 40, 30))
    _paint(picture, np.hypot(x / 0.28, (y - MOUTH) / 0.11) < 1, (175, 85, 85))
    _paint(picture, np.hypot(x / 0.25, (y - MOUTH) / 0.008) < 1, (95, 40, 45))
    grain = np.random.default_rng(0).normal(0, 2, (height, width, 1))
    made: NDArray[np.uint8] = np.clip(picture + grain, 0, 255).astype(np.uint8)
    return made


def _grid(height: int, width: int) -> tuple[Any, Any, float]:
    scale = SHARE * min(height, width)
    y, x = np.mgrid[:height, :width]
    return (x + 0.5 - width / 2) / scale, (y + 0.5 - height / 2) / scale + 0.3, scale


def _paint(picture: Any, where: Any, colour: tuple[int, int, int]) -> None:
    picture[where] = colour
