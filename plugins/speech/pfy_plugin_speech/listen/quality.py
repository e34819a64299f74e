"""How good speech sounds: DNSMOS P.835, which predicts what listeners would say, from 1 to 5.

C. Reddy et al., "DNSMOS P.835: a non-intrusive perceptual objective speech quality metric to evaluate noise
suppressors", ICASSP 2022. It hears noise and distortion; it does not mind a low level or a narrow band much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pfy_plugin_speech.listen.session import open_network
from pfy_plugin_speech.ports import LISTEN_RATE, Array

SPAN = 144_160
"""Samples at 16 kHz that the network hears at once (9.01 s); a shorter recording is repeated."""
MOST = 3
"""Spans that are heard of a long recording, evenly spread."""
SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
BACKGROUND = (-0.13166888, 1.60915514, -0.39604546)
OVERALL = (-0.06766283, 1.11546468, 0.04602535)
"""Polynomials that fit the network's outputs to listeners' scores, from the authors' package speechmos."""


@dataclass(frozen=True)
class Quality:
    """Mean opinion scores from 1 (bad) to 5 (excellent): overall, of the voice, of the background."""

    overall: float
    signal: float
    background: float


def judge(wave: Array, name: str, most: int | None = MOST) -> Quality:
    """The quality of speech (s) at 16 kHz, by ``most`` of its spans, None for all.

    Raises WeightsError when the network cannot be had.
    """
    network = open_network(name)
    if len(wave) < SPAN:
        wave = np.tile(wave, -(-SPAN // max(1, len(wave))))
    starts = range(0, len(wave) - SPAN + 1, LISTEN_RATE)
    chosen = np.unique(np.linspace(0, len(starts) - 1, min(most or len(starts), len(starts))).astype(int))
    spans = np.stack([wave[starts[i] : starts[i] + SPAN] for i in chosen]).astype(np.float32)
    raw = np.concatenate([network.run(None, {"input_1": span[None]})[0] for span in spans])
    signal, background, overall = (
        float(np.polyval(fit, raw[:, column]).mean())
        for column, fit in enumerate((SIGNAL, BACKGROUND, OVERALL))
    )
    return Quality(overall, signal, background)
