"""The inside of the mouth: teeth, tongue and cavity, laid between the lips.

Upper teeth stay with the skull, lower teeth and tongue go with the jaw. A photo that shows teeth
lends its own. Everything is painted once, in the photo's own look, and only moved for each frame.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pfy_core.kinds import APERTURE_SPAN
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.look import LUMA, Look
from pfy_plugin_portrait.pixels import blur, fill, over, read, smoothstep
from pfy_plugin_portrait.pulls import UPPER_OPENS, Pose
from pfy_plugin_portrait.teeth import (
    LOWER,
    MM_PER_IOD,
    SEEN_FROM_ABOVE,
    UPPER,
    Arch,
    Paints,
    Sheet,
    paint_row,
    paint_tongue,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array, Bytes

REACH = (-0.46, -0.20), (0.46, 0.46)
"""The painted sheet from and to (right, down) of the mouth's centre, in iod."""
DENSITY = (96.0, 640.0)
"""Pixels of the sheet for one iod, at least and at most; between, half again the photo's own."""
MOUTH_HALF = 0.27
"""Half the usual width of a mouth at rest, in iod (45 to 50 mm)."""
TOOTH_SIZES = (0.78, 1.06)
"""Size of the teeth in small and in wide mouths: they grow less than the mouth does."""
JAW_SHARE = 0.70
"""Share of the aperture by which the lower teeth go down."""
INCISORS = 0.026
"""How far the upper teeth reach below the line where lips meet, in iod: 2 to 3 mm at rest."""
OVERBITE = 0.030
"""How far the upper teeth reach over the lower ones when the mouth is closed, in iod: 2 to 3 mm."""
LIFTS = 0.055
"""How far the tongue's tip rises for th and l, in iod."""
FLESH = np.array([1.0, 0.66, 0.66], np.float32)
"""Tint of tongue and gums against the skin."""


class Mouth:
    """The inside of one photo's mouth."""

    def __init__(self, face: Face, image: Bytes, look: Look) -> None:
        self.face, self.look = face, look
        self._rest = float(face.gap[4])
        self._lines = self._lip_lines()
        self._own = _OwnTeeth(self, image) if self._rest > 0.04 and self._shows_teeth(image) else None
        width = face.mouth_half / np.cos(face.turn) / MOUTH_HALF
        millimetres = MM_PER_IOD / float(np.clip(np.sqrt(width), *TOOTH_SIZES))
        self._sheet = Sheet.of(float(np.clip(1.5 * face.iod, *DENSITY)), *REACH, millimetres)
        self._paint()

    def _lip_lines(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Parabolas (v over u, in iod) through the inner edges of the upper and the lower lip."""
        lines = []
        for names in (anatomy.UPPER_INNER, anatomy.LOWER_INNER):
            edge = self.face.local(self.face.flat[[*anatomy.INNER_CORNERS, *names]], self.face.mouth)
            lines.append(np.polyfit(edge[:, 0], edge[:, 1], 2))
        return lines[0], lines[1]

    def _paints(self) -> Paints:
        look = self.look
        white = look.white
        flesh = look.toned(0.5 * look.lips * np.float32(0.95) + 0.5 * look.skin * FLESH)
        flesh *= np.clip(0.80 * look.luma * 255 / max(1.0, float(flesh @ LUMA)), 0.6, 1.15)
        cavity = look.toned(np.array([64, 25, 27], np.float32)) * np.float32(0.40 + 0.75 * look.luma)
        teeth = white if self._own is None else 0.3 * white + 0.7 * self._own.tone
        soft = 0.35 + 0.75 * look.sharpness / self.face.iod * self._sheet.millimetres
        return Paints(teeth, flesh * np.float32(0.94), flesh, cavity, float(soft))

    def _paint(self) -> None:
        """Paint upper teeth, lower teeth and tongue, with the photo's light and grain."""
        face, sheet, paints = self.face, self._sheet, self._paints()
        turn, seed = face.turn, int(1000 * face.mouth_half)
        lips = face.local((face.flat[13] + face.flat[14]) / 2, face.mouth)
        middle = float(np.clip(lips[0], -0.10, 0.10))
        u, millimetres = sheet.u[0].astype(np.float64), sheet.millimetres
        arch = Arch(UPPER, middle, turn, millimetres)
        # Where the lips would meet if the mouth were closed; teeth follow half of its bend.
        bend, tilt, height = self._lines[0]
        edge = 0.5 * bend * u * u + tilt * u + height + UPPER_OPENS * self._rest + INCISORS
        if self._own is not None and self._own.edge is not None:
            edge = np.polyval(self._own.edge, u) + SEEN_FROM_ABOVE * arch.at(u)[1] / millimetres
        upper = paint_row(sheet, UPPER, arch, edge, -1, paints, seed)
        # The lower teeth stand in the jaw: where the lower lip goes when the mouth closes.
        bend, tilt, height = self._lines[1]
        floor = 0.5 * bend * u * u + tilt * u + height - (1 - UPPER_OPENS) * self._rest + INCISORS - OVERBITE
        lower = paint_row(sheet, LOWER, Arch(LOWER, middle, turn, millimetres), floor, 1, paints, seed + 1)
        lower[..., :3] *= 0.88
        tongue = paint_tongue(sheet, middle, floor, paints)
        light = 1 + self.look.slope * np.clip((sheet.u - middle) / 0.25, -1, 1)
        light = light + self.look.grain((light.shape[0], light.shape[1]))
        sigma = self.look.sharpness * sheet.density / face.iod - 0.4
        painted = []
        for layer in (upper, lower, tongue):
            layer[..., :3] *= light[..., None]
            soft = cv2.GaussianBlur(layer, (0, 0), sigma) if sigma > 0.35 else layer
            painted.append(np.ascontiguousarray(np.clip(soft, 0, 255), np.float32))
        self._upper, self._lower, self._tongue = painted

    def _shows_teeth(self, image: Bytes) -> bool:
        """Whether a good part of the open mouth is bright and pale."""
        mask = self.inner_mask(image.shape[:2], self.face.flat)
        inside = image[mask > 200].astype(np.float32)
        return len(inside) >= 12 and float(self.pale(inside).mean()) > 0.18

    def pale(self, pixels: Array) -> NDArray[np.bool_]:
        """Which pixels (... 3) look like teeth in this photo's light."""
        saturation = np.ptp(pixels, -1) / np.maximum(pixels.max(-1), 1)
        skin = self.look.skin
        limit = 0.75 * float(np.ptp(skin) / max(1.0, float(skin.max()))) + 0.02
        return np.asarray((pixels @ LUMA / 255 > 0.72 * self.look.luma) & (saturation < limit))

    def inner_mask(self, shape: tuple[int, ...], points: NDArray[np.float64]) -> Bytes:
        """The region between the inner lips at landmark positions ``points``, uint8 (h w)."""
        names = [78, *anatomy.UPPER_INNER, 308, *anatomy.LOWER_INNER[::-1]]
        return fill(points[names], shape)

    def paint(self, at: Array, open_above: Array, pose: Pose) -> Array:
        """Colour (h w 3) in 0..255 of the mouth's inside.

        at:         for each pixel its position (h w 2) in the photo, with the head's motion undone
        open_above: how much of the mouth is open around and above each pixel (h w), 0..1
        """
        sheet, aperture = self._sheet, pose.aperture
        position = self.face.local(at, self.face.mouth).astype(np.float32)
        index = (position - np.array(REACH[0], np.float32)) * np.float32(sheet.density)
        drop = JAW_SHARE * max(aperture, 0.5 * APERTURE_SPAN * pose["jawOpen"])
        lift = min(1.0, 2.0 * pose["tongueOut"])
        down = np.array([0.0, sheet.density], np.float32)
        # Under the lips' shadow; the deeper inside, the more of it.
        near = np.clip((open_above - 0.22) / 0.62, 0, 1)
        deep = (0.35 + 0.65 * near)[..., None]
        tongue_at = index - down * np.float32(drop - 0.2 * lift * LIFTS)
        colour = np.array(read(self._tongue, tongue_at)[..., :3])
        colour *= deep * np.float32(0.70 + 0.30 * float(smoothstep(aperture, 0.02, 0.12)))
        teeth = (0.66 + 0.34 * near)[..., None]
        for layer, shift in ((self._lower, drop), (self._upper, -0.06 * aperture)):
            seen = read(layer, index - down * np.float32(shift))
            if layer is self._upper and lift > 0:
                tip = read(self._tongue, index - down * np.float32(drop - lift * LIFTS))
                over(colour, tip[..., :3] * deep, tip[..., 3] * np.float32(lift))
            over(colour, seen[..., :3] * teeth, seen[..., 3])
        if self._own is not None:
            own, kept = self._own.at(at)
            over(colour, own * (0.80 + 0.20 * near)[..., None], kept)
        return colour


class _OwnTeeth:
    """The teeth that the photo shows, fixed to the skull; what lies below them goes with the jaw."""

    def __init__(self, mouth: Mouth, image: Bytes) -> None:
        face = mouth.face
        reach = np.array([0.5, 0.3]) * face.iod
        low = np.maximum(np.floor(face.mouth - reach).astype(int), 0)
        high = np.minimum(np.ceil(face.mouth + reach).astype(int), image.shape[1::-1])
        self._low = low
        part = image[low[1] : high[1], low[0] : high[0]]
        mask = mouth.inner_mask(part.shape[:2], face.flat - low)
        size = 2 * max(1, int(face.iod * 0.008)) + 1
        trusted = np.asarray(cv2.erode(mask, np.ones((size, size), np.uint8)), np.uint8)
        ring = max(3.0, RING * face.iod)
        distance = cv2.distanceTransform((trusted < 128).astype(np.uint8), cv2.DIST_L2, 3)
        y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float64)
        local = face.local(np.stack([x, y], -1), face.mouth)
        teeth = (trusted > 128) & mouth.pale(part.astype(np.float32))
        bright = part[teeth].astype(np.float32) if teeth.sum() >= 12 else mouth.look.white[None]
        self.tone: Array = np.percentile(bright, 70, axis=0).astype(np.float32)
        """The teeth's colour (3)."""
        unknown = ((trusted < 128) & (distance < ring)).astype(np.uint8)
        self._colour = cv2.inpaint(part, unknown, 3, cv2.INPAINT_TELEA).astype(np.float32)
        self.edge, edge = self._lower_edge(mouth, teeth, local)
        kept = np.clip(1 - distance / ring, 0, 1) * (
            1 - smoothstep(local[..., 1], edge - 0.004, edge + 0.020)
        )
        # The shadow in the corners belongs to the lips, not to the teeth: it does not stay with the skull.
        size = 2 * max(1, int(face.iod * 0.035)) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        solid = cv2.morphologyEx(teeth.astype(np.float32), cv2.MORPH_CLOSE, disc)
        kept *= smoothstep(blur(cv2.dilate(solid, disc), 0.025 * face.iod), 0.3, 0.9)
        self._kept = kept.astype(np.float32)

    def _lower_edge(
        self, mouth: Mouth, teeth: NDArray[np.bool_], local: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
        """The teeth's lower border: a parabola (v over u, in iod) through their rims, None where they
        are not seen, and its height at each pixel (h w)."""
        lower_lip = np.polyval(mouth._lines[1], local[..., 0])
        if teeth.sum() < 12:
            return None, lower_lip
        u, v = local[teeth].T
        bounds = np.linspace(np.percentile(u, 3), np.percentile(u, 97), 9)
        rims = [
            ((a + b) / 2, np.percentile(v[(u >= a) & (u < b)], 93))
            for a, b in itertools.pairwise(bounds)
            if ((u >= a) & (u < b)).sum() > 4
        ]
        if not rims:
            return None, lower_lip
        across, down = np.array(rims).T
        line = np.polyfit(across, down, 2 if len(rims) > 4 else 0)
        found = np.polyval(line, np.clip(local[..., 0], bounds[0], bounds[-1]))
        return line, np.minimum(found, lower_lip)

    def at(self, position: Array) -> tuple[Array, Array]:
        """Colour (h w 3) and how much of it to use (h w) at photo positions (h w 2)."""
        index = position - self._low.astype(np.float32)
        return read(self._colour, index), read(self._kept, index, outside="zero")


RING = 0.04
"""How far the photo's own teeth are continued beyond what is seen of them, in iod."""


def smooth_edge(points: NDArray[np.float64], steps: int = 4) -> NDArray[np.float64]:
    """A curve (n 2) through points, refined by Catmull-Rom segments."""
    padded = np.r_[points[:1], points, points[-1:]]
    a, b, c, d = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.r_[curve.transpose(1, 0, 2).reshape(-1, 2), points[-1:]]
