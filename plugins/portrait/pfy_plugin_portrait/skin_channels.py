"""The channels of lips, jaw and brows that took landmarks from rest to where they are.

The gap of the inner lips is measured; what that does to the rest of the face is known from the landmark model
of this very face (landmark_model.py), and what is left is unmixed into the other channels' displacements.
"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Part:
    """Channels that move together; ``usual`` is their size in speech, as a standard deviation about 0.

    Those of ``either_way`` have an opposite, which is the same displacement with the other sign.
    """

    channels: tuple[str, ...]
    usual: float
    either_way: bool = False

    @property
    def opposite(self) -> str:
        """The channel of what moves the other way."""
        return self.channels[0].replace("Left", "Right")


def both(name: str, usual: float) -> Part:
    """A channel of which landmarks show the mean of its left and right."""
    return Part((name + "Left", name + "Right"), usual)


BEHIND = Part(("jawOpen", "mouthClose"), 0.10)
"""The jaw's drop behind lips that stay as they are."""
MOUTH = (
    BEHIND,
    Part(("mouthPucker",), 0.4),
    both("mouthStretch", 0.4),
    both("mouthPress", 0.4),
    both("mouthUpperUp", 0.2),
    both("mouthLowerDown", 0.2),
    *(Part((name,), 0.4) for name in ("mouthSmileLeft", "mouthSmileRight")),
    *(Part((name,), 0.2) for name in ("mouthFrownLeft", "mouthFrownRight")),
    Part(("mouthRollLower",), 0.2),
    Part(("mouthRollUpper",), 0.1),
    Part(("mouthLeft",), 0.15, either_way=True),
    Part(("jawLeft",), 0.15, either_way=True),
)
BROWS = tuple(
    Part((name,), 0.4)
    for name in ("browInnerUp", "browOuterUpLeft", "browOuterUpRight", "browDownLeft", "browDownRight")
)
SHIFTED = 0.02
"""How far, in iod, the lower face as a whole is off after the head's turn has been undone."""
LIPS = [
    *(*anatomy.UPPER_INNER, *anatomy.LOWER_INNER, *anatomy.UPPER_OUTER, *anatomy.LOWER_OUTER),
    *(*anatomy.INNER_CORNERS, *anatomy.OUTER_CORNERS),
]
AROUND = [*anatomy.JAW, *anatomy.CHEEK_PULLS, *anatomy.MIRRORED.values()]
NOISE, NOISE_AROUND = 0.02, 0.10
"""Standard deviation in iod of landmarks of lips and brows, and of jaw and cheeks, as if independent: the
best of nine pairs on rendered motion that was tracked (astronaut, 17 s)."""
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

    def _basis(self, parts: tuple[Part, ...], around: Channels, names: list[int]) -> NDArray[np.float64]:
        """Displacements (k n) that each part at 1 adds to a face that is as ``around`` says."""
        before = self._moved(around)
        added = []
        for part in parts:
            more = {name: around.get(name, 0.0) + 1 for name in part.channels}
            added.append((self._moved({**around, **more}) - before)[names].ravel())
        return np.stack(added)

    def _set_mouth(
        self, moves: NDArray[np.float64], opened: NDArray[np.float64], motion: NDArray[np.float32]
    ) -> None:
        names = LIPS + AROUND
        shifts = np.tile(np.eye(2), len(names))
        basis = np.concatenate([self._basis(MOUTH, {"jawOpen": APART}, names), shifts])
        noise = np.repeat([NOISE] * len(LIPS) + [NOISE_AROUND] * len(AROUND), 2)
        rest = (moves - self._opening(opened))[:, names].reshape(len(moves), -1)
        usual = np.array([part.usual for part in MOUTH] + [SHIFTED] * 2)
        least = np.array([-1.0 if part.either_way else 0.0 for part in MOUTH] + [-1.0] * 2)
        found = unmix(rest, basis, noise**-2, usual, least)
        _set(MOUTH, found, motion)
        behind = np.minimum(found[:, MOUTH.index(BEHIND)], 1 - opened)
        motion[:, MOTION_INDEX["jawOpen"]] = opened + behind
        motion[:, MOTION_INDEX["mouthClose"]] = behind

    def _opening(self, opened: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the jaw's opening (t) alone moves (t 478 2), in iod."""
        at = np.clip(opened, OPENINGS[0], OPENINGS[-1]) / (OPENINGS[1] - OPENINGS[0])
        low = np.minimum(at.astype(int), len(OPENINGS) - 2)
        part = (at - low)[:, None, None]
        return np.asarray(self._table[low] * (1 - part) + self._table[low + 1] * part)

    def _set_brows(self, moves: NDArray[np.float64], motion: NDArray[np.float32]) -> None:
        basis = self._basis(BROWS, {}, FOREHEAD)
        rest = moves[:, FOREHEAD].reshape(len(moves), -1)
        weights = np.full(basis.shape[1], NOISE**-2)
        usual = np.array([part.usual for part in BROWS])
        _set(BROWS, unmix(rest, basis, weights, usual, np.zeros(len(BROWS))), motion)


def _set(parts: tuple[Part, ...], found: NDArray[np.float64], motion: NDArray[np.float32]) -> None:
    """Set the channels of parts to what was found (t k) of them."""
    for part, values in zip(parts, found.T, strict=False):
        for name in part.channels:
            motion[:, MOTION_INDEX[name]] = np.maximum(values, 0)
        if part.either_way:
            motion[:, MOTION_INDEX[part.opposite]] = np.maximum(-values, 0)
