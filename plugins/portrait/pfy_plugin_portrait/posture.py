"""How a speaker's head moves: it settles into a posture, drifts, breathes, and goes with the speech.

Channels are HEAD_CHANNELS at gain 1 (head "calm"). Everything is a function of absolute time, the seed
and the speech, so that it does not matter in which pieces it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_core.kinds import HEAD_CHANNELS
from pfy_plugin_portrait.looks import minimum_jerk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.accents import Accent
    from pfy_plugin_portrait.heard import Heard

DRIFT = {
    "headYaw": (0.034, 0.25, 1.8),
    "headPitch": (0.030, 0.30, 2.2),
    "headRoll": (0.022, 0.20, 1.5),
    "headX": (0.024, 0.25, 1.7),
    "headY": (0.016, 0.30, 2.0),
    "headZ": (0.008, 0.10, 0.8),
}
"""Standard deviation (radians, iod) and lowest and highest frequency (Hz) of the head's drift. Speakers'
heads move mostly below 2 Hz, with amplitudes falling with frequency (Hadar et al. 1983, "Kinematics of
head movements accompanying speech")."""
WAVES = 7
POSTURE = np.array([0.070, 0.042, 0.040, 0.045, 0.014, 0.014])
"""Standard deviation of postures, in HEAD_CHANNELS' order."""
STAY, LEAST_STAY = 2.4, 0.9
"""Mean and least seconds between changes of posture: one or two in a phrase (Hadar et al. 1984)."""
MOVE = (0.45, 1.0)
"""Seconds that a change of posture takes, least and most."""
WAIT = 0.45
"""Seconds that a change of posture waits for a pause, where phrases end."""
BREATH, BREATHS = np.array([0.0, 0.004, 0.0, 0.0, 0.003, 0.0]), 0.27
"""Movement of the head with the breath, and breaths a second (12 to 20 a minute at rest)."""
NOD = np.array([0.0, 0.084, 0.0, 0.0, 0.032, 0.014])
TILT = np.array([0.0, 0.034, 0.062, 0.014, 0.010, 0.0])
TURN = np.array([0.074, 0.030, 0.0, 0.020, 0.0, 0.0])
"""Head movement of a full accent: down (most often), to a side, a turn: 3 to 5 degrees."""
SHARES = (0.62, 0.20, 0.18)
STROKE, REBOUND = (0.04, 0.12), (0.36, 0.16, 0.30)
"""A beat's middle and half width in seconds; the rebound's, and its share."""
EASE_IN, EASE_OUT = 0.7, 0.8
"""Seconds over which the head begins to move, so that the first frame is the photo, and comes to rest."""
LIMITS = np.array([0.30, 0.24, 0.20, 0.22, 0.16, 0.14])
"""Softly kept limits of HEAD_CHANNELS: what a warped photo bears, and a speaker hardly exceeds."""


class Posture:
    """The head's channels over time."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng([seed, 3])
        self._waves = []
        for spread, low, high in (DRIFT[name] for name in HEAD_CHANNELS):
            frequency = np.exp(random.uniform(np.log(low), np.log(high), WAVES))
            strength = (low / frequency) ** 0.5
            strength *= spread * np.sqrt(2) / np.linalg.norm(strength)
            self._waves.append((frequency, strength, random.uniform(0, 2 * np.pi, WAVES)))
        self._breath = random.uniform(0, 2 * np.pi)
        self._random, self._seed = random, seed
        self._next = float(random.uniform(0.3, LEAST_STAY))
        self._rest = np.zeros(6)
        self._changes: list[tuple[float, float, NDArray[np.float64]]] = []

    def at(self, times: NDArray[np.float64], heard: Heard, accents: list[Accent]) -> NDArray[np.float64]:
        """Channels (t 6) at increasing times."""
        found = self._postures(times, heard) + self._drift(times)
        found += np.sin(2 * np.pi * BREATHS * times + self._breath)[:, None] * BREATH
        for accent in accents:
            found += self._beat(times, accent)[:, None] * self._gesture(accent)
        return np.asarray(found)

    def _postures(self, times: NDArray[np.float64], heard: Heard) -> NDArray[np.float64]:
        """The posture taken (t 6), and the ways between postures."""
        while len(times) and self._next <= times[-1]:
            pause = heard.pause_after(self._next, WAIT)
            goal = POSTURE * np.clip(self._random.normal(0, 1, 6), -1.8, 1.8)
            # A head that turns also moves to that side and tilts.
            goal[3] = 0.7 * goal[3] + 0.3 * POSTURE[3] * goal[0] / POSTURE[0]
            start = self._next if pause is None else pause
            self._changes.append((start, float(self._random.uniform(*MOVE)), goal))
            self._next += LEAST_STAY + float(self._random.gamma(2.0, (STAY - LEAST_STAY) / 2))
        found, before = np.tile(self._rest, (len(times), 1)), self._rest
        for start, length, goal in self._changes:
            found += minimum_jerk((times - start) / length)[:, None] * (goal - before)
            before = goal
        while self._changes and len(times) and sum(self._changes[0][:2]) < times[-1]:
            self._rest = self._changes.pop(0)[2]
        return found

    def _drift(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums of sines (t 6), none harmonic to another."""
        return np.stack(
            [
                np.sin(2 * np.pi * frequency * times[:, None] + phase) @ strength
                for frequency, strength, phase in self._waves
            ],
            1,
        )

    def _beat(self, times: NDArray[np.float64], accent: Accent) -> NDArray[np.float64]:
        """Stroke and rebound (t) of a beat on an accent."""
        (late, width), (then, slow, share) = STROKE, REBOUND
        way = times - accent.time
        beat = np.exp(-(((way - late) / width) ** 2)) - share * np.exp(-(((way - then) / slow) ** 2))
        return np.asarray(accent.strength * beat)

    def _gesture(self, accent: Accent) -> NDArray[np.float64]:
        """Which way an accent moves the head (6); the same whenever it is asked for."""
        random = np.random.default_rng([self._seed, 4, round(accent.time * 1000)])
        kind = random.choice(3, p=SHARES)
        side = 1.0 if kind == 0 else random.choice([-1.0, 1.0])
        gesture = np.array((NOD, TILT, TURN)[kind])
        gesture[[0, 2, 3]] *= side
        return np.asarray(gesture * random.uniform(0.6, 1.4))


def eased(head: NDArray[np.float64], times: NDArray[np.float64], heard: Heard) -> NDArray[np.float64]:
    """Channels (t 6) that are nil at the start and at the end of the speech, and within LIMITS."""
    ease = minimum_jerk(times / EASE_IN) * minimum_jerk((heard.end - times) / EASE_OUT)
    return np.asarray(LIMITS * np.tanh(head / LIMITS) * ease[:, None])
