"""A filmed face at rest: what its own expressions and turns are counted from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core import InputError
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.head_pose import HeadPose

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 5
"""Frames without a face (.2 s at 25 a second) that are filled in from those around them."""
ROUNDS = 2
RESTING = 0.2
"""Share of a film's frames, those with the least gap between the lips, that show the mouth at rest: people
who speak have their lips closed about as often, in bilabials and pauses."""
MOST = 750
"""Frames, spread over the film, that are looked at."""
NOSE_BASE = 2
EYE_CORNERS = (33, 263)
EYES = [i for lids in (*anatomy.UPPER_LIDS, *anatomy.LOWER_LIDS, *anatomy.IRISES) for i in lids]


def filled(track: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A track (t 478 3) without gaps, filled in linearly, and which of its frames (t) show a face or lie in a
    gap of at most LONGEST. InputError when there is no face at all."""
    points = np.asarray(track, np.float64)
    shown = np.flatnonzero(np.isfinite(points).all((1, 2)))
    if not len(shown):
        raise InputError(f"a track of {len(points)} frames without a face", "a face in some of them")
    require_eyes("track", points[shown])
    frames, count = np.arange(len(points)), len(shown)
    before = np.searchsorted(shown, frames, side="right") - 1
    after = np.searchsorted(shown, frames)
    previous, following = shown[np.maximum(before, 0)], shown[np.minimum(after, count - 1)]
    first, last = np.where(before < 0, -1, previous), np.where(after == count, len(points), following)
    near = last - first - 1 <= LONGEST
    part = np.clip((frames - previous) / np.maximum(following - previous, 1), 0, 1)[:, None, None]
    return points[previous] * (1 - part) + points[following] * part, near


def require_eyes(name: str, points: NDArray[Any]) -> None:
    """Raise InputError for landmarks (... 478 3) whose eyes are in one place, so that nothing has a size."""
    if not (np.abs(points[..., EYE_CORNERS[1], :2] - points[..., EYE_CORNERS[0], :2]).max(-1) > 0).all():
        raise InputError(f"{name}: a face whose eyes are in one place", "landmarks of a face in pixels")


def neutral(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Landmarks (478 3) in pixels of a film's (t 478 3) face at rest.

    The median of all frames with the head's turns undone, at the median pose; of mouth and jaw over the
    frames with the least gap, of lids and irises over those with the eyes open.
    """
    points = points[:: -(-len(points) // MOST)]
    middle = np.median(points, axis=0)
    head = HeadPose(points[np.abs(points - middle).sum((1, 2)).argmin()])
    for _ in range(ROUNDS):
        head = HeadPose(np.median(head.find(points)[1], axis=0))
    poses, still = head.find(points)
    rest = np.median(still, axis=0)
    face = Face(rest)
    gap = np.linalg.norm(still[:, 13, :2] - still[:, 14, :2], axis=1)
    below = face.local(face.flat, face.flat[NOSE_BASE])[:, 1] > 0
    rest[below] = np.median(still[gap <= np.quantile(gap, RESTING)][:, below], axis=0)
    wide = opening(still, face).mean(1)
    rest[EYES] = np.median(still[wide >= np.median(wide)][:, EYES], axis=0)
    placed: NDArray[np.float64] = head.place(rest[None], np.median(poses, axis=0)[None])[0]
    return placed


def opening(points: NDArray[np.float64], face: Face) -> NDArray[np.float64]:
    """Distance (t 2) between the lids of right and left eye of landmarks (t 478 3), in iod."""
    found = []
    for upper, lower in zip(anatomy.UPPER_LIDS, anatomy.LOWER_LIDS, strict=True):
        gap = points[:, list(lower[1:-1]), :2] - points[:, list(upper[1:-1]), :2]
        found.append((gap @ face.down).mean(1) / face.iod)
    return np.stack(found, 1)
