"""Metrics of voices: whose they are like, how good they sound, and how well they are understood."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pfy_core import InputError, Metric, Score
from pfy_plugin_metrics.ports import Opinion, Speaker, Words
from pfy_plugin_metrics.unscored import known, scored
from pfy_plugin_metrics.words import word_errors

ASPECTS = ("overall", "signal", "background")
"""In the order of ``extractor/speech-quality``."""


class SpeakerSimilarity(Metric, name="speaker-similarity"):
    """Cosine of two voices' embeddings: with ``extractor/speaker`` one person has about .9, strangers .6.

    Raises InputError for embeddings that are not finite, or nothing but 0.
    """

    def __call__(self, made: Speaker, reference: Speaker) -> Score:
        """made (256), reference (256) -> cosine, -1 to 1."""
        lengths = [float(np.linalg.norm(side.astype(np.float64))) for side in (made, reference)]
        if not np.isfinite(lengths).all() or not min(lengths):
            raise InputError("an embedding that is 0 or not finite", "what extractor/speaker gives")
        return Score(float(made.astype(np.float64) @ reference / np.prod(lengths)))


class SpeechQuality(Metric, name="speech-quality"):
    """What listeners would say of speech, from 1 to 5 (DNSMOS P.835); studio speech has 3.2 to 3.5.

    aspect: of all of it (``overall``), of the voice (``signal``), or how little the ``background`` disturbs.

    Raises InputError for scores that are not finite.
    """

    def __init__(self, *, aspect: Literal["overall", "signal", "background"] = "overall") -> None:
        self._place = ASPECTS.index(aspect)

    def __call__(self, quality: Opinion) -> Score:
        """Scores (3) of ``extractor/speech-quality`` -> the one that is asked for."""
        if not np.isfinite(quality).all():
            raise InputError("scores that are not finite", "what extractor/speech-quality gives")
        return Score(float(quality[self._place]))


class WordErrors(Metric, name="word-errors"):
    """Share of words that are heard wrong, left out or added, of those that were said; 0 is understood.

    More than 1 is possible. English letters only; case and punctuation do not count. Unscored: a text
    without words. With ``extractor/words-heard`` it compares recordings: filmed speech has errors too.
    """

    def __call__(self, heard: Words, text: Words) -> Score:
        """The words that were heard, and those that were said -> word error rate."""
        return scored(lambda: known(word_errors(text, heard), "a text without words"))
