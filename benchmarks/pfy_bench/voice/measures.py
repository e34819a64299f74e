"""What is measured of speech: loudness, quality, similarity and how many words are understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr

from pfy_core.errors import WeightsError
from pfy_plugin_metrics.words import word_errors
from pfy_plugin_speech.align import words_heard
from pfy_plugin_speech.condition import HOP, cut, rate_quality
from pfy_plugin_speech.listen import LISTEN, activity, speaker
from pfy_plugin_speech.sound import level

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Wave = NDArray[np.float32]

RATE = 16_000


def at_16k(wave: Wave, rate: int) -> Wave:
    """A wave at the rate that everything here listens at."""
    return np.asarray(soxr.resample(wave, rate, RATE), np.float32)


def loudness(wave: Wave, rate: int) -> float:
    """LUFS."""
    return round(level.loudness(wave, rate), 2)


def quality(wave: Wave) -> float | None:
    """DNSMOS of speech at 16 kHz, 1 to 5."""
    found = rate_quality(wave, LISTEN.quality)
    return None if found is None else round(found, 2)


def voice(wave: Wave) -> Wave | None:
    """The speaker's embedding of a recording at 16 kHz, or None without speech or network."""
    try:
        speech = activity.is_speech(wave, HOP, LISTEN.activity)
        return speaker.embed(cut(wave, speech), LISTEN.speaker) if speech.any() else None
    except WeightsError:
        return None


def word_error_rate(wave: Wave, words: str) -> float:
    """Words that pocketsphinx's American English model hears wrong, per word of ``words``, at 16 kHz."""
    return round(word_errors(words, words_heard(wave)), 3)
