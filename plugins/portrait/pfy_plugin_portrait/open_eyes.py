"""Opening eyes that a photo shows closed or half closed, once, before the photo is animated.

The lid folds back as lids do: the strip along the lashes goes up with them, the skin between it and
the crease disappears under the crease, and what lies above stays. Behind it appears the photo's own
iris, completed; or the other eye's, at the same gaze; or, if both are shut, a painted one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.closed_lids import ClosedLid, closed_lid
from pfy_plugin_portrait.eye_shape import TABLE, EyeShape, Patch, luminance
from pfy_plugin_portrait.eyeballs import Eyeball, skin_below
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.openness import Openness
from pfy_plugin_portrait.painted_eyes import PINK, Light, deepened, eyeball
from pfy_plugin_portrait.photo_gaze import LEAD, OUTWARD, turn_of
from pfy_plugin_portrait.pixels import blur, smoothstep
from pfy_plugin_portrait.sharpness import grain, sharpness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array, Bytes

ARCH_AT = np.linspace(-1, 1, 11)
ARCH = (0.0, 0.327, 0.530, 0.627, 0.675, 0.672, 0.625, 0.521, 0.397, 0.222, 0.0)
"""Distance of the lids from the outer to the inner corner, relative to half the eye's width: median of
38 portraits."""
IRIS_RADIUS, IRIS_BELOW = 0.066, 0.62
"""Radius in iod, and depth of its centre below the upper lid in radii: medians of the same."""
LID_ENDS = 0.85
"""Where the outermost landmarks of a lid lie, relative to half the eye's width."""
CREASE = 0.032
"""Height of the crease above the lid's edge, in iod."""
CREASE_DEPTH = 0.22
LOW_LID = (0.014, 0.034)
"""Distance below a low lid's edge, in iod, over which its lashes and its shadow give way to the eye."""


@dataclass(frozen=True)
class Target:
    """Where an opened eye's lids lie, (TABLE) in its axes, and its iris."""

    upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    iris: NDArray[np.float64]
    radius: float


def open_eyes(
    image: Bytes, face: Face, states: tuple[Openness, Openness], wanted: tuple[bool, bool]
) -> tuple[Bytes, Face]:
    """The photo (h w 3) with the ``wanted`` eyes open, and the face with its lids and irises there."""
    result, points = image.copy(), face.points.copy()
    light = _light(face, image)
    softness = sharpness(face, image)
    for eye in (0, 1):
        if not wanted[eye]:
            continue
        like = states[1 - eye].state == "open" and not wanted[1 - eye]
        other = EyeShape(face, 1 - eye, image) if like else None
        shape = EyeShape(face, eye, image)
        patch = Patch.around(shape)
        lid = closed_lid(shape, patch, image, states[eye].state == "closed")
        target = _target(shape, lid, other)
        ball = _ball(shape, patch, image, states[eye], target, other, light, softness)
        painted = _unfold(shape, patch, lid, target, ball, softness)
        _paste(result, patch, lid.photo, painted)
        _move_landmarks(points, shape, target)
    return result, Face(points)


def _target(shape: EyeShape, lid: ClosedLid, other: EyeShape | None) -> Target:
    """An opening of usual height above the closed line, or as high as the other eye's."""
    if other is None:
        s = np.clip(shape.nasal * shape.s, -1, 1)
        gap = shape.half * np.interp(s, ARCH_AT, ARCH)
        radius = IRIS_RADIUS
        along = -shape.nasal * OUTWARD + LEAD * turn_of(shape)
    else:
        gap = np.maximum(other.lower - other.upper, 0)[::-1] * (shape.half / other.half)
        radius = other.radius
        # Both look at the same thing; each iris lies a little outward of its middle.
        along = other.iris[0] - 2 * shape.nasal * OUTWARD
    gap = np.maximum(_rounded(gap), 0)
    lower = np.maximum(lid.lower, lid.edge)
    upper = np.minimum(lower - gap, lid.edge)
    row = shape.index(np.array([along]))[0]
    below = IRIS_BELOW * radius if other is None else other.iris[1] - other.upper[TABLE - 1 - row]
    return Target(upper, lower, np.array([along, upper[row] + below]), radius)


def _rounded(gap: NDArray[np.float64]) -> NDArray[np.float64]:
    kernel = cv2.getGaussianKernel(13, 3.0)
    return np.asarray(cv2.filter2D(gap.astype(np.float64), -1, kernel), np.float64).ravel()


def _ball(
    shape: EyeShape,
    patch: Patch,
    image: Bytes,
    state: Openness,
    target: Target,
    other: EyeShape | None,
    light: Light,
    softness: float,
) -> Array:
    """The eyeball (h w 3) on the patch."""
    at = shape.local(patch.points)
    if state.state != "closed":
        found = EyeShape(shape.face, shape.eye, image)
        found.iris, found.radius = target.iris, target.radius
        ball = Eyeball(found, patch, image, LOW_LID).draw(patch.points, np.zeros(2))
        return _lid_shadow(ball, at, shape, target)
    skin = skin_below(shape, patch, patch.cut(image))
    if other is not None:
        theirs = Patch.around(other)
        parts = Eyeball(other, theirs, image)
        mirrored = np.stack([-at[..., 0] * np.float32(other.half / shape.half), at[..., 1]], -1)
        shift = (other.iris - target.iris).astype(np.float32)
        white = theirs.read(parts.white, other.world(mirrored).astype(np.float32))
        there = other.world(at + shift).astype(np.float32)
        iris, glint = theirs.read(parts.iris, there), theirs.read(parts.glint, there)
        gain = float(luminance(skin) / max(luminance(skin_below(other, theirs, theirs.cut(image))), 1))
        ball = white * (1 - iris[..., 3:]) + iris[..., :3] + glint
        ball = ball * np.clip(gain, 0.5, 2.0)
        return _lid_shadow(np.asarray(ball, np.float32), at, shape, target)
    row = shape.index(at[..., 0])
    upper, lower = target.upper[row], target.lower[row]
    ball = eyeball(at, upper, lower, shape.half, shape.nasal, target.iris, target.radius, skin, light)
    return np.asarray(cv2.GaussianBlur(ball, (0, 0), max(0.4, softness * patch.zoom)), np.float32)


def _lid_shadow(ball: Array, at: Array, shape: EyeShape, target: Target) -> Array:
    depth = at[..., 1] - target.upper[shape.index(at[..., 0])]
    return np.asarray(ball * (1 - 0.30 * np.exp(-np.maximum(depth, 0) / 0.016))[..., None], np.float32)


def _unfold(
    shape: EyeShape, patch: Patch, lid: ClosedLid, target: Target, ball: Array, softness: float
) -> Array:
    """The patch (h w 3) with its lid folded back to ``target`` and the eyeball behind it."""
    at = shape.local(patch.points)
    row = shape.index(at[..., 0])
    v, s = at[..., 1], at[..., 0] / shape.half
    upper, lower = (table.astype(np.float32)[row] for table in (target.upper, target.lower))
    rise = lid.edge.astype(np.float32)[row] - upper
    soft = np.float32(max(0.004, (0.5 + softness) / shape.iod))
    inside = 1 - smoothstep(np.abs(s), 0.97, 1.03)
    opened = smoothstep(rise, 0.0, 0.02)
    out = lid.bare.copy()
    shown = smoothstep(v - upper, -soft, soft) * smoothstep(lower - v, -soft, soft) * inside
    out += (ball + grain(lid.photo, ball, shape, patch) - out) * shown[..., None]
    # The lower lid's wet edge catches light; lashes darken the skin under it.
    rim = np.exp(-(((v - lower - 0.001) / 0.0055) ** 2)) * inside * opened
    wet = 0.88 * deepened(lid.skin, PINK)
    out += (wet - out) * (0.4 * rim)[..., None]
    roots = np.exp(-(((v - lower - 0.0085) / 0.0045) ** 2)) * inside * opened
    out *= 1 - (0.28 * (1 - lid.line[row]) * roots)[..., None]
    # Strip along the lashes, with the skin up to the crease.
    height = np.float32(CREASE) * (1 - 0.55 * smoothstep(s * shape.nasal, 0.2, 0.95)).astype(np.float32)
    height = np.minimum(height, CREASE * opened + 0.3 * rise)
    above = upper - v
    source = shape.world(np.stack([at[..., 0], v + rise], -1)).astype(np.float32)
    strip = patch.read(lid.photo, source)
    taken = smoothstep(above, -soft, soft) * (1 - smoothstep(above, height - 0.010, height + 0.006)) * opened
    taken *= 1 - smoothstep(np.abs(s), 1.0, 1.1)
    out += (strip - out) * taken[..., None]
    fold = np.exp(-(((above - height) / 0.0065) ** 2)) + 0.5 * np.exp(-(((above - height) / 0.016) ** 2))
    fold *= opened * (1 - smoothstep(np.abs(s), 0.75, 1.05))
    out *= 1 - CREASE_DEPTH * np.minimum(fold, 1)[..., None]
    # Lashes: their line as dark as in the photo, hairs that hung down now stand up.
    roots = np.exp(-(((above + 0.002) / (0.0085 + 0.003 * smoothstep(-s * shape.nasal, 0, 1))) ** 2))
    line = 1 - (1 - lid.line[row]) * roots * opened * inside
    hair = lid.hair(at[..., 0], above / 0.75)
    line = np.minimum(line, 1 - (1 - hair) * opened)
    out *= line[..., None]
    return np.asarray(np.clip(out, 0, 255), np.float32)


def _paste(image: Bytes, patch: Patch, before: Array, after: Array) -> None:
    """Put what has changed on a patch into the photo."""
    changed = (np.abs(after - before).max(-1) > 1.0).astype(np.float32)
    share = np.clip(1.6 * blur(cv2.dilate(changed, np.ones((5, 5), np.float32)), 1.2 * patch.zoom), 0, 1)
    size = (patch.width, patch.height)
    shown = cv2.resize(after, size, interpolation=cv2.INTER_AREA)
    share = np.asarray(cv2.resize(share, size, interpolation=cv2.INTER_AREA), np.float32)
    height, width = image.shape[:2]
    x0, y0 = max(0, patch.x), max(0, patch.y)
    x1, y1 = min(width, patch.x + patch.width), min(height, patch.y + patch.height)
    if x1 <= x0 or y1 <= y0:
        return
    here = np.s_[y0 - patch.y : y1 - patch.y, x0 - patch.x : x1 - patch.x]
    part = image[y0:y1, x0:x1].astype(np.float32)
    part += (shown[here] - part) * share[here][..., None]
    image[y0:y1, x0:x1] = np.clip(part + 0.5, 0, 255).astype(np.uint8)


def _move_landmarks(points: NDArray[np.float64], shape: EyeShape, target: Target) -> None:
    # Spread evenly from corner to corner: on closed eyes the landmarks crowd together.
    s = shape.nasal * np.linspace(-LID_ENDS, LID_ENDS, 7)
    for names, table in (
        (anatomy.UPPER_LIDS[shape.eye], target.upper),
        (anatomy.LOWER_LIDS[shape.eye], target.lower),
    ):
        height = np.interp(s, shape.s, table)
        points[list(names), :2] = shape.world(np.stack([s * shape.half, height], -1))
    ring = np.array([[0, 0], [1, 0], [0, -1], [-1, 0], [0, 1]]) * target.radius
    points[list(anatomy.IRISES[shape.eye]), :2] = shape.world(target.iris + ring)


def _light(face: Face, image: Bytes) -> Light:
    """Where the face's light comes from, by its cheeks, and how bright it gets."""
    soft = cv2.GaussianBlur(image, (0, 0), max(0.5, 0.04 * face.iod))
    grey = luminance(soft.astype(np.float32))

    def level(names: tuple[int, ...]) -> float:
        at = np.rint(face.flat[list(names)]).astype(int)
        at = np.clip(at, 0, np.array(grey.shape[::-1]) - 1)
        return float(np.median(grey[at[:, 1], at[:, 0]]))

    left, right = level((50, 101, 205, 36)), level((280, 330, 425, 266))
    across = float(np.clip(2.5 * (right - left) / max(right + left, 1.0), -0.75, 0.75))
    oval = face.flat[list(anatomy.OVAL)]
    (x0, y0), (x1, y1) = (
        np.clip(np.rint(c).astype(int), 0, np.array(grey.shape[::-1]) - 1) for c in (oval.min(0), oval.max(0))
    )
    brightest = float(np.percentile(luminance(image[y0 : y1 + 1, x0 : x1 + 1].astype(np.float32)), 99))
    return Light(np.array([across if abs(across) > 0.1 else 0.25, -0.75]), min(brightest * 1.05, 250.0))
