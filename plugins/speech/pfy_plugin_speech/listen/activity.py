"""What in a recording is speech: Silero's voice activity detector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pfy_plugin_speech.listen.session import open_network
from pfy_plugin_speech.ports import Array

FRAME, CONTEXT = 512, 64
"""Samples at 16 kHz that are judged at once (32 ms), and samples before them that are shown as well."""
BLOCK = 512
"""Frames a call: 16 s."""
SPEECH = 0.5
"""Probability from which a frame is speech, as its authors advise."""
STATE = (1, 1, 128)


def probabilities(wave: Array, name: str) -> Array:
    """Probability of speech in each 32 ms of a recording (s) at 16 kHz; the last one is padded.

    Raises WeightsError when the network is not here and cannot be fetched.
    """
    network = open_network(name)
    count = -(-len(wave) // FRAME)
    padded = np.zeros(CONTEXT + count * FRAME, np.float32)
    padded[CONTEXT : CONTEXT + len(wave)] = wave
    views = np.lib.stride_tricks.sliding_window_view(padded, CONTEXT + FRAME)[::FRAME]
    h = c = np.zeros(STATE, np.float32)
    found = [np.zeros(0, np.float32)]
    for first in range(0, count, BLOCK):
        block = np.ascontiguousarray(views[first : first + BLOCK])
        speech, h, c = network.run(None, {"input": block, "h": h, "c": c})
        found.append(np.asarray(speech, np.float32))
    return np.concatenate(found)


def is_speech(wave: Array, hop: int, name: str) -> NDArray[np.bool_]:
    """Whether each ``hop`` samples of a recording (s) at 16 kHz are speech."""
    speech = probabilities(wave, name) > SPEECH
    centres = np.arange(len(wave) // hop) * hop + hop // 2
    return speech[centres // FRAME]
