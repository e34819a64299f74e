"""hibari: Kokoro voices distilled to 8 MB each, a hundred times faster than real time on one core."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hibari import dsp

from pfy_plugin_speech.engines.onnx_file import open_session
from pfy_plugin_speech.engines.utterance import Utterance, asked
from pfy_plugin_speech.text.g2p import ids

UNIT = 600
"""Samples per unit of duration; the units of an utterance sum to its length exactly."""
PACE = (
    (0.4, 0.4), (0.7, 0.71), (0.8, 0.81), (0.9, 0.955), (1.0, 1.0), (1.1, 1.035), (1.2, 1.09), (1.3, 1.16),
    (1.4, 1.52), (1.5, 1.56), (1.75, 1.66), (2.0, 1.98), (2.5, 2.56),
)  # fmt: skip


class Hibari:
    """One hibari voice, from its ONNX file."""

    longest = 400
    opening = 0
    lag = 0.048
    """As in Kokoro, from which the durations were distilled."""

    def __init__(self, path: Path) -> None:
        self._session, _ = open_session(path, "Round", threads=1)

    def say(self, phonemes: str, *, speed: float, seed: int) -> Utterance:
        """See Engine; the seed draws the noise of breath and fricatives."""
        pace = np.array([asked(speed, PACE)], np.float32)
        feed = {"ids": np.array([ids(phonemes)], np.int64), "speed": pace}
        *spectra, units = self._session.run(None, feed)
        wave = dsp.synth(*(array[0] for array in spectra), np.random.default_rng(seed))
        return Utterance(wave, units.ravel().astype(np.float64) * UNIT / dsp.SR)
