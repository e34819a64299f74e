"""The channels of lids and gaze that took landmarks from rest to where they are: eyes.py, backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_core.kinds import MOTION_INDEX
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.eye_shape import SIDES
from pfy_plugin_portrait.eyelids import MEETING
from pfy_plugin_portrait.eyes import GAZE, SQUINT, VERTICAL, WIDE
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.neutral import opening

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_SHUT = 0.5
"""Closure from which on the deepest of a film counts as shut: the landmarks of lids that are shut stay apart,
filmed people's reach .6 on average, rendered ones .83."""
STEADY = 0.06
"""Share of the opening by which the lids of an eye that does nothing waver in the mesh."""
AWAKE = 0.5
"""Closure up to which an iris is seen; while it is not, the gaze goes over to what it is after."""


class EyeChannels:
    """Lids and gaze of a face whose landmarks at rest are ``points`` (478 3)."""

    def __init__(self, points: NDArray[np.float64]) -> None:
        self._face = Face(np.asarray(points, np.float64))
        self._open = opening(self._face.points[None], self._face)[0]

    def __call__(self, still: NDArray[np.float64], motion: NDArray[np.float32]) -> None:
        """Set the channels of motion (t 58) from landmarks (t 478 3) whose head is as at rest."""
        closed = 1 - opening(still, self._face) / np.maximum(self._open, 1e-6)
        deepest = float(closed.mean(1).max())
        shut = min(1.0, deepest) if deepest > LEAST_SHUT else 1.0
        for eye, side in enumerate(SIDES):
            lifted = self._lifted(still, eye)
            blink = np.clip(beyond(closed[:, eye]) / shut, 0, 1)
            squint = np.clip(beyond(lifted - (1 - MEETING) * blink) / SQUINT, 0, 1) * (1 - blink)
            # A squint narrows the eye by its lower lid and half as much by its upper one.
            blink = np.clip(blink - beyond(1.5 * SQUINT * squint), 0, 1)
            wide = beyond(-closed[:, eye]) * self._open[eye] / WIDE
            motion[:, MOTION_INDEX["eyeBlink" + side]] = blink
            motion[:, MOTION_INDEX["eyeSquint" + side]] = squint
            motion[:, MOTION_INDEX["eyeWide" + side]] = np.clip(wide, 0, 1)
        self._set_gaze(still, closed.mean(1), motion)

    def _lifted(self, still: NDArray[np.float64], eye: int) -> NDArray[np.float64]:
        """How far (t) a lower lid is up, as a share of the opening at rest."""
        lid = list(anatomy.LOWER_LIDS[eye][1:-1])
        up = (self._face.flat[lid] - still[:, lid, :2]) @ self._face.down
        return np.asarray(up.mean(1) / self._face.iod / max(self._open[eye], 1e-6))

    def _set_gaze(
        self, still: NDArray[np.float64], closed: NDArray[np.float64], motion: NDArray[np.float32]
    ) -> None:
        axes = np.stack([self._face.right, self._face.down], 1) / self._face.iod
        points = np.concatenate([still, self._face.points[None]])[..., :2]
        shifts = []
        for iris, corners in zip(anatomy.IRISES, anatomy.EYE_CORNERS, strict=True):
            shifts.append((points[:, list(iris)].mean(1) - points[:, list(corners)].mean(1)) @ axes)
        # Both eyes look the same way, and of one the mesh says it half as well.
        seen = np.mean(shifts, axis=0)
        turned = (seen[:-1] - seen[-1]) / GAZE / (1.0, VERTICAL)
        awake = np.flatnonzero(closed < AWAKE)
        if not len(awake):
            return
        right, down = (np.interp(np.arange(len(turned)), awake, turned[awake, k]) for k in (0, 1))
        for eye, side in enumerate(SIDES):
            inward = right if eye == 0 else -right
            for name, values in (("In", inward), ("Out", -inward), ("Down", down), ("Up", -down)):
                motion[:, MOTION_INDEX[f"eyeLook{name}{side}"]] = np.clip(values, 0, 1)


def beyond(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What of a share of the opening is more than lids waver."""
    return np.maximum(values - STEADY, 0) / (1 - STEADY)
