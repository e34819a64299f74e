"""How far the eyes are open in a photo, from the landmarks and from what the picture shows there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from pfy_plugin_portrait.eye_shape import EyeShape, luminance
from pfy_plugin_portrait.pixels import read

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.face import Face
    from pfy_plugin_portrait.ports import Bytes

State = Literal["open", "half", "closed", "hidden"]

USUAL = 0.105
"""Distance of the lids of an open eye in iod: median of 38 portraits is .109; smiling and narrow eyes
have .066 to .085."""
SHUT = 0.030
"""Opening below which landmarks alone say closed. Closed eyes give .00 to .05, open ones .066 and more."""
DOUBTFUL = 0.077
"""Opening below which the picture decides: a closed eye has no iris, a half-closed one hides its pupil."""
IRIS_SHOWS = 0.12
"""Contrast of iris and white, relative to the skin, that a closed eye (median .11, and none with an
opening above SHUT) does not have and an open narrow one (.28) has."""
PUPIL_SHOWS = 0.33
"""Height of the iris' centre below the upper lid, in radii of the iris, under which the lid is in the
pupil. Open eyes have .34 to .87, narrow ones too; lids of half-closed eyes lie at -.1 to .33."""
EQUAL = 0.2
"""Difference in openness up to which both eyes count as equally open."""
COVERED = 0.36
"""Brightness around the eye, relative to cheek and nose, below which dark glasses or hair cover it: 38
portraits, with make-up, side light and glasses, have .43 and more."""
BESIDE = ((50, 101, 36, 205), (280, 330, 266, 425))
RIDGE = (9, 151, 8, 5, 4)


@dataclass(frozen=True)
class Openness:
    """One eye: its state, and how far it is open, 0 closed to 1 as open eyes usually are."""

    state: State
    amount: float


def openness(face: Face, eye: int, image: Bytes) -> Openness:
    """How far an eye (0: the subject's right) is open in a photo (h w 3)."""
    shape = EyeShape(face, eye, image)
    amount = float(np.clip(shape.opening / USUAL, 0, 1))
    if _covered(shape, image):
        return Openness("hidden", amount)
    if shape.opening < SHUT or (shape.opening < DOUBTFUL and iris_contrast(shape, image) < IRIS_SHOWS):
        return Openness("closed", amount)
    if shape.opening < DOUBTFUL and _pupil(shape) < PUPIL_SHOWS:
        return Openness("half", amount)
    return Openness("open", amount)


def both(face: Face, image: Bytes) -> tuple[Openness, Openness]:
    """How far both eyes of a photo (h w 3) are open.

    Lids that are equally low are judged together, so that one landmark or a crooked smile does not half
    close one eye alone; what looks closed beside dark glasses is behind them too.
    """
    pair = openness(face, 0, image), openness(face, 1, image)
    amounts = pair[0].amount, pair[1].amount
    found = {eye.state for eye in pair}
    if found == {"hidden", "closed"}:
        return _same("hidden", amounts)
    if abs(amounts[0] - amounts[1]) > EQUAL or "hidden" in found:
        return pair
    if found == {"closed", "half"}:
        return _same("half", amounts)
    if found <= {"open", "half"}:
        shapes = [EyeShape(face, eye, image) for eye in (0, 1)]
        low = np.mean([shape.opening for shape in shapes]) < DOUBTFUL
        covers = np.mean([_pupil(shape) for shape in shapes]) < PUPIL_SHOWS
        return _same("half" if low and covers else "open", amounts)
    return pair


def _same(state: State, amounts: tuple[float, float]) -> tuple[Openness, Openness]:
    return Openness(state, amounts[0]), Openness(state, amounts[1])


def _pupil(shape: EyeShape) -> float:
    """Height of the iris' centre below the upper lid's edge, in radii of the iris."""
    row = shape.index(shape.iris[:1])[0]
    return float((shape.iris[1] - shape.upper[row]) / max(shape.radius, 1e-6))


def iris_contrast(shape: EyeShape, image: Bytes) -> float:
    """How much darker than its sides the middle of the eye is, over a strip of .1 iod around the
    opening, relative to the skin; along a closed lid and its lashes nothing changes."""
    across = np.linspace(-0.13, 0.13, 53)
    height = np.linspace(-0.05, 0.05, 41)
    middle = (shape.upper + shape.lower)[shape.index(shape.iris[0] + across)] / 2
    at = np.stack(np.broadcast_arrays(shape.iris[0] + across, height[:, None] + middle), -1)
    light = _light(shape, image, at)
    below = np.stack(np.broadcast_arrays(shape.iris[0] + across, np.linspace(0.1, 0.16, 6)[:, None]), -1)
    light = light / max(float(np.median(_light(shape, image, below))), 1.0)
    iris = light[:, np.abs(across) < 0.035].mean(1)
    sides = [light[:, (sign * across > 0.075) & (sign * across < 0.125)].mean(1) for sign in (-1, 1)]
    return float(np.clip(np.maximum(*sides) - iris, 0, 0.5).mean())


def _covered(shape: EyeShape, image: Bytes) -> bool:
    s = np.linspace(-1, 1, 25)
    row = shape.index(s * shape.half)
    rim = [shape.upper[row] - d for d in (0.01, 0.03, 0.05)]
    rim += [shape.lower[row] + d for d in (0.01, 0.03, 0.06, 0.08)]
    at = np.stack(np.broadcast_arrays(s * shape.half, np.array(rim)), -1)
    near = float(np.percentile(_light(shape, image, at), 80))
    flat = shape.face.flat
    skin = [
        float(np.median(_light(shape, image, shape.local(flat[list(names)])[None])))
        for names in (BESIDE[shape.eye], RIDGE)
    ]
    return max(near / max(value, 1.0) for value in skin) < COVERED


def _light(shape: EyeShape, image: Bytes, local: NDArray[np.float64]) -> NDArray[np.float32]:
    """Luma (h w) at positions (h w 2) in the eye's axes, of the photo without its grain."""
    x0, y0, x1, y1 = shape.box
    pad = round(0.5 * shape.iod)
    top, left = max(0, y0 - pad), max(0, x0 - pad)
    part = image[top : y1 + pad, left : x1 + pad]
    if not part.size:
        return np.zeros(local.shape[:-1], np.float32)
    soft = cv2.GaussianBlur(part, (0, 0), max(0.5, 0.008 * shape.iod))
    found = read(soft, shape.world(local) - (left, top))
    return np.asarray(luminance(found.astype(np.float32)), np.float32)
