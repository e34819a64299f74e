"""Gaze: fixations and saccades of somebody who speaks to the viewer.

Numbers without a source of their own are those of Lee, Badler & Badler 2002, "Eyes Alive" (talking
mode), who tracked the eyes of people in conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.heard import Heard

FULL = 25.0
"""Degrees that an eyeLook channel at 1 turns the eye."""
AT_VIEWER, LEAST_AT_VIEWER = 3.1, 0.7
"""Mean and least seconds of a look at the viewer (93.9 frames of 30 a second)."""
AWAY, LEAST_AWAY = 0.93, 0.30
"""Mean and least seconds of a look aside (27.8 frames)."""
SIZE, LARGEST = 6.9, 14.0
"""Mean size of a look aside in degrees (sizes fall off exponentially), and the largest: theirs go to
22, which an iris warped within a photo does not bear."""
SMALLEST = 2.0
DIRECTIONS = np.array([15.5, 6.5, 17.7, 7.4, 16.8, 7.9, 20.4, 7.8])
"""How often (per cent) looks go right, right up, up, ... counterclockwise, in steps of 45 degrees."""
FLAT = 0.7
"""What is left of a look's height: up and down show more than aside, as lids frame the iris."""
SCAN, SCAN_SIZE = (0.35, 1.1), 0.7
"""Seconds between the small saccades by which people scan a face (fixations of .2 to .6 s and some
longer, Rayner 1998), and their standard deviation in degrees: eyes and mouth at a few metres."""
SACCADE, PER_DEGREE = 0.025, 0.0024
"""A saccade's seconds: 25 ms and 2.4 ms for each degree."""
FIRST = 1.0
"""Seconds for which the first look stays with the viewer."""
IN_PAUSE, ONSET = 2.5, 0.4
"""How much likelier people look away in a pause and in the first so many seconds after it: while
planning what comes (Kendon 1967; Argyle & Cook 1976)."""
BACK, BEFORE_PAUSE = 4.0, 0.5
"""How much likelier they look back at the viewer within so many seconds before they stop (Kendon 1967)."""
FAREWELL = 0.6
"""Seconds before the end of the speech from which the look stays with the viewer."""
TICK = 0.02
"""Seconds between decisions."""
FAR = 5.0
"""Degrees from which a shift is one that blinks and the head go along with."""
HEAD_SHARE, HEAD_TIME = 0.18, 0.45
"""Share of a shift by which the head follows it, and its seconds: within 15 to 20 degrees mostly the
eyes move (Stahl 1999), and the head lags behind."""
HELD = 0.7
"""Share of the head's turn that the eyes take back to stay where they look. People's do so wholly
(vestibulo-ocular reflex), but a photo that is warped moves an iris no further than the lids' corners,
which lie 8 mm before the eyeball's centre, while the iris lies 11 to 12 mm before it."""
LID_DOWN, LID_UP = 0.28, 0.22
"""Closing of the upper lid (eyeBlink) and its rise (eyeWide) at full gaze down and up: lids follow the
eye's height (Becker & Fuchs 1988)."""


@dataclass(frozen=True)
class Shift:
    """A saccade at ``start`` from one direction (2: right, down) to another, in degrees."""

    start: float
    before: NDArray[np.float64]
    after: NDArray[np.float64]

    @property
    def size(self) -> float:
        return float(np.linalg.norm(self.after - self.before))


class Gaze:
    """Where the eyes look over time, and the shifts that brought them there."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng([seed, 2])
        self._tick = 0
        self._look = np.zeros(2)
        self._aside = False
        self._left = max(FIRST, self._dwell(AT_VIEWER, LEAST_AT_VIEWER))
        self._scan = FIRST
        self._shifts: list[Shift] = []
        self._rest = np.zeros(2)

    def at(self, times: NDArray[np.float64], heard: Heard) -> tuple[NDArray[np.float64], list[float]]:
        """Direction (t 2), right and down, in degrees at increasing times; and when it moved far."""
        if not len(times):
            return np.zeros((0, 2)), []
        fresh = self._decide(float(times[-1]), heard)
        self._shifts += fresh
        while self._shifts and self._shifts[0].start < times[0] - 2 * HEAD_TIME:
            self._rest = self._shifts.pop(0).after
        return self._path(times, None), [shift.start for shift in fresh if shift.size >= FAR]

    def follow(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far the head goes along (t 2), right and down, in degrees, at the times asked for last."""
        return HEAD_SHARE * self._path(times, HEAD_TIME)

    def _path(self, times: NDArray[np.float64], seconds: float | None) -> NDArray[np.float64]:
        """The shifts one after the other, each within so many seconds or as fast as eyes are."""
        found = np.tile(self._rest, (len(times), 1))
        for shift in self._shifts:
            length = seconds or SACCADE + PER_DEGREE * shift.size
            found += minimum_jerk((times - shift.start) / length)[:, None] * (shift.after - shift.before)
        return found

    def _decide(self, until: float, heard: Heard) -> list[Shift]:
        """Go through time tick by tick; returns the shifts made."""
        last = int(until / TICK)
        ticks = np.asarray(np.arange(self._tick, last + 1) * TICK, np.float64)
        self._tick = last + 1
        made: list[Shift] = []
        if not len(ticks):
            return made
        leave, come = self._urges(ticks, heard)
        for now, away_rate, back_rate in zip(ticks.tolist(), leave.tolist(), come.tolist(), strict=True):
            self._left -= TICK * (back_rate if self._aside else away_rate)
            if self._left <= 0 or (self._aside and back_rate == np.inf):
                self._aside = not self._aside
                self._left = self._dwell(
                    *((AWAY, LEAST_AWAY) if self._aside else (AT_VIEWER, LEAST_AT_VIEWER))
                )
                made.append(self._turn(now, self._somewhere() if self._aside else np.zeros(2)))
                self._scan = now + float(self._random.uniform(*SCAN))
            elif now >= self._scan:
                centre = self._look if self._aside else np.zeros(2)
                if now < heard.end - FAREWELL:
                    made.append(self._turn(now, centre + self._random.normal(0, SCAN_SIZE, 2)))
                self._scan = now + float(self._random.uniform(*SCAN))
        return made

    def _urges(
        self, ticks: NDArray[np.float64], heard: Heard
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How fast the time at the viewer and the time aside run out at each tick, 1 as on average."""
        leave, come = np.full(len(ticks), 1 / (1 + 0.25 * (IN_PAUSE - 1))), np.full(len(ticks), 0.8)
        for start, end in heard.pauses(ticks[0] - ONSET, ticks[-1] + BEFORE_PAUSE):
            leave[(ticks >= start) & (ticks < end + ONSET)] *= IN_PAUSE
            come[(ticks >= start - BEFORE_PAUSE) & (ticks < start)] = BACK
        leave[ticks > heard.end - FAREWELL - LEAST_AWAY] = 0
        come[ticks > heard.end - FAREWELL] = np.inf
        return leave, come

    def _turn(self, now: float, towards: NDArray[np.float64]) -> Shift:
        shift = Shift(now, self._look, towards)
        self._look = towards
        return shift

    def _somewhere(self) -> NDArray[np.float64]:
        """A direction aside, in degrees."""
        size = min(SMALLEST + float(self._random.exponential(SIZE - SMALLEST)), LARGEST)
        octant = self._random.choice(8, p=DIRECTIONS / DIRECTIONS.sum())
        angle = (octant + self._random.uniform(-0.5, 0.5)) * np.pi / 4
        return size * np.array([np.cos(angle), -FLAT * np.sin(angle)])

    def _dwell(self, mean: float, least: float) -> float:
        """Seconds of a look: exponential beyond the least, as theirs vary by about their mean."""
        return least + float(self._random.exponential(mean - least))


def minimum_jerk(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """The way done (0..1) after a share (t) of the time, as smoothly as limbs and heads go (Flash &
    Hogan 1985)."""
    t = np.clip(share, 0, 1)
    return np.asarray(t**3 * (10 - 15 * t + 6 * t * t))
