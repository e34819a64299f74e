"""``encoder/phones``: a recording of speech to what is spoken when."""

from __future__ import annotations

import numpy as np
import soxr

from pfy_core import Encoder, note
from pfy_core.errors import InputError
from pfy_core.kinds import Phone, Word
from pfy_plugin_speech import align
from pfy_plugin_speech.ports import LISTEN_RATE, RATE, Text, Wave
from pfy_plugin_speech.speech import Spoken
from pfy_plugin_speech.text.transcript import Transcript

SHORTEST = 0.3
"""Seconds."""
INAUDIBLE = 1e-3
"""Peak (-60 dBFS) below which a recording is silence."""


class Recording(Encoder, name="phones"):
    """A recording of speech to its phones; with its words the timings are exact, without them near.

    English words; without them any language, heard as English sounds. Raises InputError for silence and
    for less than .3 s.
    """

    def __call__(self, wave: Wave, text: Text | None = None) -> Spoken:
        length = len(wave) / RATE
        if length < SHORTEST:
            raise InputError(
                f"{length:.2f} s of sound", f"at least {SHORTEST:g} s of speech", "give a longer recording"
            )
        if np.abs(wave).max() < INAUDIBLE:
            raise InputError("the recording is silent", "speech above -60 dBFS", "check its level")
        heard = np.asarray(soxr.resample(wave, RATE, LISTEN_RATE), np.float32)
        phones: list[Phone] = []
        words: list[Word] = []
        if text is not None:
            transcript = Transcript(text)
            aligned = align.align(heard, transcript.pronunciations)
            if aligned is None:
                note("the words do not fit the recording; its sounds are recognised without them")
            else:
                phones, words = aligned.phones, transcript.words(aligned.words)
        phones = phones or align.recognise(heard)
        if not any(phone.symbol for phone in phones):
            raise InputError("no speech was found in the recording", "somebody speaking", "try another one")
        return Spoken(wave, phones, words)
