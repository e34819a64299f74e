"""``extractor/motion-track``: what face motion looks like in landmarks, on a face that nobody has."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pfy_core import Extractor
from pfy_plugin_portrait.canonical import canonical
from pfy_plugin_portrait.head_pose import HeadPose
from pfy_plugin_portrait.landmark_model import LandmarkModel
from pfy_plugin_portrait.ports import MotionOfFilm, Track, require_finite

MOST = 4.0
"""Size from which a channel counts no more; they go from 0 to 1, and what is learnt a little beyond."""


class MotionTrack(Extractor, name="motion-track", framewise=True):
    """The landmarks (MediaPipe's 478, in pixels of a square of 512) of a canonical face that moves as told.

    So whatever measures a filmed face measures motion, without a frame being rendered. The gap of its inner
    lips is .30 (jawOpen - mouthClose) of the distance between its outer eye corners, its lids meet at
    eyeBlink 1, and its head turns as that of ``decoder/portrait`` does, up to the same limits. Motion of 0
    is a face that stands still. Raises InputError for values that are not finite.
    """

    def __init__(self) -> None:
        self._model, self._head = LandmarkModel(canonical()), HeadPose(canonical())

    def __call__(self, motion: Iterator[MotionOfFilm]) -> Iterator[Track]:
        """motion (t 58) at 25 a second -> (t 478 3)."""
        for rows in motion:
            require_finite("motion", rows)
            channels = np.clip(rows, -MOST, MOST)
            points = np.repeat(canonical()[None], len(rows), axis=0)
            for shown, row in zip(points, channels, strict=True):
                shown[:, :2] += self._model.moved(row)
            yield self._head.place(points, channels[:, -6:].astype(np.float64)).astype(np.float32)
