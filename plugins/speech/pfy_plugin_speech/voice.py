"""Voice profiles: what a recording says of the voice in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from pfy_core import Encoder, OptionalWeights, Port, measured, note
from pfy_core.errors import InputError, WeightsError
from pfy_core.kinds import VoiceProfile
from pfy_plugin_speech.cleaning import cleaned, needs
from pfy_plugin_speech.condition import FIX, HOP, Condition, cut, examine
from pfy_plugin_speech.listen import Listeners, speaker
from pfy_plugin_speech.ports import LISTEN_RATE, Array, Recording
from pfy_plugin_speech.sound import pitch, spectrum
from pfy_plugin_speech.sound.restore import without_rumble

ENOUGH = 60.0
"""Seconds of speech that are analysed; more says nothing new."""
LEAST = 1.0
"""Seconds of speech that a profile needs."""
BETTER = 3.0
"""Seconds of speech below which the user is advised to give more."""
LEAST_VOICED = 0.3
"""Seconds of voiced speech that F0 needs."""
OUTLIER = 0.45
"""Distance from the median of log F0 that counts as an error of the tracker (8 semitones)."""
TILT_RANGE = (200.0, 5000.0)
"""Hz between which the tilt of the spectrum is taken: from the first harmonics to the last formants."""


@dataclass(frozen=True)
class _Pitch:
    """Median F0 in Hz, its standard deviation in semitones, and its 5th and 95th percentile in Hz."""

    f0: float
    spread: float
    low: float
    high: float


class Voice(Encoder, name="voice"):
    """Profile of the voice in a recording: pitch, spectrum, speaker, level, noise, clipping, quality, advice.

    What is noisy or clipped is cleaned before the voice is measured. Four small networks listen; one that is
    not here and cannot be fetched is done without. Raises InputError for silence, for less than a second of
    speech and for sound without a voice.
    """

    def __init__(
        self,
        *,
        activity: OptionalWeights = "listen/activity",
        speaker: OptionalWeights = "listen/speaker",
        quality: OptionalWeights = "listen/quality",
        denoiser: OptionalWeights = "listen/denoiser",
    ) -> None:
        self._listeners = Listeners(activity, speaker, quality, denoiser)

    def __call__(self, wave: Recording) -> Annotated[VoiceProfile, Port("voice.profile")]:
        wave = wave - wave.mean(dtype=np.float64).astype(np.float32) if len(wave) else wave
        found = examine(wave, self._listeners)
        if found.seconds < LEAST and not needs(found).denoise:
            raise _too_little(found, wave)
        used, done = self._prepared(_first_seconds(wave, found), found)
        speech, quality = found.speech[: len(used) // HOP], found.quality
        again = self._again(used) if done else None
        if again is not None:
            speech = speech if again.seconds < found.seconds / 2 else again.speech
            quality = again.quality
        if speech.sum() * HOP < LEAST * LISTEN_RATE:
            raise _too_little(found, wave)
        voice = cut(used, speech)
        pitched = _pitch(used, hopeless=found.verdict == "hopeless")
        colour = spectrum.average(voice)
        embedding = self._embedding(voice)
        notes = tuple(_advice(found, done, quality, named=embedding is not None))
        for text in notes:
            note(text)
        measured(**found.measures(), cleaned_quality=quality, f0=round(pitched.f0, 1))
        return VoiceProfile(
            speech=found.seconds,
            f0=pitched.f0,
            f0_spread=pitched.spread,
            spectrum=colour,
            loudness=found.loudness,
            snr=found.snr,
            notes=notes,
            f0_range=(pitched.low, pitched.high),
            tilt=_tilt(colour),
            clipping=found.clipping,
            bandwidth=found.bandwidth,
            quality=found.quality,
            cleaned_quality=quality,
            cleaned=done,
            embedding=embedding,
            verdict=found.verdict,
        )

    def _prepared(self, wave: Array, found: Condition) -> tuple[Array, tuple[str, ...]]:
        """A recording as it is measured, and what was done to it."""
        wanted = needs(found)
        if not wanted.any:
            return without_rumble(wave, LISTEN_RATE), ()
        return cleaned(wave, LISTEN_RATE, wanted, self._listeners.denoiser)

    def _again(self, wave: Array) -> Condition | None:
        """The condition of a recording that was cleaned; None when nothing is left of it."""
        try:
            return examine(wave, self._listeners)
        except InputError:
            return None

    def _embedding(self, voice: Array) -> Array | None:
        try:
            return speaker.embed(voice, self._listeners.speaker)
        except WeightsError:
            return None


def _too_little(found: Condition, wave: Array) -> InputError:
    total = len(wave) / LISTEN_RATE
    sends = f"the voice recording has {found.seconds:.1f} s of speech in {total:.1f} s"
    return InputError(sends, f"at least {LEAST:g} s", FIX)


def _first_seconds(wave: Array, found: Condition) -> Array:
    """The recording up to the point where ENOUGH speech has been heard."""
    heard = np.cumsum(found.speech) * HOP / LISTEN_RATE
    return wave[: (int(np.searchsorted(heard, ENOUGH)) + 1) * HOP]


def _pitch(wave: Array, *, hopeless: bool) -> _Pitch:
    """F0 of a recording; all 0 when a hopeless one has none. Raises InputError when another one has none."""
    track = pitch.track(wave)
    logs = np.log(track[track > 0])
    logs = logs[np.abs(logs - np.median(logs)) < OUTLIER] if len(logs) else logs
    voiced = len(logs) * pitch.HOP / pitch.RATE
    if voiced < LEAST_VOICED:
        if hopeless:
            return _Pitch(0.0, 0.0, 0.0, 0.0)
        sends = f"the voice recording has {voiced:.1f} s of voiced sound: it may be noise or a whisper"
        raise InputError(sends, f"at least {LEAST_VOICED:g} s", FIX)
    low, middle, high = np.exp(np.percentile(logs, [5, 50, 95]))
    return _Pitch(float(middle), float(logs.std() * 12 / np.log(2)), float(low), float(high))


def _tilt(colour: Array) -> float:
    """Slope of a spectrum (48) in dB per octave; speech has about -6, a bright or strained voice less."""
    centres = spectrum.band_edges()[1:-1]
    inside = (centres > TILT_RANGE[0]) & (centres < TILT_RANGE[1])
    return float(np.polyfit(np.log2(centres[inside]), colour[inside], 1)[0])


def _advice(found: Condition, done: tuple[str, ...], quality: float | None, *, named: bool) -> Iterator[str]:
    yield from found.flaws()
    if found.seconds < BETTER:
        yield f"the recording has only {found.seconds:.1f} s of speech; 5 to 30 s give a surer profile"
    if done:
        scores = (
            f": quality {found.quality:.1f} before, {quality:.1f} after, of 5 (DNSMOS)"
            if found.quality is not None and quality is not None
            else ""
        )
        yield f"the recording was cleaned ({', '.join(done)}){scores}"
    if found.verdict == "hopeless":
        yield "of this recording only the pitch is used; the nearest clean voice speaks"
    if not named:
        yield "the speaker could not be compared with the voices here: get 'pfy weights pull listen'"
