"""The head as a rigid body: landmarks turned and moved by a pose, and the pose that moved them.

Channels and their signs are ``HEAD_CHANNELS``; what the head turns about is where head.py has it, so that the
tip of the nose goes as far as in a rendered picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.head import AXIS, DEPTH, LIMITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOSE = 1
NECK = 0.95
"""Where the head rolls, in half faces below the face's middle, as in head.py."""


class HeadPose:
    """How the head of a face turns, ``points`` (478 3) being the landmarks of its pose 0."""

    def __init__(self, points: NDArray[np.float64]) -> None:
        face = Face(np.asarray(points, np.float64))
        oval = face.flat[list(anatomy.OVAL)]
        centre = oval.mean(0)
        nearest = face.points[NOSE, 2] + (DEPTH + AXIS) * face.iod
        self._origin, self._iod = np.array([*centre, nearest]), face.iod
        self._axes = np.eye(3)
        self._axes[:2, :2] = face.right, face.down
        self._neck = np.array([0, NECK * np.abs(face.local(oval, centre)[:, 1]).max(), 0])

    def local(self, points: NDArray[Any]) -> NDArray[np.float64]:
        """Points (... 3) in pixels to right, down and away from the camera, in iod from the axis."""
        return np.asarray((points - self._origin) @ self._axes.T / self._iod)

    def world(self, local: NDArray[Any]) -> NDArray[np.float64]:
        """The reverse of ``local``."""
        return np.asarray(local @ self._axes * self._iod + self._origin)

    def place(self, points: NDArray[Any], pose: NDArray[Any]) -> NDArray[np.float64]:
        """Points (t n 3) in pixels under poses (t 6): radians and iod, within what head.py allows."""
        pose = np.clip(pose, -LIMITS, LIMITS)
        turned = rotation(0 * pose[:, :2], pose[:, 2])
        local = (self.local(points) - self._neck) @ turned.transpose(0, 2, 1) + self._neck
        local = local @ rotation(pose[:, :2], 0 * pose[:, 2]).transpose(0, 2, 1)
        local *= 1 + pose[:, None, 5:]
        local[..., :2] += pose[:, None, 3:5]
        return self.world(local)


def rotation(yaw_pitch: NDArray[Any], roll: NDArray[Any]) -> NDArray[np.float64]:
    """Matrices (t 3 3) that roll, then pitch, then yaw points (right, down, away) by radians (t 2), (t)."""
    (ys, ps), (yc, pc) = np.sin(yaw_pitch).T, np.cos(yaw_pitch).T
    s, c, nil, one = np.sin(roll), np.cos(roll), np.zeros(len(roll)), np.ones(len(roll))
    yaw = [[yc, nil, -ys], [nil, one, nil], [ys, nil, yc]]
    pitch = [[one, nil, nil], [nil, pc, -ps], [nil, ps, pc]]
    rolled = [[c, -s, nil], [s, c, nil], [nil, nil, one]]
    turn_yaw, turn_pitch, turn_roll = (np.moveaxis(np.array(m), 2, 0) for m in (yaw, pitch, rolled))
    return np.asarray(turn_yaw @ turn_pitch @ turn_roll)
