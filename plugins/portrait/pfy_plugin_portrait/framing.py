"""Which part of the photo the video shows, and at how many pixels.

A format that the photo cannot fill is cut around the face, eyes near the upper third; where that
would cut the head, the picture is continued by its own blurred border.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pfy_core import InputError
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.background import extended
from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from pfy_plugin_portrait.ports import Array, Bytes

MIN_SIDE, MAX_SIDE = 64, 4096
"""Of a video: the least that shows a face, and what H.264 decoders commonly play."""
FACE_SIDE = 512
"""Least side of a cut-out face: a small one is enlarged, for its lips are a handful of pixels."""
HEAD = np.array([1.75, 2.0])
"""Width and height that a head with hair and a little air needs, in widths and heights of its oval."""
BUST = 2.5
"""Side of the square that shows head and shoulders, in heights of the face's oval."""
EYES_UPRIGHT, EYES_WIDE = 0.34, 0.40
"""Height of the eyes in upright and in wide pictures, from the top; in an upright one that needs more than
the photo has also .40, for what is above a head is easier to continue than a body."""
SEAM = 0.05
"""Share of the shorter side over which a continued border turns blurred."""
FILL_BLUR = (0.03, 0.14)
"""Blur of a continued border beside the photo and further away, of the shorter side."""


@dataclass(frozen=True)
class Framing:
    """The rectangle of the photo (pixels, may reach beyond it) that the video of ``size`` (w, h) shows."""

    left: int
    top: int
    width: int
    height: int
    size: tuple[int, int]

    def beyond(self, photo: tuple[int, int]) -> float:
        """Share of the rectangle that a photo (w, h) does not have."""
        across = min(photo[0], self.left + self.width) - max(0, self.left)
        down = min(photo[1], self.top + self.height) - max(0, self.top)
        return 1 - across * down / (self.width * self.height)

    def apply(self, image: Bytes, landmarks: Array, matte: Array) -> tuple[Bytes, Array, Array]:
        """Photo (h w 3), landmarks (478 3) and matte (h w) as the video shows them."""
        photo = image.shape[1], image.shape[0]
        x0, y0 = max(0, self.left), max(0, self.top)
        x1, y1 = min(photo[0], self.left + self.width), min(photo[1], self.top + self.height)
        image, matte = image[y0:y1, x0:x1], matte[y0:y1, x0:x1]
        scale = np.array(self.size) / (self.width, self.height)
        if (self.width, self.height) != self.size:
            shown = [max(1, round(n * s)) for n, s in zip((x1 - x0, y1 - y0), scale, strict=True)]
            way = cv2.INTER_AREA if scale[0] < 1 else cv2.INTER_CUBIC
            image = np.asarray(cv2.resize(image, shown, interpolation=way), np.uint8)
            matte = np.asarray(cv2.resize(matte, shown, interpolation=cv2.INTER_LINEAR), np.float32)
        before = np.round((np.array([x0, y0]) - (self.left, self.top)) * scale).astype(int)
        after = np.array(self.size) - before - image.shape[1::-1]
        if before.any() or after.any():
            sides = (int(before[1]), int(after[1])), (int(before[0]), int(after[0]))
            image, matte = _continued(image, matte, sides), _matte_continued(matte, sides)
        half, depth = np.array([0.5, 0.5, 0]), float(scale.mean())
        shift, ratio = np.array([self.left, self.top, 0]), np.array([*scale, depth])
        return image, ((landmarks - shift + half) * ratio - half).astype(np.float32), matte


def parse_size(size: int | str) -> int | tuple[int, int]:
    """The longest side (0: the photo's own), or (width, height); raises InputError."""
    text = str(size).strip().lower()
    wants = f"{MIN_SIDE} to {MAX_SIDE} pixels, 0 for the photo's own, or WIDTHxHEIGHT such as 1080x1920"
    match = re.fullmatch(r"(\d{1,6})(?:\s*[x×]\s*(\d{1,6}))?", text)
    if match is None:
        raise InputError(f"size {size}", wants)
    numbers = [int(part) for part in match.groups() if part is not None]
    if numbers == [0]:
        return 0
    if not all(MIN_SIDE <= number <= MAX_SIDE for number in numbers):
        raise InputError(f"size {size}", wants)
    if len(numbers) == 1:
        return numbers[0]
    if numbers[0] % 2 or numbers[1] % 2:
        even = "x".join(str(number // 2 * 2) for number in numbers)
        raise InputError(f"size {size}", "even numbers of pixels, as video has them", f"size={even}")
    return numbers[0], numbers[1]


def frame(
    photo: tuple[int, int], landmarks: Array, size: int | tuple[int, int] = 0, *, face: bool = False
) -> Framing:
    """What a video of ``size`` shows of a photo (w, h): all that fits, or ``face`` and shoulders."""
    if isinstance(size, int) and not face:
        width, height = photo
        longest = max(photo)
        scale = (size or min(longest, MAX_SIDE)) / longest
        if scale == 1:
            width, height = width // 2 * 2, height // 2 * 2
            return Framing(0, 0, width, height, (width, height))
        return Framing(0, 0, width, height, (_even(width * scale), _even(height * scale)))
    aspect = 1.0 if isinstance(size, int) else size[0] / size[1]
    oval = landmarks[list(anatomy.OVAL), :2].astype(float)
    extent = np.ptp(oval, axis=0)
    if face:
        side = BUST * extent[1]
        shape = np.array([side * max(aspect, 0.72), max(side, 0.72 * side / aspect)])
    else:
        shape = np.array([aspect, 1.0]) * min(photo[0] / aspect, photo[1])
    shape *= min(1.0, *(np.array(photo) / shape))
    if not (face and isinstance(size, int)):
        shape *= max(1.0, *(HEAD * extent / shape))
    eyes = landmarks[[33, 263], :2].mean(0)
    corner = np.array([oval[:, 0].mean() - shape[0] / 2, 0])
    corner[1] = eyes[1] - (EYES_UPRIGHT if aspect < 1 and shape[1] <= photo[1] else EYES_WIDE) * shape[1]
    room = np.array(photo) - shape
    corner = np.clip(corner, np.minimum(room, 0), np.maximum(room, 0))
    left, top, width, height = (int(n) for n in np.round([*corner, *shape]))
    if isinstance(size, tuple):
        return Framing(left, top, width, height, size)
    wanted = size or min(MAX_SIDE, max(FACE_SIDE, width))
    wanted = _even(wanted)
    return Framing(left, top, width, height, (wanted, wanted))


def _even(length: float) -> int:
    return max(2, round(length) // 2 * 2)


def _continued(image: Bytes, matte: Array, sides: tuple[tuple[int, int], tuple[int, int]]) -> Bytes:
    """A picture (h w 3) made larger, blurred away from it: the background by its mirror image, without
    a second person in it; a body that the photo's border cuts by the colours at the border."""
    scale = 1 / 8
    soft = np.asarray(cv2.GaussianBlur(image, (0, 0), max(1.0, 0.012 * min(image.shape[:2]))))
    small, person = (
        cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32)
        for part in (soft, matte)
    )
    nobody = (cv2.dilate(person, np.ones((5, 5), np.uint8)) < 0.1).astype(np.float32)
    behind = extended(small, nobody if nobody.mean() > 0.03 else np.ones_like(nobody))
    size = image.shape[1] + sum(sides[1]), image.shape[0] + sum(sides[0])

    def padded(part: Array, mode: Any) -> Array:
        whole = cv2.resize(part, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.pad(whole, (*sides, (0, 0))[: whole.ndim], mode=mode)

    share = padded(person, "edge")[..., None]
    fill = padded(behind, "symmetric") * (1 - share) + padded(small, "edge") * share
    fill = cv2.resize(fill, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    seam = SEAM * min(image.shape[:2])
    outside = np.maximum.outer(_away(size[1], *sides[0]) / seam, _away(size[0], *sides[1]) / seam)
    # The further away, the more blurred, so that a cut body does not become stripes.
    near, far = (
        cv2.resize(
            cv2.GaussianBlur(fill, (0, 0), max(0.8, sigma * min(fill.shape[:2]))),
            size,
            interpolation=cv2.INTER_CUBIC,
        )
        for sigma in FILL_BLUR
    )
    fill = near + (far - near) * smoothstep(outside, 0, 5).astype(np.float32)[..., None]
    wide = np.pad(soft, (*sides, (0, 0)), mode="edge").astype(np.float32)
    wide += (fill - wide) * smoothstep(outside, 0, 1).astype(np.float32)[..., None]
    made = np.clip(wide + 0.5, 0, 255).astype(np.uint8)
    (top, bottom), (left, right) = sides
    made[top : size[1] - bottom, left : size[0] - right] = image
    return made


def _matte_continued(matte: Array, sides: tuple[tuple[int, int], tuple[int, int]]) -> Array:
    """A matte (h w) for a continued picture: nobody there, but a body goes on below."""
    lower = np.pad(matte, ((0, sides[0][1]), (0, 0)), mode="symmetric")
    return np.pad(lower, ((sides[0][0], 0), sides[1]))


def _away(length: int, before: int, after: int) -> Array:
    """Distance of each of ``length`` positions beyond the part between two borders."""
    at = np.arange(length, dtype=np.float32)
    return np.maximum(np.maximum(before - at, at - (length - 1 - after)), 0)
