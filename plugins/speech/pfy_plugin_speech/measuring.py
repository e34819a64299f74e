"""What measures listen with: who speaks, how good it sounds, what is said when, and what is understood.

The same for what was filmed and what was made: nothing is cleaned, and nothing that the maker knows is used.
"""

from __future__ import annotations

import numpy as np

from pfy_core import Extractor, InputError, Weights, weights
from pfy_plugin_speech import align
from pfy_plugin_speech.condition import HOP, cut, levels, spoken
from pfy_plugin_speech.listen import quality, speaker
from pfy_plugin_speech.ports import LISTEN_RATE, Array, Opinion, Phones, Recording, Speaker, Text
from pfy_plugin_speech.sound.restore import without_rumble
from pfy_plugin_speech.text.transcript import Transcript

SHORTEST = 0.3
"""Seconds of speech that anything is said of."""
INAUDIBLE = 1e-3
"""Peak (-60 dBFS) below which a recording is silence."""
MISFIT = 42.0
"""``align.Aligned.misfit`` from which on other words were said: between 35 and 48."""


class SpeakerEmbedding(Extractor, name="speaker"):
    """The voice in a recording as a unit vector (GE2E): of one person's recordings the cosine is about .9.

    Pauses and what is below 60 Hz are taken out first, and the level is that of all recordings: as in
    ``encoder/voice``, but nothing is cleaned. Of a long recording the first 30 s of speech count. Raises
    InputError for less than .3 s of speech. Wan et al., 2018; weights of Resemblyzer.
    """

    def __init__(self, *, speaker: Weights = "listen/speaker", activity: Weights = "listen/activity") -> None:
        self._speaker, self._activity = speaker, activity

    def __call__(self, wave: Recording) -> Speaker:
        """wave (s) at 16 kHz -> (256)."""
        wave = _audible(wave)
        wave = wave - wave.mean(dtype=np.float64).astype(np.float32)
        weights.path(self._activity)  # without it, the level alone would say what is speech
        speech, _ = spoken(wave / np.float32(np.abs(wave).max()), levels(wave), self._activity)
        seconds = float(speech.sum()) * HOP / LISTEN_RATE
        if seconds < SHORTEST:
            raise InputError(f"{seconds:.2f} s of speech", f"{SHORTEST:g} s or more of somebody speaking")
        return speaker.embed(cut(without_rumble(wave, LISTEN_RATE), speech), self._speaker)


class SpeechQuality(Extractor, name="speech-quality"):
    """What listeners would say of speech, from 1 to 5: of all of it, of the voice, of the background.

    DNSMOS P.835 as its package speechmos calculates: the mean over every 9 s of a recording, a second
    apart, a shorter one repeated. Raises InputError for silence and for less than .3 s. Reddy et al., 2022.
    """

    def __init__(self, *, network: Weights = "listen/quality") -> None:
        self._network = network

    def __call__(self, wave: Recording) -> Opinion:
        """wave (s) at 16 kHz -> overall, signal and background (3)."""
        found = quality.judge(_audible(wave), self._network, most=None)
        return np.array([found.overall, found.signal, found.background], np.float32)


class AlignedPhones(Extractor, name="phones"):
    """What is spoken when in a recording whose English words are known: phones in IPA, without gaps.

    Forced alignment with CMU's pocketsphinx 5 and its own model, to hundredths of a second. Raises
    InputError for silence, for a text without words, and for words that do not fit the recording.
    """

    def __call__(self, wave: Recording, text: Text) -> Phones:
        """wave (s) at 16 kHz and its words -> phones from 0 to its end."""
        wave = _audible(wave)
        pronunciations = Transcript(text).pronunciations
        if not pronunciations:
            raise InputError(f"a text without words: {text[:40]!r}", "what is said in the recording")
        aligned = align.align(wave, pronunciations, align.WIDER)
        if aligned is None or aligned.misfit > MISFIT:
            seconds = len(wave) / LISTEN_RATE
            raise InputError(
                f"{len(pronunciations)} words that do not fit {seconds:.1f} s of sound",
                "the words that are said in it, in English",
            )
        return aligned.phones


class Understood(Extractor, name="words-heard"):
    """The words that a small recogniser hears: pocketsphinx 5 with its own model of American English.

    Weak, offline, and the same for everybody: for comparing recordings, not for transcripts. Raises
    InputError for silence and for less than .3 s.
    """

    def __call__(self, wave: Recording) -> Text:
        """wave (s) at 16 kHz -> words in small letters."""
        return align.words_heard(_audible(wave))


def _audible(wave: Array) -> Array:
    """A recording (s) of which something can be said. Raises InputError."""
    seconds = len(wave) / LISTEN_RATE
    if seconds < SHORTEST:
        raise InputError(f"{seconds:.2f} s of sound", f"{SHORTEST:g} s or more")
    if not np.isfinite(wave).all():
        raise InputError("a recording with NaN or infinity", "numbers from -1 to 1")
    if np.abs(wave).max() < INAUDIBLE:
        raise InputError("the recording is silent", "speech above -60 dBFS")
    return wave
