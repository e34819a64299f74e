"""Metrics of a face over time: whether it is there, how head and eyes move, and whether its colour stays."""

from __future__ import annotations

from math import nan

import numpy as np

from pfy_core import Metric, Score
from pfy_plugin_metrics import colour, eyes, head
from pfy_plugin_metrics.ports import FRAME_RATE, Clip, Face
from pfy_plugin_metrics.track import followed
from pfy_plugin_metrics.unscored import Unscored, known, scored

COMPARED = 5
"""One frame in so many says what colour the skin has."""
FEWEST = 3
"""Compared frames that a change over time is told from."""
MINUTE = 60


class FaceFound(Metric, name="face-found"):
    """Share of the frames in which a face is found, 0 to 1.

    What other metrics of faces leave out is counted here. Unscored: no frames.
    """

    def __call__(self, face: Face) -> Score:
        """face (t 478 3), NaN where there is none -> share."""
        if not len(face):
            return Score(nan, "no frames")
        return Score(float(np.isfinite(face).all((1, 2)).mean()))


class HeadSpeed(Metric, name="head-speed"):
    """How fast the tip of the nose moves in the picture, in % of the interocular distance a frame (1/25 s).

    Unscored: fewer than 5 frames, faces in fewer than 9 of 10 frames.
    """

    def __call__(self, face: Face) -> Score:
        """face (t 478 3) -> % iod a frame, on average."""

        def measured() -> float:
            track = followed(face)
            return float(head.speed(track.points, np.median(track.iod), FRAME_RATE).mean())

        return scored(measured)


class BlinkRate(Metric, name="blink-rate"):
    """Blinks a minute; people who talk have 10 to 30, of a short clip it says little.

    A blink closes the eyes by .3 of their usual opening or more (eye aspect ratio) for less than a second;
    one that an end of the clip cuts is not counted. Unscored: fewer than 5 frames, faces in fewer than 9 of
    10 frames, eyes without width or never open. Soukupova and Cech, 2016.
    """

    def __call__(self, face: Face) -> Score:
        """face (t 478 3) -> blinks a minute."""

        def measured() -> float:
            track = followed(face)
            ratio = eyes.aspect(track.points)
            known(float(ratio.sum()), "eyes without width")
            if not np.percentile(ratio, 90, axis=0).all():
                raise Unscored("eyes that are never open")
            seen = eyes.blinks(eyes.closure(ratio), FRAME_RATE)
            return MINUTE * len(seen.middles) / track.seconds

        return scored(measured)


class ColourDrift(Metric, name="colour-drift"):
    """By how much the skin's colour changes from the first to the last frame, along the line that fits best.

    CIE76 difference of cheeks and forehead, of every fifth frame; 1 is just seen. Light that changes on a
    filmed face counts too. Unscored: fewer than 11 frames, faces in fewer than 9 of 10 frames, cheeks outside
    of the picture.
    """

    def __call__(self, frames: Clip, face: Face) -> Score:
        """frames (t h w 3), face (t 478 3) -> difference."""

        def measured() -> float:
            track = followed(face)
            places = np.flatnonzero(track.found[::COMPARED]) * COMPARED
            seen = [colour.skin(frames[k], track.points[k], track.iod[k]) for k in places]
            if len(seen) < FEWEST:
                raise Unscored(f"{len(seen)} compared frames with a face, {FEWEST} wanted")
            slope = np.polyfit(places / (len(frames) - 1), np.reshape(seen, (len(seen), -1)), 1)[0]
            drift = float(np.linalg.norm(slope.reshape(-1, 3), axis=1).mean())
            return known(drift, "cheeks or forehead outside of the picture")

        return scored(measured)
