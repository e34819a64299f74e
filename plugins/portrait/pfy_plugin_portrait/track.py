"""``extractor/face-track``: the landmarks of a face in every frame of a video.

The finder of ``encoder/face-mesh`` finds the face where it is not known, the attention mesh then follows it
from frame to frame, in a crop that moves smoothly so that the crop's own jitter does not become the face's.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from pfy_core import Extractor, Weights
from pfy_plugin_portrait.find import MIN_CERTAINTY, MIN_EYES, Finder, open_mesh
from pfy_plugin_portrait.mesh import OUTER_EYE_CORNERS, AttentionMesh, Points, region
from pfy_plugin_portrait.ports import Bytes, Clip, Track

VIEWS = ((0.97, -0.02), (1.03, 0.02))
"""Scale and turn (radians) of the crops whose landmarks are averaged: 15 to 30 ms a frame on two cores, where
the encoder's sixteen take 200; the lips of a photo that stands still are steady to .0003 iod."""
INERTIA = 0.7
"""Share of the crop's old place that it keeps from frame to frame."""
COUNT = 478

Place = tuple[Points, float, float]
"""Centre, side and angle of a crop, as ``mesh.region`` gives them."""


class FaceTrack(Extractor, name="face-track"):
    """The largest face of a video, followed: 478 landmarks (MediaPipe topology) for every frame, in pixels.

    A frame in which no face is seen, or one with less than 22 pixels between the outer corners of its eyes,
    has a row of NaN. Coordinates are x to the right, y down, and depth, towards the camera negative.
    """

    def __init__(
        self,
        *,
        mesh: Weights = "face-mesh/attention",
        near: Weights = "face-mesh/detector-near",
        far: Weights = "face-mesh/detector-far",
    ) -> None:
        self._finder = Finder(mesh, near, far)
        self._nets = [open_mesh(mesh) for _ in VIEWS]

    def __call__(self, frames: Iterator[Clip]) -> Iterator[Track]:
        """frames (t h w 3) at 25 a second -> (t 478 3)."""
        place: Place | None = None
        with ThreadPoolExecutor(len(VIEWS)) as pool:
            for chunk in frames:
                points = np.full((len(chunk), COUNT, 3), np.nan, np.float32)
                for row, frame in zip(points, chunk, strict=True):
                    place = place or self._find(frame)
                    seen = self._follow(frame, place, pool) if place else None
                    place = _moved(place, region(seen)) if place and seen is not None else None
                    if seen is not None:
                        row[:] = seen
                yield points

    def _find(self, frame: Bytes) -> Place | None:
        if min(frame.shape[:2]) < MIN_EYES:
            return None
        faces, _ = self._finder(frame)
        if not faces:
            return None
        right, left = faces[0][list(OUTER_EYE_CORNERS), :2]
        return region(faces[0]) if np.linalg.norm(left - right) >= MIN_EYES else None

    def _follow(self, frame: Bytes, place: Place, pool: ThreadPoolExecutor) -> Points | None:
        centre, side, angle = place
        seen = list(
            pool.map(
                lambda net, view: look(net, frame, centre, side * view[0], angle + view[1]), self._nets, VIEWS
            )
        )
        if min(sure for _, sure in seen) < MIN_CERTAINTY:
            return None
        return np.mean([points for points, _ in seen], axis=0)


def look(net: AttentionMesh, frame: Bytes, centre: Points, side: float, angle: float) -> tuple[Points, float]:
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


def _moved(old: Place, new: Place) -> Place:
    centre, side, angle = (INERTIA * was + (1 - INERTIA) * now for was, now in zip(old, new, strict=True))
    return centre, side, angle
