"""Blinks: when people blink, and what a lid does then."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from pfy_plugin_portrait.heard import Heard

TIMES = np.array([0.0, 0.02, 0.045, 0.075, 0.095, 0.125, 0.165, 0.21, 0.26, 0.31, 0.36])
CLOSURE = np.array([0.0, 0.14, 0.60, 0.97, 1.0, 0.97, 0.72, 0.42, 0.19, 0.06, 0.0])
"""Seconds since its start, and closure, of a full blink. Down within 95 ms; up more slowly, the last
part slowest (Evinger et al. 1991; Trutoiu et al. 2011, "Modeling and animating eye blinks"): fits to
single curves for both ways look wrong to people. Stern et al. 1984: about 100 ms until closed."""
DURATION = float(TIMES[-1])
SHAPE = 1.7
"""Of the gamma distribution of intervals, beyond the least one. With LEAST this gives a coefficient of
variation of .5 to .6 and a long tail, as people's have (.45 in Cruz et al. 2011's review; every
distribution skewed to the right)."""
LEAST = 0.25, 0.9
"""Least interval between single blinks: share of the mean, at most seconds."""
DOUBLE, DOUBLE_AFTER = 0.06, (0.40, 0.55)
"""Share of blinks followed at once by another, and after how many seconds."""
PARTIAL, PARTIAL_DEPTH = 0.12, (0.55, 0.85)
"""Share of blinks that close the eye only partly, and how far. People's are partial more often (half of
them while watching a film, Ousler et al. 2014), but a warped lid half way looks like a fault."""
TEMPO, LENGTHS = 0.12, (0.85, 1.15)
"""Standard deviation, least and most of a blink's length, as shares."""
FIRST = 0.17, 0.50
"""The first blink's time, as shares of the mean interval: a short clip has one."""
WAIT = 0.45
"""Seconds that a blink waits for a pause: people blink at breaks in their speech (Nakano & Kitazawa
2010, "Eyeblink entrainment at breakpoints of speech")."""
HASTE, WITH_GAZE = 1.2, 0.6
"""A gaze shift calls forth a blink that is due within so many seconds, with this probability: shifts and
blinks are linked (Evinger et al. 1994, "Not looking while leaping")."""
MARGIN = 0.08
"""Seconds before the end by which the eyes are open."""


class Blinks:
    """Closure of the eyes over time: ``rate`` blinks a minute, 0 for none."""

    def __init__(self, rate: float, seed: int) -> None:
        self._random = np.random.default_rng([seed, 1])
        self._mean = 60 / rate if rate else np.inf
        self._due = float(self._random.uniform(*FIRST) * self._mean)
        self._free = 0.0
        self._shifts: deque[float] = deque()
        self._blinks: list[tuple[float, float, float]] = []

    def at(self, times: NDArray[np.float64], heard: Heard, shifts: Iterable[float]) -> NDArray[np.float64]:
        """Closure (t) in 0..1 at increasing times. shifts: when the gaze moved far, since the last call."""
        self._shifts.extend(shifts)
        last = float(times[-1]) if len(times) else -1.0
        # In the order of time, so that it does not matter in which pieces the motion is asked for.
        while (event := min(self._due, self._shifts[0] if self._shifts else np.inf)) <= last:
            if event == self._due:
                self._blink(heard, event, heard.pause_after(event, WAIT))
                continue
            soon = self._shifts.popleft() >= self._free and self._due - event < HASTE
            if soon and self._random.random() < WITH_GAZE:
                self._blink(heard, event, None)
        closed = np.zeros(len(times))
        for start, depth, length in self._blinks:
            closed = np.maximum(closed, depth * np.interp((times - start) / length, TIMES, CLOSURE))
        self._blinks = [blink for blink in self._blinks if blink[0] > last - 1.0]
        return closed

    def _blink(self, heard: Heard, time: float, later: float | None) -> None:
        """Blink at a time, or better ``later``; and settle when the next blink is due."""
        draw = self._random
        length = float(np.clip(draw.normal(1, TEMPO), *LENGTHS))
        depth = float(draw.uniform(*PARTIAL_DEPTH)) if draw.random() < PARTIAL else 1.0
        twice, soon, interval = draw.random() < DOUBLE, float(draw.uniform(*DOUBLE_AFTER)), self._interval()
        whole = DURATION * length
        starts = [start for start in (later, time) if start is not None and start >= self._free]
        fitting = [start for start in starts if start + whole + MARGIN <= heard.end]
        if not fitting:
            self._due = max(self._due, time) + interval
            return
        start = fitting[0]
        self._blinks.append((start, depth, length))
        self._free = start + whole
        # Counted from when this one was due, not from when it came: waiting must not make blinks rarer.
        self._due = max(self._due + interval, self._free) if not twice else max(start + soon, self._free)

    def _interval(self) -> float:
        """Seconds to the next blink that is not the second of two."""
        mean = (self._mean - DOUBLE * float(np.mean(DOUBLE_AFTER))) / (1 - DOUBLE)
        least = min(LEAST[0] * mean, LEAST[1])
        return least + float(self._random.gamma(SHAPE, (mean - least) / SHAPE))
