"""The inside of the mouth: teeth, tongue and cavity, painted in coordinates of the skull and jaw.

Upper teeth stay with the skull, lower teeth and tongue go with the jaw. A photo that shows teeth
lends its own. Sizes follow average adult anatomy (central incisor 8.6 mm wide) at 88 mm between the
outer eye corners; tones follow the skin's light, so that the mouth belongs to the photo.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pfy_core.kinds import APERTURE_SPAN
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.deform import Pose
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.pixels import read, smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array, Bytes

MM_PER_IOD = 88.0
UPPER_TEETH = np.array([0, 8.6, 15.2, 22.8, 29.8, 36.5])
LOWER_TEETH = np.array([0, 5.4, 11.2, 18.0, 25.0, 31.0])
"""Borders between teeth from the middle outwards, in mm."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
EDGE = 0.0085
"""Softness of teeth's borders in iod."""
JAW_SHARE = 0.70
"""Share of the aperture by which the lower teeth go down."""
TABLE = np.linspace(-0.45, 0.45, 361)
"""Positions along the mouth, in iod, at which tones are tabulated."""


class Mouth:
    """The inside of one photo's mouth."""

    def __init__(self, face: Face, image: Bytes) -> None:
        self.face = face
        self._rest = float(face.gap[4])
        self._lines = self._lip_lines()
        self._skin = self._skin_colour(image)
        self.luma = float(self._skin @ LUMA) / 255
        grey = float(np.ptp(self._skin)) < 0.03 * 255
        self._teeth = self._tooth_colour(grey=grey)
        cavity = np.array([50, 20, 24], np.float32) * (0.45 + 0.6 * self.luma)
        tongue = np.array([150, 84, 88], np.float32) * self._light * 0.86
        self._cavity = np.full(3, cavity.mean(), np.float32) if grey else cavity
        self._tongue = np.full(3, tongue.mean(), np.float32) if grey else tongue
        self._tables = self._tone(UPPER_TEETH, 0.8, 0.74), self._tone(LOWER_TEETH, 0.5, 0.80)
        self._own = _OwnTeeth(self, image) if self._rest > 0.04 and self._shows_teeth(image) else None

    @property
    def _light(self) -> float:
        return float(np.clip(0.35 + 0.75 * self.luma, 0.4, 1.0))

    def _lip_lines(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Parabolas (v over u, in iod) through the inner edges of the upper and the lower lip."""
        lines = []
        for names in (anatomy.UPPER_INNER, anatomy.LOWER_INNER):
            edge = self.face.local(self.face.flat[[*anatomy.INNER_CORNERS, *names]], self.face.mouth)
            lines.append(np.polyfit(edge[:, 0], edge[:, 1], 2))
        return lines[0], lines[1]

    def _skin_colour(self, image: Bytes) -> Array:
        at = np.round(self.face.flat[list(anatomy.CHEEKS)]).astype(int)
        at = np.clip(at, 0, [image.shape[1] - 1, image.shape[0] - 1])
        return np.median(image[at[:, 1], at[:, 0]].astype(np.float32), axis=0)

    def _tooth_colour(self, *, grey: bool) -> Array:
        tint = 204 * (self._skin / max(1.0, float(self._skin.mean()))) ** 0.42 * np.array([1.0, 1.0, 0.97])
        return (np.full(3, 190.0) if grey else tint).astype(np.float32) * np.float32(self._light)

    def _tone(self, borders: NDArray[Any], gap: float, floor: float) -> tuple[Array, Array]:
        """Brightness and bulge of teeth along TABLE: darker between teeth and towards the sides."""
        mm = np.abs(TABLE) * MM_PER_IOD
        mm = mm * (1 + 0.010 * mm)  # the dental arch turns away from the viewer
        distance = np.abs(mm[:, None] - borders).min(1)
        line = np.clip(distance / gap, 0, 1) ** 0.7
        index = np.clip(np.searchsorted(borders, mm) - 1, 0, len(borders) - 2)
        middle = (borders[index] + borders[index + 1]) / 2
        half = (borders[index + 1] - borders[index]) / 2
        bulge = 1 - np.clip(np.abs(mm - middle) / half, 0, 1) ** 3
        arch = np.clip(np.cos(np.clip(mm / 34, 0, 1) * np.pi / 2), 0, 1) ** 0.8
        tone = (floor + (1 - floor) * line) * (0.10 + 0.90 * arch) * (0.90 + 0.10 * bulge)
        return tone.astype(np.float32), bulge.astype(np.float32)

    def _shows_teeth(self, image: Bytes) -> bool:
        """Whether a good part of the open mouth is bright and pale."""
        mask = self.inner_mask(image.shape[:2], self.face.flat)
        inside = image[mask > 200].astype(np.float32)
        return len(inside) >= 12 and float(self.pale(inside).mean()) > 0.18

    def pale(self, pixels: Array) -> NDArray[np.bool_]:
        """Which pixels (... 3) look like teeth in this photo's light."""
        saturation = np.ptp(pixels, -1) / np.maximum(pixels.max(-1), 1)
        skin = float(np.ptp(self._skin) / max(1.0, float(self._skin.max())))
        bright = pixels @ LUMA / 255 > 0.72 * self.luma
        return np.asarray(bright & (saturation < 0.75 * skin + 0.02))

    def inner_mask(self, shape: tuple[int, ...], points: NDArray[np.float64]) -> Bytes:
        """The region between the inner lips at landmark positions ``points``, uint8 (h w)."""
        names = [78, *anatomy.UPPER_INNER, 308, *anatomy.LOWER_INNER[::-1]]
        return fill(points[names], shape)

    def paint(self, at: Array, opening: Array, pose: Pose) -> tuple[Array, Array]:
        """Colour (h w 3) in 0..255 and shade (h w) in 0..1 of the mouth's inside.

        at:      for each pixel its position (h w 2) in the photo, with the head's motion undone
        opening: how much of the mouth is open around each pixel (h w), 0..1: a blurred mask
        """
        local = self.face.local(at, self.face.mouth).astype(np.float32)
        u, v = local[..., 0], local[..., 1]
        aperture, tongue = pose.aperture, min(1.0, 2.0 * pose["tongueOut"])
        upper_line, lower_line = (np.polyval(line, u).astype(np.float32) for line in self._lines)
        # Where the lips would meet if the mouth were closed: teeth hang from there.
        bow = np.clip(1 - (u / 0.26) ** 2, 0, 1) * self._rest
        jaw = JAW_SHARE * max(aperture, APERTURE_SPAN * 0.5 * pose["jawOpen"])
        floor = lower_line - 0.76 * bow + jaw
        colour = np.empty((*u.shape, 3), np.float32)
        colour[:] = self._cavity
        height = floor + 0.010 - 0.05 * tongue
        spread = np.hypot(u / 0.21, (v - height) / 0.085)
        _over(
            colour,
            self._tongue * (0.80 + 0.20 * tongue),
            (1 - smoothstep(spread, 0.25, 1.1)) * (0.8 + 0.2 * tongue),
        )
        tone, _ = self._look_up(1, u)
        lower_edge = floor - 0.010 + 0.10 * u * u
        share = smoothstep(v, lower_edge - EDGE, lower_edge + EDGE) * (0.55 + 0.1 * tongue)
        _over(colour, self._teeth * 0.56 * tone[..., None], share * (1 - smoothstep(np.abs(u), 0.20, 0.27)))
        tone, bulge = self._look_up(0, u)
        scallop = 0.9 * (1 - bulge) / MM_PER_IOD
        upper_edge = upper_line + 0.24 * bow + 0.024 - 0.10 * aperture - 0.9 * scallop - 0.42 * u * u
        share = (1 - smoothstep(v, upper_edge - EDGE, upper_edge + EDGE)) * 0.96
        _over(colour, self._teeth * 0.92 * tone[..., None], share * (1 - smoothstep(np.abs(u), 0.23, 0.31)))
        lit = 0.62 + 0.38 * float(smoothstep(aperture, 0.02, 0.14))
        near_lips = np.clip((opening - 0.34) / 0.56, 0, 1) ** 0.9
        shade = (0.30 + 0.70 * near_lips) * lit
        if self._own is not None:
            own, kept = self._own.at(at)
            _over(colour, own, kept)
            shade = shade * (1 - kept) + kept * (0.78 + 0.22 * near_lips) * (0.88 + 0.12 * lit)
        return colour, shade

    def _look_up(self, row: int, u: Array) -> tuple[Array, Array]:
        position = (u - TABLE[0]) * ((len(TABLE) - 1) / (TABLE[-1] - TABLE[0]))
        index = np.clip(position, 0, len(TABLE) - 1).astype(np.intp)
        tone, bulge = self._tables[row]
        return tone[index], bulge[index]


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
        ring = max(4.0, 0.07 * face.iod)
        distance = cv2.distanceTransform((trusted < 128).astype(np.uint8), cv2.DIST_L2, 3)
        unknown = ((trusted < 128) & (distance < ring)).astype(np.uint8)
        self._colour = cv2.inpaint(part, unknown, 3, cv2.INPAINT_TELEA).astype(np.float32)
        y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float64)
        local = face.local(np.stack([x, y], -1), face.mouth)
        edge = self._lower_edge(mouth, part, trusted, local)
        kept = np.clip(1 - distance / ring, 0, 1) * (
            1 - smoothstep(local[..., 1], edge - 0.004, edge + 0.020)
        )
        self._kept = kept.astype(np.float32)

    def _lower_edge(
        self, mouth: Mouth, part: Bytes, trusted: Bytes, local: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Height of the teeth's lower border at each pixel (h w): a parabola through their rims."""
        lower_lip = np.polyval(mouth._lines[1], local[..., 0])
        teeth = (trusted > 128) & mouth.pale(part.astype(np.float32))
        if teeth.sum() < 12:
            return lower_lip
        u, v = local[teeth].T
        bounds = np.linspace(np.percentile(u, 3), np.percentile(u, 97), 9)
        rims = [
            ((a + b) / 2, np.percentile(v[(u >= a) & (u < b)], 93))
            for a, b in itertools.pairwise(bounds)
            if ((u >= a) & (u < b)).sum() > 4
        ]
        if not rims:
            return lower_lip
        across, down = np.array(rims).T
        line = np.polyfit(across, down, 2 if len(rims) > 4 else 0)
        found = np.polyval(line, np.clip(local[..., 0], bounds[0], bounds[-1]))
        return np.minimum(found, lower_lip)

    def at(self, position: Array) -> tuple[Array, Array]:
        """Colour (h w 3) and how much of it to use (h w) at photo positions (h w 2)."""
        index = position - self._low.astype(np.float32)
        return read(self._colour, index), read(self._kept, index, outside="zero")


def fill(polygon: NDArray[np.float64], shape: tuple[int, ...]) -> Bytes:
    """A polygon (n 2) in pixels as an antialiased mask, uint8 (h w)."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(polygon * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return mask


def smooth_edge(points: NDArray[np.float64], steps: int = 4) -> NDArray[np.float64]:
    """A curve (n 2) through points, refined by Catmull-Rom segments."""
    padded = np.r_[points[:1], points, points[-1:]]
    a, b, c, d = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.r_[curve.transpose(1, 0, 2).reshape(-1, 2), points[-1:]]


def _over(colour: Array, paint: Array, share: Any) -> None:
    """Lay paint (3) or (h w 3) over a colour (h w 3), in place."""
    colour += (paint - colour) * np.asarray(share, np.float32)[..., None]
