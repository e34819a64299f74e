"""Guards against sentences that do not end: XTTS-v2 may go on with silence, breath or noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FRAME = 256
"""Samples of which the level is measured: 10.7 ms at 24 kHz, one frame of the vocoder."""
QUIET = 10 ** (-40 / 20)
"""Level under which a frame is silent, as a share of the sentence's loudest one: -40 dB."""
INAUDIBLE = 10 ** (-60 / 20)
"""RMS level under which a frame is silent in any case: -60 dBFS."""
KEPT = 0.25
"""Seconds of silence that stay after a sentence that was cut."""
PATIENCE = 43
"""Codes (2 s) that a sentence may take beside what its tokens take: for a breath and slow starts."""


def most(tokens: int, per_token: float, longest: int) -> int:
    """The number of codes that a sentence of so many text tokens may take; ``per_token`` 0: ``longest``.

    A code is 46.4 ms. English is read at some 14 characters a second, and its tokens, spaces counted,
    have 2 to 3 characters: 3 to 5 codes a token.
    """
    return min(longest, math.ceil(PATIENCE + per_token * tokens)) if per_token else longest


@dataclass
class SilenceStop:
    """Passes sound on until a silence has lasted ``limit`` samples, and drops what comes after its start.

    Silence is held back after ``kept`` samples until it is clear that speech goes on: no more of it is
    heard than that. Silence before the first sound does not count. The result does not depend on how the
    sound is cut into parts.
    """

    limit: int
    kept: int
    stopped: bool = False

    def __post_init__(self) -> None:
        self._loudest = 0.0
        self._silent = 0
        self._held: list[NDArray[np.float32]] = []
        self._rest = np.zeros(0, np.float32)

    def pass_on(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Further sound (s) -> what of it and of the sound held back can be heard now."""
        known = np.concatenate([self._rest, samples])
        whole = len(known) // FRAME * FRAME
        self._rest = known[whole:]
        out: list[NDArray[np.float32]] = []
        for frame in known[:whole].reshape(-1, FRAME):
            level = float(np.sqrt(np.square(frame).mean()))
            self._loudest = max(self._loudest, level)
            if self._loudest >= INAUDIBLE and level < max(QUIET * self._loudest, INAUDIBLE):
                self._silent += FRAME
                (self._held if self._silent > self.kept else out).append(frame)
                if self._silent >= self.limit:
                    self.stopped = True
                    break
            else:
                out += [*self._held, frame]
                self._held, self._silent = [], 0
        return np.concatenate([np.zeros(0, np.float32), *out])

    def end(self) -> NDArray[np.float32]:
        """What was held back, when the sentence has ended by itself."""
        return np.concatenate([*self._held, self._rest])
