"""The channels of lips, jaw and brows that took landmarks from rest to where they are.

The gap of the inner lips is measured; what that does to the rest of the face is known from the landmark model
of this very face (landmark_model.py), and what is left is unmixed into the other channels' displacements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_core.kinds import APERTURE_SPAN, MOTION_CHANNELS, MOTION_INDEX
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.face import CLOSED
from pfy_plugin_portrait.landmark_model import LandmarkModel
from pfy_plugin_portrait.pixels import smoothstep
from pfy_plugin_portrait.unmix import unmix

if TYPE_CHECKING:
    from numpy.typing import NDArray

APART = 0.33
"""jawOpen at which the displacements of the other channels are taken: of lips that are parted."""
OPENINGS = np.linspace(0.0, 1.2, 13)
"""jawOpen of the table of what opening does to the face."""
LEAST_SEEN = 0.02
"""Gap in iod up to which the least of a film is what the mesh sees of closed lips (.000 to .015)."""
SPANNED = 0.05
"""Quantile of the gap that counts as its least."""
BOTH = ("mouthStretch", "mouthPress", "mouthUpperUp", "mouthLowerDown")
SIDED = ("mouthSmile", "mouthFrown")
ALONE = ("mouthPucker", "mouthRollLower", "mouthRollUpper")
SIDEWAYS = ("mouth", "jaw")
"""Channels with Left and Right that take the mouth either way, and never both."""
BROWS = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight")
LIPS = [
    *(*anatomy.UPPER_INNER, *anatomy.LOWER_INNER, *anatomy.UPPER_OUTER, *anatomy.LOWER_OUTER),
    *(*anatomy.INNER_CORNERS, *anatomy.OUTER_CORNERS),
]
AROUND = [*anatomy.JAW, *anatomy.CHEEK_PULLS, *anatomy.MIRRORED.values()]
TRUST = 0.1
"""Weight of jaw and cheeks against the lips, which the mesh looks at twice."""
NOISE = {"mouth": 0.02, "brows": 0.02}
"""Deviation in iod of what the landmarks say of a channel at 1, all together."""
FOREHEAD = [i for brow in anatomy.BROWS for i in brow] + list(anatomy.GLABELLA)

Channels = dict[str, float]


class SkinChannels:
    """Lips, jaw and brows of a face whose landmarks at rest are ``points`` (478 3)."""

    def __init__(self, points: NDArray[np.float64]) -> None:
        self._model = LandmarkModel(points)
        self._face = self._model.face
        self._table = np.stack([self._moved({"jawOpen": float(opened)}) for opened in OPENINGS])

    def __call__(self, still: NDArray[np.float64], motion: NDArray[np.float32]) -> None:
        """Set the channels of motion (t 58) from landmarks (t 478 3) whose head is as at rest."""
        axes = np.stack([self._face.right, self._face.down], 1) / self._face.iod
        moves = (still[..., :2] - self._face.flat) @ axes
        opened = np.clip(self.gap(still) / APERTURE_SPAN, 0, 1)
        self._set_mouth(moves, opened, motion)
        self._set_brows(moves, motion)

    def gap(self, still: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gap (t) of the inner lips in iod, 0 where they are closed as far as the mesh can tell."""
        seen = np.linalg.norm(still[:, 13, :2] - still[:, 14, :2], axis=1) / self._face.iod
        least = float(np.quantile(seen, SPANNED))
        seen = np.maximum(seen - least, 0) if least < LEAST_SEEN else seen
        return np.asarray(seen * smoothstep(seen, *CLOSED))

    def _moved(self, channels: Channels) -> NDArray[np.float64]:
        """Displacements (478 2) in iod, right and down, that channels make."""
        row = np.zeros(len(MOTION_CHANNELS), np.float32)
        for name, value in channels.items():
            row[MOTION_INDEX[name]] = value
        axes = np.stack([self._face.right, self._face.down], 1) / self._face.iod
        return np.asarray(self._model.moved(row) @ axes)

    def _columns(self, mixtures: list[Channels], around: Channels, names: list[int]) -> NDArray[np.float64]:
        """Displacements (k n) that each mixture adds to a face that is as ``around`` says."""
        before = self._moved(around)
        added = [self._moved(_sum(around, mixture)) - before for mixture in mixtures]
        return np.stack([move[names].ravel() for move in added])

    def _set_mouth(
        self, moves: NDArray[np.float64], opened: NDArray[np.float64], motion: NDArray[np.float32]
    ) -> None:
        names = LIPS + AROUND
        mixtures: list[Channels] = [{"jawOpen": 1.0, "mouthClose": 1.0}]
        mixtures += [{name + "Left": 1.0, name + "Right": 1.0} for name in BOTH]
        mixtures += [{name + side: 1.0} for name in SIDED for side in ("Left", "Right")]
        mixtures += [{name: 1.0} for name in ALONE]
        mixtures += [{name + "Left": 1.0} for name in SIDEWAYS]
        least = np.array([0.0] * (len(mixtures) - len(SIDEWAYS)) + [-1.0] * len(SIDEWAYS))
        basis = self._columns(mixtures, {"jawOpen": APART}, names)
        weights = np.repeat([1.0] * len(LIPS) + [TRUST] * len(AROUND), 2)
        rest = (moves - self._opening(opened))[:, names].reshape(len(moves), -1)
        found = unmix(rest, basis, weights, NOISE["mouth"], least)
        for mixture, values in zip(mixtures, found.T, strict=True):
            for name in mixture:
                motion[:, MOTION_INDEX[name]] = np.maximum(values, 0)
        for name, values in zip(SIDEWAYS, found.T[-len(SIDEWAYS) :], strict=True):
            motion[:, MOTION_INDEX[name + "Right"]] = np.maximum(-values, 0)
        behind = np.minimum(found[:, 0], 1 - opened)
        motion[:, MOTION_INDEX["jawOpen"]] = opened + behind
        motion[:, MOTION_INDEX["mouthClose"]] = behind

    def _opening(self, opened: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the jaw's opening (t) alone moves (t 478 2), in iod."""
        at = np.clip(opened, OPENINGS[0], OPENINGS[-1]) / (OPENINGS[1] - OPENINGS[0])
        low = np.minimum(at.astype(int), len(OPENINGS) - 2)
        part = (at - low)[:, None, None]
        return np.asarray(self._table[low] * (1 - part) + self._table[low + 1] * part)

    def _set_brows(self, moves: NDArray[np.float64], motion: NDArray[np.float32]) -> None:
        basis = self._columns([{name: 1.0} for name in BROWS], {}, FOREHEAD)
        rest = moves[:, FOREHEAD].reshape(len(moves), -1)
        weights, least = np.ones(basis.shape[1]), np.zeros(len(BROWS))
        found = unmix(rest, basis, weights, NOISE["brows"], least)
        motion[:, [MOTION_INDEX[name] for name in BROWS]] = found


def _sum(a: Channels, b: Channels) -> Channels:
    return {name: a.get(name, 0.0) + b.get(name, 0.0) for name in {*a, *b}}
