"""Where landmarks go when a face moves: the renderer's own geometry, without a picture.

The skin follows the control points that pull the photo (pulls.py), lids and irises go as eyes.py draws them,
and the head turns as a rigid body by the channels that head.py bends the picture with. Two things differ from
a picture: closed lids meet and do not overlap, and the gap of the inner lips is what jawOpen and mouthClose
say, to the last digit, whatever raises or lowers them besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.eyelids import MEETING
from pfy_plugin_portrait.eyes import iris_shift, lids, lower_lift
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.pixels import smoothstep
from pfy_plugin_portrait.pulls import LOWER, UPPER, Pose, Pulls

if TYPE_CHECKING:
    from numpy.typing import NDArray

BESIDE = 0.08
"""Distance above and below the lip line, in iod, over which the skin beside the mouth passes from what
follows the upper lip to what follows the lower one."""


class LandmarkModel:
    """The landmarks of a face, ``points`` (478 3) at rest, under expressions; the head does not move."""

    def __init__(self, points: NDArray[np.float64]) -> None:
        self.face = Face(np.asarray(points, np.float64))
        self._pulls = Pulls(self.face)
        self._upper, self._lower = (self._pulls.rows(lip) for lip in (UPPER, LOWER))
        self._lids = [
            (self._pulls.rows(upper), self._pulls.rows(lower))
            for upper, lower in zip(anatomy.UPPER_LIDS, anatomy.LOWER_LIDS, strict=True)
        ]
        self._eyes = [self._eye(eye) for eye in (0, 1)]
        self._weights = self._follow()

    def moved(self, channels: NDArray[np.float32]) -> NDArray[np.float64]:
        """Displacement (478 2) in pixels of every landmark for the channels (58) of one frame."""
        pose = Pose(channels)
        controls = self._pulls.controls(pose)
        self._part_lips(pose, controls)
        self._move_lids(pose, controls)
        moves: NDArray[np.float64] = self._weights @ controls
        for eye, iris in enumerate(anatomy.IRISES):
            moves[list(iris)] = self.face.world(iris_shift(pose, eye))
        return moves

    def _follow(self) -> NDArray[np.float64]:
        """How much each landmark (478) follows each control: one that is a control, itself alone."""
        at, face = self.face.flat, self.face
        local = face.local(at, face.mouth)
        line = face.local(at[[78, *UPPER, 308]], face.mouth)
        height = local[:, 1] - np.interp(local[:, 0], line[:, 0], line[:, 1])
        half = face.mouth_half
        beside = BESIDE * smoothstep(np.abs(local[:, 0]) / half, 0.8, 1.1) + 1e-6
        share = smoothstep(height / beside, -1, 1)[:, None]
        follows_lower = self._pulls.weights(at, {*UPPER, *anatomy.UPPER_OUTER})
        follows_upper = self._pulls.weights(at, {*LOWER, *anatomy.LOWER_OUTER})
        weights = share * follows_lower + (1 - share) * follows_upper
        names = self._pulls.names
        weights[names] = np.eye(len(names))
        return np.asarray(weights, np.float64)

    def _part_lips(self, pose: Pose, controls: NDArray[np.float64]) -> None:
        """Make the gap of the inner lips what the pose says, their middle being where it was."""
        middle = (controls[self._upper] + controls[self._lower]) / 2
        change = self._pulls.wanted(pose.aperture) - self.face.gap
        half = change[:, None] / 2 * self.face.chinward * self.face.iod
        controls[self._upper], controls[self._lower] = middle - half, middle + half

    def _eye(self, eye: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """From each point (7 2) of an upper lid to that below it, and how far it goes up when wide open."""
        flat, face = self.face.flat, self.face
        upper, lower = (flat[list(lid[eye])] for lid in (anatomy.UPPER_LIDS, anatomy.LOWER_LIDS))
        corners = flat[list(anatomy.EYE_CORNERS[eye])]
        along = (upper - corners.mean(0)) @ face.right / (np.ptp(corners @ face.right) / 2)
        return lower - upper, np.clip(1 - along**2, 0, 1)[:, None] * face.down * face.iod

    def _move_lids(self, pose: Pose, controls: NDArray[np.float64]) -> None:
        for eye, (gap, up) in enumerate(self._eyes):
            closed, wide = lids(pose, eye)
            lifted = float(lower_lift(np.ones(1), pose, eye)[0])
            upper, lower = self._lids[eye]
            controls[upper] = min(MEETING * closed, 1 - lifted) * gap - wide * up
            controls[lower] = -lifted * gap
