"""For the conformance kit: recordings in which somebody speaks, and a voice to which seeds matter."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import soxr

from pfy_core.kinds import Word
from pfy_plugin_speech.ports import LISTEN_RATE, RATE, Array
from pfy_plugin_speech.speech import Speech

SENTENCES = (
    "Five wide lions jump over my wooden bench, and everybody laughs about them.",
    "Mother bought some purple balloons for the big party on Monday evening.",
)
"""Four seconds each, by seed."""
ROW = 0.1
"""Seconds of a recording for each row of the kit's sizes: 2.4 s, 4 s, 1.3 s, then too little."""

config = {"decoder/speech": {"voice": "heart"}}
"""The voice whose breath is drawn from the seed; to all others the seed is nothing."""


LISTENERS = frozenset(
    [
        "encoder/voice",
        *(f"extractor/{name}" for name in ("speaker", "speech-quality", "phones", "words-heard")),
    ]
)
"""Those that take recordings at 16 kHz."""


def samples(component_id: str, size: int, seed: int) -> dict[str, Any]:
    """A recording of ``size`` tenths of a second, and the words that were said until then."""
    if component_id not in LISTENERS | {"encoder/phones"}:
        return {}
    wave, words = _spoken(SENTENCES[seed % len(SENTENCES)])
    seconds = size * ROW
    given: dict[str, Any] = {"wave": wave[: round(seconds * RATE)]}
    if component_id in LISTENERS:
        heard = soxr.resample(wave, RATE, LISTEN_RATE)[: round(seconds * LISTEN_RATE)]
        given["wave"] = np.asarray(heard, np.float32)
    if component_id.endswith("/phones"):
        given["text"] = " ".join(word.text for word in words if word.end <= seconds)
    return given


@cache
def _spoken(text: str) -> tuple[Array, list[Word]]:
    """A sentence (s) at 24 kHz in the light voice heart, with its words."""
    pieces = list(Speech(voice="heart")(text, seed=0))
    return np.concatenate([piece.wave for piece in pieces]), [
        word for piece in pieces for word in piece.words
    ]
