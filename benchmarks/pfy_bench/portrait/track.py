"""Face landmarks of every frame of a video.

The detector is that of ``encoder/face-mesh``: the whole encoder finds the face where it is not known,
its attention mesh then follows it from frame to frame, in a crop that moves smoothly so that the crop's
own jitter does not become the face's.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pfy_core import InputError, weights
from pfy_plugin_portrait.encoder import FaceMesh, FaceMeshEncoder
from pfy_plugin_portrait.mesh import AttentionMesh, cut_model, region

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

MESH = "face-mesh/attention"
VIEWS = ((0.97, -0.02), (1.03, 0.02))
"""Scale and turn (radians) of the crops whose landmarks are averaged: 15 to 30 ms a frame on two cores, where
the encoder's sixteen take 200; the lips of a photo that stands still are steady to .0003 iod."""
INERTIA = 0.7
"""Share of the crop's old place that it keeps from frame to frame."""
MIN_CERTAINTY = 0.5
MAX_FORESHORTENING = 1.25
"""The eyes' distance in depth counts up to this much beyond the distance seen, as in the renderer."""
EYES = (33, 263)

Points = Any
"""float64 (478 3), pixels"""


@dataclass(frozen=True)
class Track:
    """A face over time.

    points: float64 (t 478 3), pixels, MediaPipe's topology; frames without a face take the nearest one's
    found:  bool (t), where there was a face
    rate:   frames a second
    size:   width and height of the picture
    """

    points: NDArray[np.float64]
    found: NDArray[np.bool_]
    rate: float
    size: tuple[int, int]

    @property
    def times(self) -> NDArray[np.float64]:
        """Seconds (t) at the middle of each frame's time on screen."""
        return (np.arange(len(self.points), dtype=np.float64) + 0.5) / self.rate

    @property
    def iod(self) -> NDArray[np.float64]:
        """Distance (t) of the outer eye corners in pixels, corrected for the head's turn."""
        return np.asarray(interocular(self.points), np.float64)


def interocular(points: Points) -> Any:
    """Distance (...) of the outer eye corners of landmarks (... 478 3); a turned head keeps its scale."""
    across = points[..., EYES[1], :] - points[..., EYES[0], :]
    seen = np.linalg.norm(across[..., :2], axis=-1)
    return np.maximum(seen, np.minimum(MAX_FORESHORTENING * seen, np.linalg.norm(across, axis=-1)))


class Tracker:
    """Finds and follows a face; keeps two networks busy."""

    def __init__(self) -> None:
        self._encoder = FaceMeshEncoder()
        cut = weights.derived(MESH, "mesh-1.npz", cut_model)
        self._nets = [AttentionMesh(cut) for _ in VIEWS]

    def photo(self, image: NDArray[np.uint8]) -> FaceMesh:
        """Landmarks (478 3) and matte (h w) of a still picture (h w 3). Raises InputError without a face."""
        found = self._encoder(image)
        return FaceMesh(found.landmarks.astype(np.float64), found.matte)

    def __call__(self, frames: Iterable[NDArray[np.uint8]], rate: float) -> Track:
        """The face in frames (h w 3). Raises InputError when no frame shows one."""
        points: list[Points | None] = []
        place, size = None, (0, 0)
        with ThreadPoolExecutor(len(VIEWS)) as pool:
            for frame in frames:
                size = frame.shape[1], frame.shape[0]
                if place is None:
                    place = self._find(frame)
                seen = None if place is None else self._follow(frame, place, pool)
                points.append(seen)
                place = None if seen is None else _moved(place, region(seen))
        found = np.array([seen is not None for seen in points])
        if not found.any():
            raise InputError("no frame shows a face", "a video of a face")
        known = np.flatnonzero(found)
        nearest = known[np.abs(known[None] - np.arange(len(points))[:, None]).argmin(1)]
        return Track(np.stack([points[k] for k in nearest]), found, rate, size)

    def _find(self, frame: NDArray[np.uint8]) -> Any:
        try:
            return region(self._encoder(frame).landmarks.astype(np.float64))
        except InputError:
            return None

    def _follow(self, frame: NDArray[np.uint8], place: Any, pool: ThreadPoolExecutor) -> Points | None:
        centre, side, angle = place
        seen = list(
            pool.map(
                lambda net, view: look(net, frame, centre, side * view[0], angle + view[1]), self._nets, VIEWS
            )
        )
        if min(sure for _, sure in seen) < MIN_CERTAINTY:
            return None
        return np.asarray(np.mean([points for points, _ in seen], axis=0))


def look(
    net: AttentionMesh, frame: NDArray[np.uint8], centre: Any, side: float, angle: float
) -> tuple[Points, float]:
    """Landmarks (478 3) in a turned square crop of a frame, in the frame's pixels, and their certainty."""
    scale, cos, sin = side / net.side, np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    origin = centre - turn @ np.full(2, net.side / 2) * scale
    crop = cv2.warpAffine(
        frame,
        np.c_[turn * scale, origin],
        (net.side, net.side),
        flags=(cv2.INTER_LINEAR if scale < 2 else cv2.INTER_AREA) | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    points, sure = net(np.asarray(crop, np.float32)[None] / np.float32(255))
    return np.c_[points[:, :2] @ turn.T * scale + origin, points[:, 2] * scale], sure


def _moved(old: Any, new: Any) -> Any:
    return tuple(INERTIA * was + (1 - INERTIA) * now for was, now in zip(old, new, strict=True))
