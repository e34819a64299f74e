"""Which voice speaks, and how it is shaped toward the one that was asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from pfy_core import note, weights
from pfy_core.errors import WeightsError
from pfy_core.kinds import VoiceProfile
from pfy_plugin_speech import bank
from pfy_plugin_speech.ports import RATE, Array
from pfy_plugin_speech.sound import level, shape, spectrum

LOUDNESS = -18.0
"""LUFS of all speech: loud enough for a phone's speaker, with room for the peaks."""
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

    ``auto`` means: Kokoro where its weights are, else the light voices; with a profile the nearest of
    them, for which the male light voice is fetched (63 MB) when it is the nearest and not here.
    """
    if wanted != "auto":
        return bank.resolve(wanted)
    kokoro = files.present("af_heart")
    if profile is None:
        return "af_heart" if kokoro else "heart"
    candidates = bank.STYLES if kokoro else ("heart", "joe")
    nearest = min(candidates, key=lambda voice: distance(bank.sounds()[voice], profile))
    return nearest if _available(nearest, files) else "heart"


def distance(sound: bank.Sound, profile: VoiceProfile) -> float:
    """How far a voice is from a profile, in semitones."""
    colour = float(np.sqrt(np.mean((sound.spectrum - profile.spectrum) ** 2)))
    return abs(_semitones(sound, profile)) + COLOUR * colour


def shaping(voice: str, profile: VoiceProfile | None) -> Shaping:
    """How a voice is brought to the common loudness and, with a profile, toward it."""
    sound = bank.sounds()[voice]
    if profile is None:
        return Shaping(gain=level.gain(LOUDNESS - sound.loudness))
    wanted = _semitones(sound, profile)
    if abs(wanted) > ODD_SHIFT:
        note(f"no voice here is near the recording: {voice} is {abs(wanted):.0f} semitones away")
    ratio = float(2 ** (np.clip(wanted, -LARGEST_SHIFT, LARGEST_SHIFT) / 12))
    centres = spectrum.band_edges()[1:-1]
    moved = np.interp(centres / ratio, centres, sound.spectrum).astype(np.float32)
    gains = shape.equaliser(moved, profile.spectrum)
    change = shape.loudness_change(moved, gains)
    return Shaping(ratio, shape.impulse_response(gains), level.gain(LOUDNESS - sound.loudness - change))


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
