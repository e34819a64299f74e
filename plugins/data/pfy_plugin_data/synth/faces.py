"""The faces of a made corpus: two pictures in many shapes.

Both may be shipped and shown: a portrait in the public domain (NASA) and a drawing of ours. As with voices,
who is held out stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pfy_core import weights
from pfy_core.media import image
from pfy_core.testing import faces
from pfy_plugin_data.face import crop, find
from pfy_plugin_data.layout import Split

PHOTO = "demo/astronaut"
HEAD = (113.0, 8.0, 333.0, 228.0)
"""Left, top, right and bottom of the head in the photo, in its pixels."""
DRAWN = (106.0, 86.0, 406.0, 386.0)
"""And in the drawing, of 512 pixels a side."""
EYES = 0.45
"""How far down a head's box its eyes are: what is below is made longer."""
SHOWN = 384
"""Pixels a side of the picture in which the face is found."""


@dataclass(frozen=True)
class Face:
    """A face: a picture, and its shape.

    width: of the head, in times of what it was
    length: of what is below the eyes
    jaw: the jaw's width over the forehead's, in times of what it was
    tint: factors of red, green and blue
    """

    name: str
    picture: Literal["astronaut", "drawing"]
    split: Split
    width: float = 1.0
    length: float = 1.0
    jaw: float = 1.0
    mirrored: bool = False
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)


DARK, DIM, PALE = (0.66, 0.6, 0.58), (0.84, 0.78, 0.74), (1.04, 1.02, 1.0)
FACES = (
    Face("astronaut", "astronaut", "train"),
    Face("astronaut-slim", "astronaut", "train", width=0.86, mirrored=True, tint=DIM),
    Face("astronaut-broad", "astronaut", "train", width=1.12, tint=PALE),
    Face("astronaut-long", "astronaut", "train", width=0.95, length=1.15, mirrored=True),
    Face("astronaut-pointed", "astronaut", "train", width=1.04, jaw=0.9, tint=DARK),
    Face("astronaut-square", "astronaut", "train", width=0.98, jaw=1.1, mirrored=True, tint=PALE),
    Face("drawing", "drawing", "train"),
    Face("drawing-slim", "drawing", "train", width=0.88, tint=DARK),
    Face("drawing-broad", "drawing", "train", width=1.14, tint=DIM),
    Face("drawing-long", "drawing", "train", width=1.0, length=1.14, tint=PALE),
    Face("drawing-pointed", "drawing", "train", width=1.06, jaw=0.92, tint=DIM),
    Face("drawing-square", "drawing", "train", width=0.94, jaw=1.1),
    Face("astronaut-heart", "astronaut", "validation", width=1.08, length=1.1, jaw=0.94, tint=DIM),
    Face("drawing-heart", "drawing", "validation", width=0.92, length=1.08, jaw=0.95, tint=DARK),
    Face("astronaut-oval", "astronaut", "test", width=0.9, length=1.08, jaw=1.06, mirrored=True, tint=DARK),
    Face("astronaut-round", "astronaut", "test", width=1.17, jaw=1.05, tint=DIM),
    Face("drawing-oval", "drawing", "test", width=0.84, length=1.05, jaw=1.05, tint=DIM),
    Face("drawing-round", "drawing", "test", width=1.19, jaw=0.95, tint=PALE),
)


def of(split: Split) -> list[Face]:
    """The faces of a split."""
    return [face for face in FACES if face.split == split]


@cache
def reference(face: Face) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A face's reference image (192 192 3) and the landmarks (478 3) in it."""
    picture = shaped(face)
    return crop(picture, find(picture))


def shaped(face: Face) -> NDArray[np.uint8]:
    """The picture of a face in its shape, uint8 (384 384 3)."""
    if face.picture == "drawing":
        source, box = Image.fromarray(faces.photo(512, 512)), DRAWN
    else:
        source, box = Image.fromarray(image.load(weights.path(PHOTO))), HEAD
    eyes = round(EYES * SHOWN)
    upper, chin = box[1] + EYES * (box[3] - box[1]), _chin(face, box)
    forehead, jaw = _row(face, box, 1 / face.jaw**0.5), _row(face, box, face.jaw**0.5)
    middle = tuple((1 - EYES) * a + EYES * b for a, b in zip(forehead, jaw, strict=True))
    made = source.transform(
        (SHOWN, SHOWN),
        Image.Transform.MESH,
        [
            ((0, 0, SHOWN, eyes), _quad(box[1], forehead, upper, middle)),
            ((0, eyes, SHOWN, SHOWN), _quad(upper, middle, chin, jaw)),
        ],
        Image.Resampling.BICUBIC,
    )
    tinted = np.clip(np.asarray(made) * np.array(face.tint), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(tinted[:, ::-1] if face.mirrored else tinted)


def _chin(face: Face, box: tuple[float, ...]) -> float:
    """The source's row that is the lowest: what is below the eyes fills as much room, stretched."""
    return box[1] + (EYES + (1 - EYES) / face.length) * (box[3] - box[1])


def _row(face: Face, box: tuple[float, ...], wide: float) -> tuple[float, float]:
    """Left and right of the source's part that a row shows: the wider a face, the less of it."""
    centre, half = (box[0] + box[2]) / 2, (box[2] - box[0]) / 2 / (face.width * wide)
    return centre - half, centre + half


def _quad(top: float, above: tuple[float, ...], bottom: float, below: tuple[float, ...]) -> tuple[float, ...]:
    """Corners as Pillow wants them: upper left, lower left, lower right, upper right."""
    return above[0], top, below[0], bottom, below[1], bottom, above[1], top
