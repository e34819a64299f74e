"""Which voice speaks, and how it is shaped toward the one that was asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pfy_core import note, weights
from pfy_core.errors import WeightsError
from pfy_core.kinds import VoiceProfile
from pfy_plugin_speech import bank
from pfy_plugin_speech.blend import blended
from pfy_plugin_speech.ports import RATE, Array
from pfy_plugin_speech.sound import level, shape, spectrum

LOUDNESS = -16.0
"""LUFS of all speech: what podcasts and phones' speakers are set for (AES TD1008, 2021)."""
LARGEST_SHIFT = 3.0
"""Semitones by which a voice is moved at most: beyond, resampling moves the formants audibly."""
COLOUR = 0.3
"""Semitones that a decibel of spectral difference (RMS) counts for when voices are compared."""
EVEN = 6.0
"""Decibels by which a sentence is made louder or softer than the voice's average at most. Piper speaks short
sentences up to 6 dB louder than long ones; a sentence that is nearly silent is meant so."""
ODD_SHIFT = 6.0
"""Semitones beyond which the user is told that no voice here is near."""


@dataclass(frozen=True)
class Shaping:
    """What is done to the sound of a voice.

    ratio:    factor on all frequencies
    response: linear-phase filter (taps), or None
    gain:     factor on the samples that brings the voice to LOUDNESS on average
    """

    ratio: float = 1.0
    response: Array | None = None
    gain: float = 1.0

    def __call__(self, wave: Array) -> Array:
        """Shape a sentence (s) spoken ``ratio`` times too slowly: its pace and level come out right."""
        wave = shape.pitched(wave, self.ratio)
        if self.response is not None:
            wave = shape.filtered(wave, self.response)
        wave = wave * np.float32(self.gain)
        off = np.clip(LOUDNESS - level.loudness(wave, RATE), -EVEN, EVEN)
        return level.limit(wave * np.float32(level.gain(float(off))))


def choose(wanted: str, profile: VoiceProfile | None, files: bank.Files) -> str:
    """The voice for a configured name and a profile.

    ``auto`` means: Kokoro where its weights are, else the light voices. With a profile it is a blend of
    Kokoro's voices, or the nearest light one, for which the male voice is fetched (63 MB) when it is that
    and not here. Of a hopeless recording only the pitch counts, and without one nothing.
    """
    if wanted != "auto":
        return bank.resolve(wanted)
    kokoro = files.present("af_heart")
    if profile is None:
        return "af_heart" if kokoro else "heart"
    candidates = bank.STYLES if kokoro else ("heart", "joe")
    if not profile.f0:
        return "af_heart" if kokoro else "heart"
    if kokoro and profile.embedding is not None and profile.verdict != "hopeless":
        return bank.recipe_name(blended(profile.embedding, profile.f0, bank.STYLES))
    nearest = min(candidates, key=lambda voice: distance(bank.sounds()[voice], profile))
    return nearest if _available(nearest, files) else "heart"


def distance(sound: bank.Sound, profile: VoiceProfile) -> float:
    """How far a voice is from a profile, in semitones."""
    pitch = abs(_semitones(sound, profile))
    if profile.verdict == "hopeless":
        return pitch
    return pitch + COLOUR * float(np.sqrt(np.mean((sound.spectrum - profile.spectrum) ** 2)))


def shaping(voice: str, profile: VoiceProfile | None) -> Shaping:
    """How a voice is brought to the common loudness and, with a profile, toward it.

    A blend is left at its own pitch: moving it by resampling moves the formants as well, which takes more of
    the likeness (.74 to .64, on three speakers 2 semitones away) than the pitch gives.
    """
    sound = bank.sound(voice)
    if profile is None or not profile.f0:
        return Shaping(gain=level.gain(LOUDNESS - sound.loudness))
    mixed = profile.embedding is not None and bank.family(voice) == "kokoro"
    wanted = 0.0 if mixed else _semitones(sound, profile)
    if abs(wanted) > ODD_SHIFT:
        note(f"no voice here is near the recording: {voice} is {abs(wanted):.0f} semitones away")
    ratio = float(2 ** (np.clip(wanted, -LARGEST_SHIFT, LARGEST_SHIFT) / 12))
    centres = spectrum.band_edges()[1:-1]
    moved = np.interp(centres / ratio, centres, sound.spectrum).astype(np.float32)
    if profile.verdict == "hopeless":
        return Shaping(ratio, gain=level.gain(LOUDNESS - sound.loudness))
    heard = centres <= profile.bandwidth
    gains = shape.equaliser(moved, np.where(heard, profile.spectrum, moved + _offset(moved, profile, heard)))
    change = shape.loudness_change(moved, gains)
    return Shaping(ratio, shape.impulse_response(gains), level.gain(LOUDNESS - sound.loudness - change))


def _offset(own: Array, profile: VoiceProfile, heard: NDArray[np.bool_]) -> float:
    """By how much a profile's spectrum lies above a voice's where the recording has something to say."""
    return float((profile.spectrum - own)[heard].mean()) if heard.any() else 0.0


def _semitones(sound: bank.Sound, profile: VoiceProfile) -> float:
    return float(12 * np.log2(profile.f0 / sound.f0))


def _available(voice: str, files: bank.Files) -> bool:
    """Whether a voice is here or could be fetched; says so when not."""
    try:
        for name in files.of(voice):
            weights.path(name)
    except WeightsError:
        why = f"{weights.OFFLINE} is set" if os.environ.get(weights.OFFLINE) else "it cannot be fetched"
        pull = f"pfy weights pull {files.of(voice)[0]}"
        note(f"the nearest voice, {voice}, is not here and {why}; another one speaks (get it with '{pull}')")
        return False
    return True
