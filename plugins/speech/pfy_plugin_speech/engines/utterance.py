"""What an engine is, and what it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pfy_plugin_speech.ports import Array


@dataclass(frozen=True)
class Utterance:
    """A spoken string of n phonemes.

    wave:    float32 (s), 24 kHz, at the engine's own level
    seconds: float64 (n + 2), durations of the lead-in, of each phoneme and of the tail
    """

    wave: Array
    seconds: NDArray[np.float64]


Pace = Sequence[tuple[float, float]]
"""Speeds that a model was asked for, and the ones it spoke at: it rounds durations to whole units, and as
most are two or three units long, 1.1 and 1.2 change little. Measured on the sentences of bank.TEXT."""


def asked(speed: float, pace: Pace) -> float:
    """What to ask a model for so that it speaks at ``speed``, on average."""
    wanted, given = np.array(pace).T
    return float(np.interp(speed, given, wanted))


class Engine(Protocol):
    """A voice that is loaded and ready.

    ``longest`` is the number of phonemes it can say at once; ``opening`` the number beyond which the first
    sentence is cut at a clause, so that a slow voice is soon heard (0: it is fast enough); ``lag`` the
    seconds by which its durations run behind the sound it makes.
    """

    longest: int
    opening: int
    lag: float

    def say(self, phonemes: str, *, speed: float, seed: int) -> Utterance:
        """Speak phonemes of Kokoro's alphabet; ``speed`` 1 is the voice's own pace, 2 twice as fast."""
        ...
