"""Emotions: what a face shows besides its speech, as a profile over ARKit's channels.

Which channels belong to an emotion follows the facial action coding of it (Ekman, Friesen & Hager 2002;
EMFACS): joy 6+12, sadness 1+4+15+17, anger 4+5+7+9+23, surprise 1+2+5. How strongly is chosen for
somebody who speaks the whole time: an expression worn, not one that bursts out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pfy_core.kinds import HEAD_CHANNELS, MOTION_INDEX
from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

EASE_IN = (0.05, 1.0)
"""Seconds in which an expression comes: the first frame is the photo's."""
BREATHES, BREATH = 0.13, (0.06, 0.30)
"""How far an expression swells and fades over time, and between which frequencies (Hz)."""
LIPS = ("mouthSmile", "mouthFrown", "mouthDimple", "mouthShrugLower", "mouthUpperUp")
"""Channels of an expression that speech needs too: they give way when the lips are rounded."""
PARTING = ("mouthUpperUp",)
"""Channels that part the lips: they give way altogether when the lips are pressed or the mouth is at rest."""
ROUNDED = 0.5
"""Share that they lose at full rounding."""


@dataclass(frozen=True)
class Emotion:
    """A profile at strength 1. A channel's name without Left or Right means both sides.

    face: channels added; head: HEAD_CHANNELS added (radians, iod); gain: how much more or less the head
    moves; opens: how much wider speech opens the mouth (a factor, so that what is closed stays closed).
    """

    face: Mapping[str, float] = field(default_factory=dict)
    head: Mapping[str, float] = field(default_factory=dict)
    gain: float = 1.0
    opens: float = 1.0

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels added, with their sides."""
        return tuple(
            full
            for name in self.face
            for full in ([name] if name in MOTION_INDEX else [name + "Left", name + "Right"])
        )


EMOTIONS = {
    "neutral": Emotion(),
    "happy": Emotion(
        {"mouthSmile": 1.1, "cheekSquint": 0.90, "eyeSquint": 0.40, "mouthDimple": 0.30, "browOuterUp": 0.20},
        {"headPitch": -0.020, "headRoll": 0.025},
        gain=1.15,
    ),
    "sad": Emotion(
        {"mouthFrown": 1.1, "browInnerUp": 1.2, "browDown": 0.35, "eyeSquint": 0.20, "mouthShrugLower": 0.5},
        {"headPitch": 0.075, "headRoll": 0.030, "headZ": -0.015},
        gain=0.6,
        opens=0.88,
    ),
    "angry": Emotion(
        {"browDown": 1.3, "noseSneer": 0.70, "eyeSquint": 0.50, "mouthFrown": 0.60, "mouthUpperUp": 0.20},
        {"headPitch": 0.045, "headZ": 0.050},
        gain=1.1,
        opens=1.1,
    ),
    "surprised": Emotion(
        {"browInnerUp": 1.2, "browOuterUp": 1.3, "eyeWide": 1.3},
        {"headPitch": -0.040, "headZ": -0.030},
        opens=1.3,
    ),
}
"""Values above 1 reach the channel's end below strength 1: the default strength of .6 must be readable."""


class Expression:
    """An emotion worn over time at a strength (1 as in its profile)."""

    def __init__(self, name: str, strength: float, seed: int) -> None:
        self._emotion, self._strength = EMOTIONS[name], strength
        random = np.random.default_rng([seed, 5])
        self._frequency = np.exp(random.uniform(np.log(BREATH[0]), np.log(BREATH[1]), 3))
        self._phase = random.uniform(0, 2 * np.pi, 3)

    @property
    def gain(self) -> float:
        """How much more or less the head moves."""
        return 1 + (self._emotion.gain - 1) * self._strength

    def level(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of the profile shows (t): it comes, and breathes."""
        swell = np.sin(2 * np.pi * self._frequency * times[:, None] + self._phase).mean(1)
        return np.asarray(self._strength * smoothstep(times, *EASE_IN) * (1 + BREATHES * swell))

    def show(self, times: NDArray[np.float64], motion: NDArray[np.float64]) -> None:
        """Lay the expression over speech: motion (t 58), in place."""
        if not self._strength or not self._emotion.face:
            return
        level = self.level(times)
        rounded = 1 - ROUNDED * np.clip(motion[:, MOTION_INDEX["mouthPucker"]], 0, 1)
        parted = smoothstep(
            motion[:, MOTION_INDEX["jawOpen"]] - motion[:, MOTION_INDEX["mouthClose"]], 0, 0.2
        )
        for name in self._emotion.channels:
            plain = name.removesuffix("Left").removesuffix("Right")
            full = self._emotion.face[name if name in self._emotion.face else plain]
            added = full * level * (rounded if plain in LIPS else 1) * (parted if plain in PARTING else 1)
            motion[:, MOTION_INDEX[name]] = np.clip(motion[:, MOTION_INDEX[name]] + added, 0, 1)
        wider = 1 + (self._emotion.opens - 1) * level
        for name in ("jawOpen", "mouthClose"):
            motion[:, MOTION_INDEX[name]] = np.clip(motion[:, MOTION_INDEX[name]] * wider, 0, 1)

    def pose(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """The head's channels (t 6) that the emotion adds."""
        full = np.array([self._emotion.head.get(name, 0.0) for name in HEAD_CHANNELS])
        return np.asarray(self.level(times)[:, None] * full)
