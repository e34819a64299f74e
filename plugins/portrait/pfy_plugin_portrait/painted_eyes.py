"""An eyeball painted for a lid that the photo shows closed: white, iris, pupil, catchlight.

Colours come from the face's own skin, so that a grey photo gets grey eyes and a warm painting warm
ones; the light falls from where it falls on the cheeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_plugin_portrait.eye_shape import luminance
from pfy_plugin_portrait.eyeballs import sclera_colour
from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array

IRIS_LIGHT = 0.25
"""Luma of a brown iris relative to the skin: .25 with pupil and shadow is the median of 36 portraits."""
IRIS_CHROMA = 1.7
"""Chroma of a brown iris relative to the skin's: the same hue, deeper."""
LEAST_CHROMA = 0.36
PUPIL = 0.40
"""Radius of the pupil relative to the iris: 4 to 5 mm of 11.7 in the light of a room."""
LID_SHADOW = (0.40, 0.016)
"""Light that the upper lid and its lashes take away at its edge, and over how many iod it fades."""
FIBRES = 46
PINK = 1.35
"""Chroma of the caruncle and of the lids' wet edge relative to the skin."""


def deepened(skin: NDArray[Any], chroma: float) -> NDArray[np.float64]:
    """A colour (... 3) with its luma kept and its chroma multiplied, no channel below a quarter."""
    level = luminance(skin)[..., None]
    return np.asarray(np.maximum(level + chroma * (skin - level), 0.25 * level))


@dataclass(frozen=True)
class Light:
    """Where light comes from, (right, down) in -1..1, and the brightest the face shows (luma)."""

    direction: NDArray[np.float64]
    brightest: float


def eyeball(
    at: Array,
    upper: NDArray[Any],
    lower: NDArray[Any],
    half: float,
    nasal: int,
    iris: NDArray[np.float64],
    radius: float,
    skin: NDArray[np.float64],
    light: Light,
) -> Array:
    """An eyeball (h w 3) at positions (h w 2) in the axes of an eye whose lids (h w) lie at ``upper``
    and ``lower``; both eyes of a face get the same iris."""
    v, s = at[..., 1], at[..., 0] / half
    white = sclera_colour(skin)
    # The ball curves away to its corners and lies in the shadow of the lid.
    shade = 1.32 - 0.42 * np.abs(s) ** 2.5
    shade *= 1 - 0.12 * smoothstep(lower - v, 0.03, 0.0)
    inner = smoothstep(s * nasal, 0.66, 1.0)[..., None]
    ball = white * shade[..., None]
    ball = ball + (0.84 * deepened(skin, PINK) - ball) * 0.75 * inner
    offset = (at - iris) / radius
    rho, angle = np.linalg.norm(offset, axis=-1), np.arctan2(offset[..., 1], offset[..., 0])
    disc = (1 - smoothstep(rho, 0.90, 1.06))[..., None]
    ball = ball + (_iris(rho, angle, skin, light) - ball) * disc
    depth, reach = LID_SHADOW
    ball = ball * (1 - depth * np.exp(-np.maximum(v - upper, 0) / reach))[..., None]
    return np.asarray(ball + _catchlight(offset, light)[..., None], np.float32)


def _iris(
    rho: NDArray[Any], angle: NDArray[Any], skin: NDArray[np.float64], light: Light
) -> NDArray[np.float64]:
    level = float(luminance(skin))
    # Pale skin in a colour photo goes with brown eyes too; a grey photo stays grey.
    chroma = float(np.linalg.norm(skin / max(level, 1.0) - 1))
    least = LEAST_CHROMA * float(smoothstep(chroma, 0.03, 0.09)) / max(chroma, 1e-6)
    colour = deepened(skin, IRIS_CHROMA * max(1.0, least)) * IRIS_LIGHT
    random = np.random.default_rng(5)
    strength, phase = random.normal(0, 1, FIBRES), random.uniform(0, 2 * np.pi, FIBRES)
    wave = np.arange(5, 5 + FIBRES)
    fibres = sum(
        a / np.sqrt(FIBRES) * np.cos(n * angle + p) for a, n, p in zip(strength, wave, phase, strict=True)
    )
    zone = smoothstep(rho, PUPIL, PUPIL + 0.12) * (1 - smoothstep(rho, 0.78, 0.95))
    value = 1 + 0.22 * fibres * zone + 0.25 * np.exp(-(((rho - 0.56) / 0.12) ** 2))
    # Light that enters the cornea gathers on the far side of the iris.
    across = np.cos(angle) * light.direction[0] + np.sin(angle) * light.direction[1]
    value = value * (1 - 0.28 * across * smoothstep(rho, 0.3, 0.8))
    value = value * (1 - 0.55 * smoothstep(rho, 0.74, 0.98))
    value = value * (1 - 0.88 * (1 - smoothstep(rho, PUPIL - 0.07, PUPIL + 0.07)))
    return np.asarray(colour * value[..., None])


def _catchlight(offset: NDArray[Any], light: Light) -> NDArray[np.float64]:
    """Luma (h w) that the reflected light adds: a window near the pupil's edge, and a faint second."""
    at = 0.42 * light.direction
    spot = np.linalg.norm((offset - at) * (1.0, 0.85), axis=-1)
    second = np.linalg.norm(offset + 0.9 * at, axis=-1)
    strength = 1.15 * light.brightest
    found: Any = strength * (1 - smoothstep(spot, 0.07, 0.20)) * 0.9
    return np.asarray(found + 0.05 * strength * (1 - smoothstep(second, 0.05, 0.4)))
