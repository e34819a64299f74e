"""Voice profiles: what a recording says of the voice in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from pfy_core import Encoder, Port, note
from pfy_core.errors import InputError
from pfy_core.kinds import VoiceProfile
from pfy_plugin_speech.ports import LISTEN_RATE, Array, Recording
from pfy_plugin_speech.sound import pitch, spectrum

HOP = 160
"""Samples between levels: 10 ms."""
ENOUGH = 60.0
"""Seconds of speech that are analysed; more says nothing new."""
LEAST = 1.0
"""Seconds of speech that a profile needs."""
INAUDIBLE = -60.0
"""dBFS that the loudest part of a recording must reach."""
SPEECH_RANGE = 30.0
"""Speech lies within so many dB of its loud parts (95th percentile of level)."""
ABOVE_NOISE = 6.0
"""dB above the quietest tenth from which on a level is taken for speech."""
NOISY = 15.0
"""dB of speech above the background from which on a recording is clean enough."""
FAINT = -40.0
"""dBFS of speech below which the recorder's own noise is heard."""
FLAT_TOP, CLIPPED = 0.995, 0.001
"""A sample above this part of the peak may be clipped; a recording with this part of them is."""
NARROW = 40.0
"""dB by which the spectrum may fall from 1-3 kHz to above 4.5 kHz; a telephone's falls by more."""
LEAST_VOICED = 0.3
"""Seconds of voiced speech that F0 needs."""
OUTLIER = 0.45
"""Distance from the median of log F0 that counts as an error of the tracker (8 semitones)."""
FIX = "record again: a quiet room, 20 cm from the microphone, 5 to 30 seconds of plain speech"


@dataclass(frozen=True)
class _Levels:
    """Level in dBFS every 10 ms, which of these are speech, and the level of the background."""

    decibels: NDArray[np.float64]
    speech: NDArray[np.bool_]
    background: float


class Voice(Encoder, name="voice"):
    """Profile of the voice in a recording: pitch, spectrum, loudness, signal-to-noise ratio, and advice.

    Raises InputError for silence, for less than a second of speech and for sound without a voice; what is
    merely noisy, clipped, faint or narrow is used, with advice in the profile's notes.
    """

    def __call__(self, wave: Recording) -> Annotated[VoiceProfile, Port("voice.profile")]:
        levels = _levels(wave)
        seconds = float(levels.speech.sum() * HOP / LISTEN_RATE)
        if seconds < LEAST:
            total = len(wave) / LISTEN_RATE
            raise InputError(
                f"the voice recording has {seconds:.1f} s of speech in {total:.1f} s",
                f"at least {LEAST:g} s",
                FIX,
            )
        used = _first_seconds(wave, levels)
        f0, spread = _pitch(used)
        loud = levels.decibels[levels.speech]
        level = _power_mean(loud[loud >= np.median(loud)])
        snr = level - levels.background
        colour = spectrum.average(used)
        notes = tuple(_advice(used, colour, level, snr))
        for text in notes:
            note(text)
        return VoiceProfile(seconds, f0, spread, colour, level, snr, notes)


def _levels(wave: Array) -> _Levels:
    """Levels of a recording. Raises InputError when none is loud enough to be heard."""
    count = len(wave) // HOP
    frames = wave[: count * HOP].reshape(count, HOP).astype(np.float64)
    frames = frames - frames.mean(axis=1, keepdims=True)
    decibels = 10 * np.log10((frames**2).mean(axis=1) + 1e-12)
    loud = float(np.percentile(decibels, 95)) if count else -120.0
    if loud < INAUDIBLE:
        sends = f"the voice recording is silent: its loud parts are at {loud:.0f} dBFS"
        raise InputError(sends, f"speech above {INAUDIBLE:g} dBFS", FIX)
    background = float(np.percentile(decibels, 10))
    floor = max(loud - SPEECH_RANGE, min(background + ABOVE_NOISE, loud - ABOVE_NOISE))
    return _Levels(decibels, decibels > floor, background)


def _first_seconds(wave: Array, levels: _Levels) -> Array:
    """The recording up to the point where ENOUGH speech has been heard."""
    heard = np.cumsum(levels.speech) * HOP / LISTEN_RATE
    return wave[: (int(np.searchsorted(heard, ENOUGH)) + 1) * HOP]


def _pitch(wave: Array) -> tuple[float, float]:
    """Median F0 in Hz and its spread in semitones. Raises InputError when there is no voice."""
    track = pitch.track(wave)
    logs = np.log(track[track > 0])
    logs = logs[np.abs(logs - np.median(logs)) < OUTLIER] if len(logs) else logs
    voiced = len(logs) * pitch.HOP / pitch.RATE
    if voiced < LEAST_VOICED:
        sends = f"the voice recording has {voiced:.1f} s of voiced sound: it may be noise or a whisper"
        raise InputError(sends, f"at least {LEAST_VOICED:g} s", FIX)
    return float(np.exp(np.median(logs))), float(logs.std() * 12 / np.log(2))


def _advice(wave: Array, colour: Array, level: float, snr: float) -> Iterator[str]:
    if snr < NOISY:
        yield f"the voice recording is noisy (speech {snr:.0f} dB above the background): uncertain colour"
    if level < FAINT:
        yield f"the voice recording is faint ({level:.0f} dBFS); the speech is made at normal level"
    if (np.abs(wave) > FLAT_TOP * np.abs(wave).max()).mean() > CLIPPED:
        yield "the voice recording is clipped: uncertain colour; record it at a lower level"
    centres = spectrum.band_edges()[1:-1]
    middle, high = colour[(centres > 1000) & (centres < 3000)], colour[centres > 4500]
    if middle.mean() - high.mean() > NARROW:
        yield "the voice recording has no treble, like a telephone call; a full-band one is matched better"


def _power_mean(decibels: NDArray[np.float64]) -> float:
    return float(10 * np.log10((10 ** (decibels / 10)).mean()))
