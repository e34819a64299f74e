"""From motion channels to how far the control points of a face go: lips, jaw, cheeks, lower lids, brows.

How far things move was calibrated on the paper's own videos (upper lip .18-.33 of the opening, chin
.26-.39 of it, outer width 4-10 %).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core.kinds import APERTURE_SPAN, MOTION_INDEX
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.eyes import lower_lift
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.fields import spline
from pfy_plugin_portrait.pixels import ease, smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.ports import Array

UPPER_OPENS, UPPER_CLOSES = 0.24, 0.38
"""Share of the gap that the upper lip makes when opening from rest, and when closing an open photo."""
CHIN = 0.38
CORNERS = (0.11, 0.16)
"""How far the mouth's corners come inward and down for an opening of 1."""
STRETCH = 0.25
PUCKER = 0.27
SMILE = (0.068, 0.070)
"""How far a full smile takes the corners outward and up, in iod (6 mm each way; tuned by eye on contact
sheets)."""
FROWN = (0.010, 0.055)
OVERLAP = 0.010
"""How far the upper lip lies over the lower one when closed, in iod."""
BROW = (0.060, 0.050, 0.042)
"""Travel of the brows in iod: inner end up, outer end up, down (4 to 5 mm; tuned by eye on sheets)."""
BEHIND_GLASSES = 0.35
"""Share of their travel that brows, lower lids and cheekbones keep beside a frame, which must not bend."""
SMILING = (0.025, 0.065)
"""Rise of the mouth's corners over its middle, in iod, from which a photo counts as smiling, and fully."""
RELAXED = (0.55, 0.16)
"""Share of the photo's own smile that rounding or closing the lips takes back: of the corners' rise, of
the mouth's width."""

UPPER, LOWER = anatomy.UPPER_INNER, anatomy.LOWER_INNER
INNER = anatomy.INNER_CORNERS
BROW_INNER = np.array(anatomy.BROW_INNER)
UPPER_CHEEK = (50, 101, 117, 118)
"""Landmarks of the cheekbone, which a squint raises."""
MOUTH_CORNERS = (*anatomy.INNER_CORNERS, *anatomy.OUTER_CORNERS)


@dataclass(frozen=True)
class Pose:
    """The channels of one frame that move skin, as ``MOTION_CHANNELS`` name them."""

    channels: Array

    @cached_property
    def _values(self) -> list[float]:
        values: list[float] = self.channels.tolist()
        return values

    def __getitem__(self, name: str) -> float:
        return self._values[MOTION_INDEX[name]]

    def both(self, name: str) -> float:
        """Mean of a channel's left and right side."""
        return (self[name + "Left"] + self[name + "Right"]) / 2

    @property
    def aperture(self) -> float:
        """Wanted gap between the inner lips in iod."""
        return APERTURE_SPAN * max(0.0, self["jawOpen"] - self["mouthClose"])


class Pulls:
    """The control points of one face and where a pose takes them."""

    def __init__(
        self, face: Face, still_eyes: tuple[bool, bool] = (False, False), *, glasses: bool = False
    ) -> None:
        self.face, self._still_eyes = face, still_eyes
        self._about_eyes = BEHIND_GLASSES if glasses else 1.0
        points = face.flat
        self.names = self._controls()
        self._row = {name: row for row, name in enumerate(self.names)}
        self._rows: dict[tuple[int, ...], slice | NDArray[np.intp]] = {}
        # A turned head foreshortens one side: each has its own length, from the lips' middle.
        names = [INNER[0], *UPPER, INNER[1]], [INNER[0], *LOWER, INNER[1]]
        across = face.local((points[names[0]] + points[names[1]]) / 2, points[[13, 14]].mean(0))[:, 0]
        self._half = max(-across[0], 0.02), max(across[-1], 0.02)
        along = across[1:-1]
        self.along = np.clip(along / np.where(along < 0, *self._half), -1, 1)
        self.profile = np.clip(1 - np.abs(self.along) ** 2.2, 0, 1) ** 0.95
        self._gap = face.gap
        self._lapping = np.clip(self._gap / 0.05, 0, 1)
        self._jaw = np.array(list(anatomy.JAW.values()))
        self._jaw_across = face.local(points[list(anatomy.JAW)], face.mouth)[:, 0]
        self._cheeks = np.array(list(anatomy.CHEEK_PULLS.values())).T
        self._upper_cheek = np.array([name in UPPER_CHEEK for name in anatomy.CHEEK_PULLS])
        # The lips follow their corner (right, left), the more the nearer they are.
        self._follow = [np.clip(sign * self.along, 0, 1) ** 1.5 * 0.9 for sign in (-1, 1)]
        self._openings = [self._eye_opening(eye) for eye in (0, 1)]
        self._rise = self._own_smile()

    def _controls(self) -> list[int]:
        lips = [*UPPER, *LOWER, *anatomy.UPPER_OUTER, *anatomy.LOWER_OUTER, *MOUTH_CORNERS]
        lids = [i for lid in (*anatomy.UPPER_LIDS, *anatomy.LOWER_LIDS) for i in lid]
        cheeks = [*anatomy.MIRRORED, *anatomy.MIRRORED.values()]
        nose = [i for wing in anatomy.NOSTRILS for i in wing]
        brows = [*(i for brow in anatomy.BROWS for i in brow), *anatomy.GLABELLA]
        return [*lips, *anatomy.JAW, *cheeks, *nose, *lids, *brows]

    def controls(self, pose: Pose) -> NDArray[np.float64]:
        """Displacement (controls 2) in pixels of every control point."""
        moves = np.zeros((len(self.names), 2))
        self._move_lips(pose, moves)
        self._move_jaw(pose, moves)
        self._move_cheeks(pose, moves)
        self._move_eyes(pose, moves)
        axes = np.stack([self.face.right, self.face.chinward])
        return np.asarray(moves @ axes * self.face.iod)

    def weights(self, at: NDArray[np.float64], left_out: set[int]) -> NDArray[np.float64]:
        """How much positions (n 2) in pixels follow each control (n controls); nil for those left out."""
        names = [name for name in self.names if name not in left_out]
        still = [i for i in anatomy.STILL if i not in self._row]
        corners = [i for pair in anatomy.EYE_CORNERS for i in pair]
        controls = np.r_[self.face.flat[names], self.face.flat[still + corners], self._ring()]
        found = spline(controls / self.face.iod, at / self.face.iod, len(names))
        wide = np.zeros((len(found), len(self.names)))
        wide[:, [self._row[name] for name in names]] = found
        return wide

    def _ring(self) -> NDArray[np.float64]:
        """Still points (36 2) around the face, further away below the chin."""
        oval = self.face.flat[list(anatomy.OVAL)]
        outward = oval - oval.mean(0)
        outward /= np.linalg.norm(outward, axis=1, keepdims=True)
        below = smoothstep(outward @ self.face.down, 0.2, 0.9)
        return oval + outward * (0.30 + 0.45 * below[:, None]) * self.face.iod

    def rows(self, names: Any) -> NDArray[np.intp]:
        """Rows of ``controls`` (n) of landmarks by their indices."""
        return np.array([self._row[name] for name in names])

    def at(self, controls: NDArray[np.float64], names: Any) -> NDArray[np.float64]:
        """New positions (n 2) in pixels of control points by landmark index."""
        return self.face.flat[list(names)] + controls[self.rows(names)]

    def _put(self, moves: NDArray[np.float64], names: Any, right: Any, down: Any) -> None:
        rows = self._rows.get(names := tuple(names))
        if rows is None:
            listed = self.rows(names)
            # A slice is several times faster than a list of rows.
            together = bool((np.diff(listed) == 1).all())
            rows = slice(int(listed[0]), int(listed[-1]) + 1) if together else listed
            self._rows[names] = rows
        moves[rows, 0] += right
        moves[rows, 1] += down

    def _own_smile(self) -> float:
        """How far the photo's own mouth corners rise over the lips' middle, in iod; 0 without a smile."""
        face = self.face
        local = face.local(face.flat[[*INNER, 13, 14]], face.mouth)[:, 1]
        rise = float(local[2] + UPPER_OPENS * self._gap[4] - local[:2].mean())
        return rise * float(smoothstep(rise, *SMILING))

    @property
    def smiling(self) -> float:
        """How much the photo smiles, 0..1."""
        return float(smoothstep(self._rise, *SMILING))

    def _relaxed(self, pose: Pose, pucker: float) -> float:
        """How much of the photo's own smile this pose gives up, 0..1."""
        rest = self._gap[4]
        closing = (rest - pose.aperture) / rest if rest > 0.03 else 0.0
        if self._rise <= 0:
            return 0.0
        return min(1.0, max(0.0, 0.6 * closing, pucker, 1.3 * pose.both("mouthFrown")))

    def wanted(self, aperture: float) -> NDArray[np.float64]:
        """Gap (9) of the lips in iod: the photo's own where it is as open, oval beyond, exactly nil at 0."""
        rest = float(self._gap[4])
        if aperture < rest:
            return self._gap * (aperture / rest)
        more = aperture - rest
        return self._gap + more * self.profile ** (1 - 0.15 * min(1.0, more / 0.2))

    def _move_lips(self, pose: Pose, moves: NDArray[np.float64]) -> None:
        aperture, profile = pose.aperture, self.profile
        roll, press = pose["mouthRollLower"], pose.both("mouthPress")
        sneer, smile = pose.both("noseSneer"), pose.both("mouthSmile")
        raised = pose.both("mouthUpperUp") + 0.4 * sneer + 0.25 * smile + 0.6 * pose["mouthShrugUpper"]
        pucker = min(1.0, pose["mouthPucker"] + 0.6 * pose["mouthFunnel"])
        change = self.wanted(aperture) - self._gap
        share = np.where(change < 0, UPPER_CLOSES, UPPER_OPENS)
        # Lips that were open in the photo meet with a little overlap, so that no teeth shine through.
        lap = OVERLAP * max(0.0, 1 - aperture / 0.02) * self._lapping
        # Closed lips are raised together; open ones part.
        parted = ease(aperture, 0.0, 0.03)
        shrug = 0.030 * pose["mouthShrugLower"] * profile
        lift = 0.022 * raised * profile
        upper = change * -share - lift - 0.012 * roll * profile + lap * 0.4 - (1 - parted) * 0.8 * shrug
        lower = change * (1 - share) - 0.016 * roll * profile + 0.04 * pose.both("mouthLowerDown") * profile
        lower -= lap * 0.6 + (1 - parted) * lift + shrug * (0.8 + 0.2 * parted)
        opened = min(0.4, max(-0.12, aperture - float(self._gap[4])))
        relaxed = self._relaxed(pose, pucker)
        aside = 0.06 * (pose["mouthLeft"] - pose["mouthRight"])
        jaw_aside = aside + 0.035 * (pose["jawLeft"] - pose["jawRight"])
        stretch = STRETCH * pose.both("mouthStretch") - PUCKER * pucker - RELAXED[1] * relaxed
        inward = CORNERS[0] * opened / (sum(self._half) / 2)
        wide = self._half[0] * (stretch - inward), self._half[1] * (stretch - inward)
        across = self.along * np.where(self.along < 0, *wide)
        self._put(moves, UPPER, 0.9 * across + aside, upper)
        self._put(moves, LOWER, 0.9 * across + jaw_aside, lower)
        thin = 0.008 * smile
        out_upper = 0.80 * upper + (0.012 * press - 0.016 * pucker + thin) * profile
        out_upper += 0.014 * pose["mouthRollUpper"] * profile
        out_lower = 0.88 * lower + (0.022 * pucker - 0.016 * press - 0.014 * roll - thin) * profile
        self._put(moves, anatomy.UPPER_OUTER, across + aside, out_upper)
        self._put(moves, anatomy.LOWER_OUTER, across + jaw_aside, out_lower)
        for index, (side, sign) in enumerate((("Right", -1), ("Left", 1))):
            corners = INNER[index], anatomy.OUTER_CORNERS[index]
            smile, frown = pose["mouthSmile" + side], pose["mouthFrown" + side]
            dimple = pose["mouthDimple" + side]
            near = self._half[index] / max(self._half)
            out = sign * near * (SMILE[0] * smile + FROWN[0] * frown + 0.03 * dimple)
            down = FROWN[1] * frown - SMILE[1] * smile - 0.012 * dimple + RELAXED[0] * relaxed * self._rise
            corner_down = CORNERS[1] * opened + down
            self._put(moves, corners, sign * wide[index] + out + aside, corner_down)
            follow = self._follow[index]
            for names in (UPPER, LOWER, anatomy.UPPER_OUTER, anatomy.LOWER_OUTER):
                self._put(moves, names, out * follow, corner_down * follow)

    def _move_jaw(self, pose: Pose, moves: NDArray[np.float64]) -> None:
        drop = self._drop(pose)
        aside = 0.05 * (pose["jawLeft"] - pose["jawRight"])
        share = self._jaw
        forward = 0.015 * pose["jawForward"] - 0.012 * pose["mouthShrugLower"]
        # The jaw turns about its hinge: its sides come inward a little as it drops.
        inward = -0.06 * drop * self._jaw_across * (1 - share)
        self._put(moves, anatomy.JAW, aside * share + inward, (CHIN * drop + forward) * share)
        boss = -0.006 * pose.both("mouthPress") - 0.016 * pose["mouthShrugLower"]
        self._put(moves, (199, 200), 0.0, boss)

    def _drop(self, pose: Pose) -> float:
        """How much further the jaw is down than in the photo, in iod of the lips' gap."""
        return min(0.4, max(-0.12, APERTURE_SPAN * pose["jawOpen"] - float(self._gap[4])))

    def _move_cheeks(self, pose: Pose, moves: NDArray[np.float64]) -> None:
        lifted, dropped = self._cheeks
        drop = self._drop(pose)
        pucker = min(1.0, pose["mouthPucker"] + 0.6 * pose["mouthFunnel"])
        upper_cheek = self._upper_cheek
        for index, (side, sign) in enumerate((("Right", -1), ("Left", 1))):
            names = anatomy.CHEEK_PULLS if index == 0 else anatomy.MIRRORED.values()
            near = self._half[index] / max(self._half)
            smile, squint = pose["mouthSmile" + side], pose["cheekSquint" + side]
            stretch, frown = pose["mouthStretch" + side], pose["mouthFrown" + side]
            out = 0.022 * smile + 0.012 * stretch - 0.030 * pucker + 0.035 * pose["cheekPuff"]
            up = 0.034 * smile * lifted + 0.022 * squint * upper_cheek - 0.010 * frown * dropped
            up = up * np.where(upper_cheek, self._about_eyes, 1.0)
            inward = 0.20 * drop * dropped
            self._put(moves, names, sign * near * (out * lifted - inward), CHIN * drop * dropped - up)
            sneer = pose["noseSneer" + side] + 0.15 * smile
            self._put(moves, anatomy.NOSTRILS[index], sign * near * 0.008 * sneer, -0.028 * sneer)

    def _move_eyes(self, pose: Pose, moves: NDArray[np.float64]) -> None:
        inner = BROW_INNER
        for eye, side in enumerate(("Right", "Left")):
            if not self._still_eyes[eye]:
                lifted = lower_lift(self._openings[eye], pose, eye)
                self._put(moves, anatomy.LOWER_LIDS[eye], 0.0, -lifted)
            raised = BROW[0] * pose["browInnerUp"] * inner + BROW[1] * pose["browOuterUp" + side] * (
                1 - inner
            )
            lowered = BROW[2] * (pose["browDown" + side] + 0.3 * pose["noseSneer" + side])
            sign = 1 if side == "Right" else -1
            soft = self._about_eyes
            self._put(
                moves, anatomy.BROWS[eye], sign * 0.35 * soft * lowered * inner, soft * (lowered - raised)
            )
        between = 0.5 * BROW[2] * pose.both("browDown") - 0.45 * BROW[0] * pose["browInnerUp"]
        self._put(moves, anatomy.GLABELLA, 0.0, self._about_eyes * between)

    def _eye_opening(self, eye: int) -> NDArray[np.float64]:
        """Distance (7) between the lids of an eye in the photo, in iod."""
        points = self.face.flat
        gap = points[list(anatomy.LOWER_LIDS[eye])] - points[list(anatomy.UPPER_LIDS[eye])]
        return np.maximum(gap @ self.face.down / self.face.iod, 0)
