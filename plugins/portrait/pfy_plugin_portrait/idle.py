"""What a face does besides speaking: blinks, glances, a head that is never quite still.

Everything is a function of absolute time and the seed, so that it does not matter in which pieces
the motion is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

BLINK_TIMES = (0.0, 0.02, 0.06, 0.10, 0.14, 0.20, 0.28, 0.34)
BLINK_CLOSURE = (0.0, 0.3, 0.95, 1.0, 0.75, 0.42, 0.12, 0.0)
"""Seconds since its start, and closure, of a blink: fast down, slower up (about 300 ms)."""
BLINK_MEAN, BLINK_SHAPE, BLINK_MIN = 3.5, 3.0, 1.3
"""Seconds between blinks while talking: gamma distributed (Bentivoglio et al. 1997: 26 a minute in
conversation, 17 at rest), never sooner than the least."""
PAUSE = 0.6
"""Seconds that a blink waits for a pause in the speech, where people prefer to blink."""
GLANCE = (0.5, 1.8)
"""Seconds between glances."""
GLANCE_SPREAD = np.array([0.22, 0.10])
"""Standard deviation of glances across and down, as a share of the full gaze."""
AT_VIEWER = 0.35
"""Share of glances that come back to the viewer."""
SACCADE = 0.04
EASE_IN = 0.5
"""Seconds over which the head begins to move, so that the first frame is the photo."""

HEAD = {
    "headYaw": (0.080, 0.12, 0.90),
    "headPitch": (0.055, 0.15, 1.10),
    "headRoll": (0.035, 0.10, 0.80),
    "headX": (0.030, 0.12, 0.90),
    "headY": (0.018, 0.12, 1.00),
    "headZ": (0.012, 0.08, 0.50),
}
"""Standard deviation (radians, iod) and lowest and highest frequency (Hz) of the head's sway."""
WAVES = 7


class Blinks:
    """Closure of the eyes over time; ``pause(time)`` says where the next pause begins, or None."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng([seed, 1])
        self._starts: list[float] = []
        self._next = float(self._random.uniform(0.8, 2.0))

    def at(self, times: NDArray[np.float64], pause: Callable[[float], float | None]) -> NDArray[np.float64]:
        """Closure (t) in 0..1 at increasing times; speech must be known PAUSE beyond the last."""
        last = float(times[-1]) if len(times) else 0.0
        while self._next <= last:
            wait = pause(self._next)
            start = self._next if wait is None else wait
            self._starts.append(start)
            interval = float(self._random.gamma(BLINK_SHAPE, (BLINK_MEAN - BLINK_MIN) / BLINK_SHAPE))
            self._next = start + BLINK_MIN + interval
        self._starts = [start for start in self._starts if not len(times) or start > times[0] - 1.0]
        closed = np.zeros(len(times))
        for start in self._starts:
            closed = np.maximum(closed, np.interp(times - start, BLINK_TIMES, BLINK_CLOSURE))
        return closed


class Gaze:
    """Glances away and back."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng([seed, 2])
        self._marks = [(0.0, np.zeros(2))]
        self._until = 0.5

    def at(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Direction (t 2), right and down, as a share of the full gaze, at increasing times."""
        while len(times) and self._until <= times[-1]:
            away = self._random.random() > AT_VIEWER
            target = np.clip(self._random.normal(0, GLANCE_SPREAD), -0.45, 0.45) * away
            self._marks.append((self._until, target))
            self._until += float(self._random.uniform(*GLANCE))
        if len(times):
            old = [index for index, (start, _) in enumerate(self._marks) if start < times[0] - 1.0]
            self._marks = self._marks[max(0, len(old) - 1) :]
        direction = np.tile(self._marks[0][1], (len(times), 1))
        for (_, before), (start, after) in zip(self._marks, self._marks[1:], strict=False):
            direction += smoothstep(times - start, 0, SACCADE)[:, None] * (after - before)
        return direction


class Sway:
    """Slow movement of the head: a sum of sines for each channel, none harmonic to another."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng([seed, 3])
        self._waves = {}
        for name, (spread, low, high) in HEAD.items():
            frequency = np.exp(random.uniform(np.log(low), np.log(high), WAVES))
            strength = (low / frequency) ** 0.5
            strength *= spread * np.sqrt(2) / np.linalg.norm(strength)
            self._waves[name] = frequency, strength, random.uniform(0, 2 * np.pi, WAVES)

    def at(self, times: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Head channels (t) at times in seconds; nil at 0."""
        ease = smoothstep(times, 0, EASE_IN)
        found = {}
        for name, (frequency, strength, phase) in self._waves.items():
            turn = 2 * np.pi * frequency * times[:, None] + phase
            found[name] = ease * (np.sin(turn) * strength).sum(1)
        return found
