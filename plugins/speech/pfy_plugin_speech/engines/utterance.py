"""What an engine is, and what it makes."""

from __future__ import annotations

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


class Engine(Protocol):
    """A voice that is loaded and ready.

    ``longest`` is the number of phonemes it can say at once; ``lag`` the seconds by which its
    durations run behind the sound it makes.
    """

    longest: int
    lag: float

    def say(self, phonemes: str, *, speed: float, seed: int) -> Utterance:
        """Speak phonemes of Kokoro's alphabet; ``speed`` 1 is the voice's own pace, 2 twice as fast."""
        ...
