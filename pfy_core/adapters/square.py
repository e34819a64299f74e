"""``adapter/square``: a photo of any shape made square, and the landmarks of its face moved with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pfy_core.component import Adapter
from pfy_core.errors import InputError
from pfy_core.options import choice
from pfy_core.ports import Port

Photo = Annotated[NDArray[np.uint8], Port("image.rgb", "h w 3", dtype="uint8", range=(0, 255))]
Landmarks = Annotated[NDArray[np.float32], Port("face.landmarks", "478 3", dtype="float32")]
Square = Annotated[NDArray[np.uint8], Port("image.rgb", "size size 3", dtype="uint8", range=(0, 255))]

Fit = Literal["face", "crop", "pad", "squash"]
SIZES = (16, 4096)
"""Pixels; the upper end is the side to which larger photos are brought when they are read."""
WIDE, CLOSE = 0.5, 0.7
"""The face's part of the side: Hallo's authors ask for a face that makes up 50 to 70 % of the picture."""
ABOVE = 0.25
"""Share of the surplus height that ``crop`` cuts above: in a portrait photo the face is in the upper half."""


@dataclass(frozen=True)
class Squared:
    """The square picture (size size 3), and the landmarks (478 3) in its pixels where some were given."""

    image: Square
    landmarks: Landmarks | None


class Window(NamedTuple):
    """A rectangle in pixels of a picture, over whose edges it may reach."""

    left: int
    top: int
    width: int
    height: int


class MakeSquare(Adapter, name="square"):
    """A photo of any shape made square, and the landmarks of its face moved with it.

    size: pixels of a side, 16 to 4096; resampled bilinearly with antialiasing (Pillow's).
    fit:  ``face`` frames the head as talking-head models want it: the landmarks' longer extent is half of
          the side, up to 70 % where the photo has no more around them; beyond that the rim's pixels are
          repeated. ``crop`` cuts what is too wide on both sides alike, and what is too high mostly below.
          ``pad`` repeats the pixels of the rim. ``squash`` distorts, as Hallo's and the authors' code does.

    Raises InputError for an option out of range, for what is no picture or no landmarks of it, and for
    ``face`` without landmarks.
    """

    def __init__(self, *, size: int = 512, fit: Fit = "face") -> None:
        if not SIZES[0] <= size <= SIZES[1]:
            raise InputError(f"size {size}", f"{SIZES[0]} to {SIZES[1]} pixels")
        self._size, self._fit = size, choice("fit", fit, Fit)

    def __call__(self, image: Photo, landmarks: Landmarks | None = None) -> Squared:
        """image (h w 3), landmarks (478 3) in its pixels -> (size size 3), (478 3) or None."""
        photo = _checked(image)
        height, width = photo.shape[:2]
        points = None if landmarks is None else _located(landmarks, height, width)
        window = self._window(height, width, points)
        picture = _cut(photo, window)
        if picture.shape[:2] != (self._size, self._size):
            sized = Image.fromarray(picture).resize((self._size, self._size), Image.Resampling.BILINEAR)
            picture = np.asarray(sized)
        if points is None:
            return Squared(np.array(picture), None)
        # Depth has the scale of x (MediaPipe).
        scale = self._size / np.array([window.width, window.height, window.width])
        moved = (points - (window.left, window.top, 0)) * scale
        return Squared(np.array(picture), moved.astype(np.float32))

    def _window(self, height: int, width: int, points: Any) -> Window:
        short, long = sorted((height, width))
        match self._fit:
            case "squash":
                return Window(0, 0, width, height)
            case "pad":
                return Window(-((long - width) // 2), -((long - height) // 2), long, long)
            case "crop":
                return Window((width - short) // 2, round((height - short) * ABOVE), short, short)
        if points is None:
            fix = "connect them, or set fit to crop, pad or squash"
            raise InputError("no landmarks for fit 'face'", "the landmarks of encoder/face-mesh", fix)
        low, high = points[:, :2].min(0), points[:, :2].max(0)
        extent = (high - low).max()
        side = round(float(np.clip(short, extent / CLOSE, extent / WIDE)))
        first = np.round((low + high - side) / 2)
        room = np.array([width, height]) - side
        left, top = np.clip(first, np.minimum(room, 0), np.maximum(room, 0)).astype(int).tolist()
        return Window(left, top, side, side)


def _cut(photo: NDArray[np.uint8], window: Window) -> NDArray[np.uint8]:
    """What is inside the window, the rim's pixels repeated where it reaches over the edges."""
    rows = np.arange(window.top, window.top + window.height).clip(0, photo.shape[0] - 1)
    columns = np.arange(window.left, window.left + window.width).clip(0, photo.shape[1] - 1)
    cut: NDArray[np.uint8] = photo[rows[:, None], columns]
    return cut


def _checked(image: Any) -> NDArray[np.uint8]:
    wants = "a picture (h w 3), uint8"
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        raise InputError(f"image: {getattr(image, 'dtype', type(image).__name__)}", wants)
    if image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise InputError(f"image: shape ({' '.join(map(str, image.shape))})", wants)
    return image


def _located(landmarks: Any, height: int, width: int) -> NDArray[np.float64]:
    points = np.asarray(landmarks, np.float64)
    if points.shape != (478, 3) or not np.isfinite(points).all():
        raise InputError(f"landmarks: shape {points.shape}", "478 finite points (478 3), in pixels")
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    middle = (low + high) / 2
    if (middle < 0).any() or (middle >= (width, height)).any() or (high - low).max() > 2 * max(height, width):
        sends = f"landmarks from {low.round().tolist()} to {high.round().tolist()}"
        raise InputError(sends, f"a face in the picture ({width}x{height})", "give those of the same picture")
    if (high - low).max() < 1:
        raise InputError("landmarks: all in one place", "the extent of a face, in pixels")
    return points
