"""Eyes and brows over time, from landmarks (t 478 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Curve = NDArray[np.float64]

LIDS = ((33, 133, 160, 158, 144, 153), (263, 362, 387, 385, 373, 380))
"""Right, left eye: outer and inner corner, two points of the upper lid, the two below them."""
IRISES = (468, 473)
BROWS = ((70, 63, 105, 66, 107), (300, 293, 334, 296, 336))
LEAST = 0.3
"""Closure that makes a blink, above what it was before: a squint stays below. The landmarks of a lid that is
shut stay apart: filmed people whose eyes close wholly reach .6 on average."""
LONGEST = 1.0
"""Seconds beyond which an eye is closed and does not blink."""


def aspect(points: Any) -> NDArray[np.float64]:
    """Eye aspect ratio (t 2) of right and left eye (Soukupova & Cech 2016): height over width."""
    ratios = []
    for outer, inner, *lids in LIDS:
        flat = points[..., :2]
        height = np.linalg.norm(flat[:, lids[:2]] - flat[:, lids[2:]], axis=-1).mean(1)
        ratios.append(height / np.linalg.norm(flat[:, outer] - flat[:, inner], axis=-1))
    return np.stack(ratios, 1)


def closure(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far (t 2) each eye is closed: 0 as open as usual (90th percentile), 1 shut."""
    usual = np.percentile(ratio, 90, axis=0)
    return np.clip(1 - ratio / usual, 0, 1)


@dataclass(frozen=True)
class Blinks:
    """Blinks of a clip.

    middles, durations: seconds (n), a duration is counted at half of its blink's own depth
    depths: greatest closure (n), 0..1; uneven: mean difference of the two eyes' closure during them
    """

    middles: Curve
    durations: Curve
    depths: Curve
    uneven: float


def blinks(closed: NDArray[np.float64], rate: float) -> Blinks:
    """Blinks in closure (t 2) of the two eyes; a blink that an end of the clip cuts is left out."""
    both = closed.mean(1)
    peaks, found = signal.find_peaks(both, height=LEAST, prominence=LEAST, width=0, rel_height=0.5)
    short = found["widths"] <= LONGEST * rate
    peaks, left, right = peaks[short], found["left_ips"][short], found["right_ips"][short]
    uneven = [
        np.abs(np.diff(closed[int(np.ceil(a)) : int(b) + 1], axis=1)).mean()
        for a, b in zip(left, right, strict=True)
    ]
    return Blinks(
        ((left + right) / 2 + 0.5) / rate,
        (right - left) / rate,
        both[peaks],
        float(np.mean(uneven)) if uneven else np.nan,
    )


def gaze(points: Any) -> NDArray[np.float64]:
    """Where the irises are (t 2): right and down of the eye corners' middle, in eye widths, mean of both."""
    seen = []
    for (outer, inner, *_), iris in zip(LIDS, IRISES, strict=True):
        flat = points[..., :2]
        along = (flat[:, inner] - flat[:, outer]) * np.sign(flat[:, inner, :1] - flat[:, outer, :1])
        size = np.linalg.norm(along, axis=1, keepdims=True)
        right = along / size
        down = np.stack([-right[:, 1], right[:, 0]], 1)
        from_middle = (flat[:, iris] - (flat[:, outer] + flat[:, inner]) / 2) / size
        seen.append(np.stack([(from_middle * right).sum(1), (from_middle * down).sum(1)], 1))
    return np.asarray(np.mean(seen, axis=0))


def brows(points: Any, iod: Curve) -> Curve:
    """Height (t) of the brows above the line of the eyes' corners, in iod, mean of both."""
    flat = points[..., :2]
    across = flat[:, 263] - flat[:, 33]
    up = np.stack([across[:, 1], -across[:, 0]], 1) / np.linalg.norm(across, axis=1, keepdims=True)
    middle = flat[:, [33, 133, 263, 362]].mean(1)
    raised = flat[:, [*BROWS[0], *BROWS[1]]].mean(1) - middle
    return np.asarray((raised * up).sum(1) / iod)
