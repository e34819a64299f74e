"""``encoder/phones``: a recording of speech to what is spoken when, and to sound that is fit to be heard."""

from __future__ import annotations

from typing import Literal

import numpy as np
import soxr

from pfy_core import Encoder, OptionalWeights, measured, note
from pfy_core.errors import InputError
from pfy_core.kinds import Phone, Word
from pfy_plugin_speech import align
from pfy_plugin_speech.choice import LOUDNESS
from pfy_plugin_speech.cleaning import Needs, cleaned, levelled, needs
from pfy_plugin_speech.condition import CLIPPED, examine, rate_quality
from pfy_plugin_speech.listen import Listeners
from pfy_plugin_speech.ports import LISTEN_RATE, RATE, Array, Text, Wave
from pfy_plugin_speech.speech import Spoken
from pfy_plugin_speech.text.transcript import Transcript

SHORTEST = 0.3
"""Seconds."""
INAUDIBLE = 1e-3
"""Peak (-60 dBFS) below which a recording is silence."""


LEVELS = (-31.0, -9.0)
"""LUFS that may be asked for: from what is hardly heard beside other sound to what is all limiter."""


class Recording(Encoder, name="phones"):
    """A recording of speech to its phones; with its words the timings are exact, without them near.

    English words; without them any language, heard as English sounds. The sound comes out at ``loudness``
    LUFS, its peaks limited. ``clean`` rebuilds what was cut off and takes noise out: ``auto`` where the
    recording needs it, ``on`` always, ``off`` never. Raises InputError for silence and for less than .3 s.
    """

    def __init__(
        self,
        *,
        clean: Literal["auto", "on", "off"] = "auto",
        loudness: float = LOUDNESS,
        activity: OptionalWeights = "listen/activity",
        quality: OptionalWeights = "listen/quality",
        denoiser: OptionalWeights = "listen/denoiser",
    ) -> None:
        if not LEVELS[0] <= loudness <= LEVELS[1]:
            raise InputError(f"loudness {loudness:g}", f"{LEVELS[0]:g} to {LEVELS[1]:g} LUFS")
        self._clean, self._loudness = clean, loudness
        self._listeners = Listeners(activity, "", quality, denoiser)

    def __call__(self, wave: Wave, text: Text | None = None) -> Spoken:
        length = len(wave) / RATE
        if length < SHORTEST:
            raise InputError(
                f"{length:.2f} s of sound", f"at least {SHORTEST:g} s of speech", "give a longer recording"
            )
        if np.abs(wave).max() < INAUDIBLE:
            raise InputError("the recording is silent", "speech above -60 dBFS", "check its level")
        wave = self._prepared(wave)
        heard = np.asarray(soxr.resample(wave, RATE, LISTEN_RATE), np.float32)
        phones: list[Phone] = []
        words: list[Word] = []
        if text is not None:
            transcript = Transcript(text)
            for told in transcript.notes:
                note(told)
            aligned = align.align(heard, transcript.pronunciations)
            if aligned is None:
                note("the words do not fit the recording; its sounds are recognised without them")
            else:
                phones, words = aligned.phones, transcript.words(aligned.words)
        phones = phones or align.recognise(heard)
        if not any(phone.symbol for phone in phones):
            raise _no_speech()
        return Spoken(wave, phones, words)

    def _prepared(self, wave: Array) -> Array:
        """The recording cleaned where it needs it, and at its level."""
        if self._clean != "off":
            wave = self._cleaned(wave - wave.mean(dtype=np.float64).astype(np.float32))
        return levelled(wave, RATE, self._loudness)

    def _cleaned(self, wave: Array) -> Array:
        heard = np.asarray(soxr.resample(wave, RATE, LISTEN_RATE), np.float32)
        found = examine(heard, self._listeners)
        if found.heard and not found.speech.any():
            raise _no_speech()
        wanted = needs(found)
        if self._clean == "on":
            wanted = Needs(declip=wanted.declip or found.clipping > CLIPPED, denoise=True)
        measured(**found.measures())
        for flaw in found.flaws():
            note(flaw)
        if not wanted.any:
            return wave
        better, done = cleaned(wave, RATE, wanted, self._listeners.denoiser)
        after = rate_quality(
            np.asarray(soxr.resample(better, RATE, LISTEN_RATE), np.float32), self._listeners.quality
        )
        if found.quality is not None and after is not None:
            measured(cleaned_quality=after)
            if self._clean == "auto" and after < found.quality:
                note(
                    f"cleaning would not help (quality {found.quality:.1f}, after it {after:.1f}, of 5): left"
                )
                return wave
            change = f"quality {found.quality:.1f} before, {after:.1f} after, of 5 (DNSMOS)"
            note(f"cleaned ({', '.join(done)}): {change}")
        elif done:
            note(f"cleaned ({', '.join(done)})")
        return better


def _no_speech() -> InputError:
    return InputError("no speech was found in the recording", "somebody speaking", "try another one")
