"""Teeth and tongue, painted once for each photo on a sheet in face coordinates.

A sheet covers the mouth in the axes of the face (right, down, in iod). Teeth stand on the dental
arch, an ellipse, seen from where the photo was taken: a turned head shows them turned. Sizes are
those of average adults (Wheeler's Dental Anatomy: upper central incisor 8.5 mm wide, 10.5 mm high),
at 88 mm between the outer eye corners, varied a little from face to face.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pfy_plugin_portrait.pixels import over, smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array

    Real = NDArray[np.float64]

MM_PER_IOD = 88.0
BEHIND_LIPS = 7.0
"""Millimetres from the lips' surface back to the incisors."""
DARKENS = 26.0
"""Millimetres further back at which teeth lie in the cheeks' shadow (1/e)."""
SEEN_FROM_ABOVE = 0.17
"""How much higher a tooth appears for each unit that it is further back: the smile's arc."""


@dataclass(frozen=True)
class Row:
    """A row of teeth: widths, heights and how far each edge falls short, in mm from the middle
    outwards; how rounded the edges are (mm), and the arch's half width and depth (mm)."""

    widths: tuple[float, ...]
    heights: tuple[float, ...]
    short: tuple[float, ...]
    rounded: tuple[float, ...]
    arch: tuple[float, float]


UPPER = Row(
    (8.5, 6.6, 7.6, 7.0, 6.8, 10.0),
    (10.5, 9.2, 10.2, 8.6, 7.8, 7.5),
    (0.0, 0.7, 0.1, 1.0, 1.5, 2.0),
    (0.7, 1.0, 1.9, 1.5, 1.2, 1.0),
    (29.0, 43.0),
)
LOWER = Row(
    (5.2, 5.7, 6.8, 7.0, 7.1, 11.0),
    (8.8, 9.2, 10.5, 8.6, 8.0, 7.5),
    (0.0, 0.1, -0.2, 0.5, 0.9, 1.2),
    (0.35, 0.5, 1.4, 1.2, 1.0, 1.0),
    (26.0, 39.0),
)


@dataclass(frozen=True)
class Sheet:
    """Positions (h w) of a sheet's pixels: u right and v down from the mouth's centre, in iod."""

    u: Array
    v: Array
    density: float
    """Pixels for one iod."""
    millimetres: float
    """Of this mouth for one iod: more in a small mouth, whose teeth are smaller too."""

    @classmethod
    def of(
        cls,
        density: float,
        low: tuple[float, float],
        high: tuple[float, float],
        millimetres: float = MM_PER_IOD,
    ) -> Sheet:
        """The sheet from ``low`` to ``high`` (u, v)."""
        columns, rows = (max(2, int((b - a) * density)) for a, b in zip(low, high, strict=True))
        v, u = np.mgrid[:rows, :columns].astype(np.float32) / np.float32(density)
        return cls(u + np.float32(low[0]), v + np.float32(low[1]), density, millimetres)


@dataclass(frozen=True)
class Paints:
    """Colours (3) in 0..255 and the softness of edges in mm."""

    teeth: Array
    gums: Array
    tongue: Array
    cavity: Array
    soft: float


class Arch:
    """Where along its arch a row of teeth is seen at each ``u``."""

    def __init__(self, row: Row, middle: float, turn: float, millimetres: float = MM_PER_IOD) -> None:
        half, deep = row.arch
        angle = np.linspace(-1.5, 1.5, 601)
        across, back = half * np.sin(angle), deep * (1 - np.cos(angle))
        seen = across * np.cos(turn) - (back + BEHIND_LIPS) * np.sin(turn)
        # Beyond the arch's outline as seen from here there are no more teeth.
        first, last = int(np.argmin(seen[:301])), 300 + int(np.argmax(seen[300:]))
        steps = np.hypot(np.diff(across), np.diff(back))
        along = np.r_[0.0, np.cumsum(steps)]
        self._along, self._back = (along - along[300])[first : last + 1], back[first : last + 1]
        self._u = middle + seen[first : last + 1] / millimetres

    def at(self, u: Real) -> tuple[Real, Real, Real]:
        """Position along the arch (mm from its middle), depth (mm), and whether teeth are there (0..1)."""
        shown = smoothstep(u, self._u[0], self._u[0] + 0.012) * (
            1 - smoothstep(u, self._u[-1] - 0.012, self._u[-1])
        )
        return np.interp(u, self._u, self._along), np.interp(u, self._u, self._back), shown


def paint_row(sheet: Sheet, row: Row, arch: Arch, edge: Real, sign: int, paints: Paints, seed: int) -> Array:
    """A row of teeth with its gums: float32 (h w 4), RGB in 0..255 and alpha in 0..1.

    edge: height (w) of the incisal edge over u; sign: -1 for upper teeth, whose roots are above.
    """
    random = np.random.default_rng(seed)
    count = len(row.widths)
    vary = random.normal(0, 1, (4, 2 * count)).clip(-1.6, 1.6)
    both = [
        np.r_[np.array(values)[::-1], values] for values in (row.widths, row.heights, row.short, row.rounded)
    ]
    widths = both[0] * (1 + 0.03 * vary[0])
    heights, short, rounded = both[1], both[2] + 0.22 * vary[1], both[3] * (1 + 0.15 * vary[2])
    borders = np.r_[0.0, np.cumsum(widths)] - widths[:count].sum()
    along, back, shown = arch.at(sheet.u[0].astype(np.float64))
    index = np.clip(np.searchsorted(borders, along) - 1, 0, 2 * count - 1)
    half = widths[index] / 2
    offset = along - borders[index] - half
    side = np.abs(offset) / half
    # Millimetres above the incisal edge (w and h w).
    mm = sheet.millimetres
    height = sign * ((sheet.v.astype(np.float64) - edge) * mm + SEEN_FROM_ABOVE * back)
    ends = short[index] + rounded[index] * side**3.2
    soft = paints.soft
    crown = smoothstep(height, ends - soft, ends + soft)
    gap = 1 - np.exp(-(((half - np.abs(offset)) / (0.34 + 0.3 * soft)) ** 2))
    neck = short[index] + heights[index] - 2.4 * side**2.2
    gums = smoothstep(height, neck - soft, neck + soft)
    along_crown = np.clip((height - ends) / np.maximum(heights[index], 1), 0, 1)
    light = (1 - 0.15 * side**2.4) * (0.62 + 0.38 * gap)
    light = light * (1 + 0.035 * vary[3][index]) * np.exp(-back / DARKENS)
    light = light * (1 - 0.10 * np.exp(-(((height - ends) / 1.3) ** 2)) - 0.10 * along_crown**2)
    # A soft highlight on the fullest part of each crown.
    light = light * (1 + 0.06 * np.exp(-(((along_crown - 0.42) / 0.22) ** 2)) * (1 - side**2))
    warm = np.stack([np.ones_like(light), 1 - 0.030 * along_crown, 1 - 0.11 * along_crown], -1)
    colour = paints.teeth * light[..., None] * warm
    flesh = (
        paints.gums
        * ((0.80 + 0.20 * np.exp(-(((height - neck - 1.0) / 1.2) ** 2))) * np.exp(-back / DARKENS))[..., None]
    )
    over(colour, flesh, gums)
    return np.concatenate([colour, (crown * shown)[..., None]], -1).astype(np.float32)


def paint_tongue(sheet: Sheet, middle: float, rest: Real, paints: Paints) -> Array:
    """The tongue in a dark mouth: float32 (h w 4), RGB in 0..255, and alpha 1 on the tongue.

    rest: height (w) of the lower incisal edge over u.
    """
    u = (sheet.u.astype(np.float64) - middle) / 0.205
    v = sheet.v - rest
    top = -0.095 + 0.135 * np.abs(u) ** 2.6
    height = (v - top) / 0.15
    shape = smoothstep(height, -0.10, 0.28) * (1 - smoothstep(np.abs(u), 0.80, 1.05))
    groove = 1 - 0.16 * np.exp(-((u / 0.07) ** 2)) * smoothstep(height, 0.1, 0.5)
    round_ = np.sqrt(np.clip(1 - 0.75 * u**2, 0, 1))
    wet = 0.10 * np.exp(-(((height - 0.55) / 0.16) ** 2)) * np.exp(-(((np.abs(u) - 0.30) / 0.16) ** 2))
    light = (0.42 + 0.58 * smoothstep(height, 0.0, 0.75)) * (0.62 + 0.38 * round_) * groove + wet
    # The cavity is darkest at the back of the throat and takes some of the tongue's colour below.
    glow = 0.55 + 0.75 * smoothstep(v, -0.20, 0.04) * (1 - 0.6 * np.clip(np.abs(u), 0, 1.3) / 1.3)
    colour = paints.cavity * glow[..., None]
    over(colour, paints.tongue * light[..., None], shape)
    return np.concatenate([colour, shape[..., None]], -1).astype(np.float32)
