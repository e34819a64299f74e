"""A face over time, and the distance that everything about it is counted in.

Landmarks are MediaPipe's 478 in pixels. Lengths are given in interocular distances ("iod"): between the outer
corners of the eyes, so that neither the size of the picture nor that of the face counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pfy_core import InputError
from pfy_plugin_metrics.ports import FRAME_RATE
from pfy_plugin_metrics.unscored import Unscored

EYES = (33, 263)
MAX_FORESHORTENING = 1.25
"""The eyes' distance in depth counts up to this much beyond the distance seen, as in ``decoder/portrait``."""
LEAST_FOUND = 0.9
"""Share of a clip's frames that must show a face: the others are filled in, as a face that stands still."""
FEWEST = 5
"""Frames (.2 s) that anything is said of."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Track:
    """A face over time.

    points: float64 (t 478 3), pixels; frames without a face have the nearest one's
    found:  bool (t), where there was a face
    rate:   frames a second
    """

    points: Array
    found: NDArray[np.bool_]
    rate: float

    @classmethod
    def of(cls, points: Any, rate: float = FRAME_RATE) -> Track:
        """From landmarks (t 478 3) with NaN where there is no face. InputError when there is none at all."""
        points = np.asarray(points, np.float64)
        found = np.isfinite(points).all((1, 2))
        if not found.any():
            raise InputError("no frame shows a face", "a video of a face")
        shown = np.flatnonzero(found)
        nearest = shown[np.abs(shown[None] - np.arange(len(points))[:, None]).argmin(1)]
        return cls(points[nearest], found, rate)

    @property
    def times(self) -> Array:
        """Seconds (t) at the middle of each frame's time on screen."""
        return (np.arange(len(self.points), dtype=np.float64) + 0.5) / self.rate

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.points) / self.rate

    @property
    def iod(self) -> Array:
        """Distance (t) of the outer eye corners in pixels, corrected for the head's turn."""
        return np.asarray(interocular(self.points), np.float64)


def interocular(points: Any) -> Any:
    """Distance (...) of the outer eye corners of landmarks (... 478 3); a turned head keeps its scale."""
    across = points[..., EYES[1], :] - points[..., EYES[0], :]
    seen = np.linalg.norm(across[..., :2], axis=-1)
    return np.maximum(seen, np.minimum(MAX_FORESHORTENING * seen, np.linalg.norm(across, axis=-1)))


def followed(face: Any, which: str = "") -> Track:
    """A track that can be measured, from landmarks (t 478 3) at 25 a second, NaN where there is no face.

    Raises Unscored, naming ``which`` side, for less than .2 s, faces in fewer than 9 of 10 frames, and eyes
    in one place.
    """
    side = f"{which}: " if which else ""
    if len(face) < FEWEST:
        raise Unscored(f"{side}{len(face)} frames, {FEWEST} wanted")
    share = float(np.isfinite(face).all((1, 2)).mean())
    if share < LEAST_FOUND:
        raise Unscored(f"{side}a face in {share:.0%} of the frames, {LEAST_FOUND:.0%} wanted")
    track = Track.of(face)
    if not track.iod.min() > 0:
        raise Unscored(f"{side}a face whose eyes are in one place")
    return track
