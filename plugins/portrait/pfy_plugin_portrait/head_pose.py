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
RIGID = (
    *(1, 2, 4, 5, 6, 8, 94, 98, 168, 195, 197, 327, 33, 133, 263, 362),
    *(10, 109, 338, 67, 297, 151, 127, 356, 234, 454, 93, 323, 50, 280),
)
"""Nose, eye corners, cheekbones, temples, forehead: what neither speech nor brows move much."""
OFF = 0.01
"""Distance in iod from where it should be that makes a landmark an outlier: twice what the mesh is off."""
FITS = 3
NECK = 0.95
"""Where the head rolls, in half faces below the face's middle, as in head.py."""


class HeadPose:
    """How the head of a face turns, ``points`` (478 3) being the landmarks of its pose 0."""

    def __init__(self, points: NDArray[np.float64]) -> None:
        self._points = np.asarray(points, np.float64)
        face = Face(self._points)
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

    def find(self, points: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Poses (t 6) of landmarks (t 478 3) in pixels, and these with the head as at pose 0.

        The best similarity (Umeyama 1991) of RIGID, its scale as seen in the picture, with the weights of
        Huber (1964), so that a cheek that is lifted or an eye corner that a blink draws counts less.
        """
        rest, seen = self.local(self._points), self.local(points)
        still, moved = rest[list(RIGID)], seen[:, list(RIGID)]
        weights = np.ones(moved.shape[:2])
        for _ in range(FITS):
            turn, scale, shift = _similarity(still, moved, weights)
            off = moved - (scale[:, None, None] * (still @ turn.transpose(0, 2, 1)) + shift[:, None])
            weights = OFF / np.maximum(np.linalg.norm(off[..., :2], axis=2), OFF)
        yaw, pitch = np.arctan2(-turn[:, 0, 2], turn[:, 2, 2]), np.arcsin(np.clip(-turn[:, 1, 2], -1, 1))
        roll = np.arctan2(turn[:, 1, 0], turn[:, 1, 1])
        nodded = rotation(np.stack([yaw, pitch], 1), 0 * roll)
        moves = shift - scale[:, None] * ((nodded - turn) @ self._neck)
        poses = np.stack([yaw, pitch, roll, moves[:, 0], moves[:, 1], scale - 1], 1)
        return poses, self.world((seen - shift[:, None]) @ turn / scale[:, None, None])


def _similarity(still: NDArray[Any], moved: NDArray[Any], weights: NDArray[Any]) -> tuple[Any, Any, Any]:
    """Turns (t 3 3), scales (t) and shifts (t 3) that bring points (n 3) to (t n 3) with weights (t n)."""
    share = (weights / weights.sum(1, keepdims=True))[..., None]
    middle, centre = (share * still).sum(1), (share * moved).sum(1)
    a, b = still - middle[:, None], moved - centre[:, None]
    u, _, vt = np.linalg.svd((share * a).transpose(0, 2, 1) @ b)
    v, ut = vt.transpose(0, 2, 1), u.transpose(0, 2, 1)
    v[..., 2] *= np.sign(np.linalg.det(v @ ut))[:, None]
    turn = v @ ut
    turned = a @ turn.transpose(0, 2, 1)
    flat = np.s_[..., :2]
    scale = (share * turned * b)[flat].sum((1, 2)) / (share * turned**2)[flat].sum((1, 2))
    return turn, scale, centre - scale[:, None] * np.einsum("tij,tj->ti", turn, middle)


def rotation(yaw_pitch: NDArray[Any], roll: NDArray[Any]) -> NDArray[np.float64]:
    """Matrices (t 3 3) that roll, then pitch, then yaw points (right, down, away) by radians (t 2), (t)."""
    (ys, ps), (yc, pc) = np.sin(yaw_pitch).T, np.cos(yaw_pitch).T
    s, c, nil, one = np.sin(roll), np.cos(roll), np.zeros(len(roll)), np.ones(len(roll))
    yaw = [[yc, nil, -ys], [nil, one, nil], [ys, nil, yc]]
    pitch = [[one, nil, nil], [nil, pc, -ps], [nil, ps, pc]]
    rolled = [[c, -s, nil], [s, c, nil], [nil, nil, one]]
    turn_yaw, turn_pitch, turn_roll = (np.moveaxis(np.array(m), 2, 0) for m in (yaw, pitch, rolled))
    return np.asarray(turn_yaw @ turn_pitch @ turn_roll)
