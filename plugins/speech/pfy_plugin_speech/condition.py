"""The condition of a recording: how much of it is speech, how loud, noisy, clipped, narrow and good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pfy_core import note
from pfy_core.errors import InputError, WeightsError
from pfy_plugin_speech.listen import Listeners, activity, quality
from pfy_plugin_speech.listen.denoise import denoise
from pfy_plugin_speech.ports import LISTEN_RATE, Array
from pfy_plugin_speech.sound import level, spectrum
from pfy_plugin_speech.sound.clipping import clipped_share

HOP = 160
"""Samples between levels: 10 ms."""
INAUDIBLE = -60.0
"""dBFS that the loudest part of a recording must reach."""
SPEECH_RANGE = 30.0
"""Speech lies within so many dB of its loud parts (95th percentile of level)."""
ABOVE_NOISE = 6.0
"""dB above the quietest tenth from which on a level is taken for speech where no network says it."""
LEAST_BACKGROUND = 0.2
"""Seconds of pauses that tell the level of the background; with less, the quietest tenth does."""
BEST_SNR = 60.0
"""dB beyond which a background is silence."""
NARROW = 40.0
"""dB below the middle (1 to 3 kHz) at which the spectrum of speech ends."""
NOISY, HOPELESSLY_NOISY = 15.0, 0.0
"""dB of speech above the background from which on a recording is clean enough, and below which too little
of the voice is left when the noise is taken out. Set by hand, as are the other limits of the verdict."""
CLIPPED, HOPELESSLY_CLIPPED = 0.003, 0.2
"""Shares of samples cut off: from the first on it is heard, beyond the second rebuilding does not help
(one sentence: DNSMOS 2.7 before, 2.6 after). Set by hand."""
FAINT = -45.0
"""LUFS of speech below which a recorder's own noise is likely heard; set by hand."""
TELEPHONE = 4200.0
"""Hz; a spectrum that ends below is that of a telephone."""
GOOD, POOR = 3.0, 2.2
"""DNSMOS of a good recording (studio speech has 3.2 to 3.5), and of one whose colour cannot be trusted.
The second was set by hand."""
FIX = "record again: a quiet room, 20 cm from the microphone, 5 to 30 seconds of plain speech"


@dataclass(frozen=True)
class Condition:
    """What is measured of a recording at 16 kHz.

    speech:    whether each 10 ms are speech
    heard:     whether a network said so; else the level did
    loudness:  LUFS of the recording, pauses not counted
    snr:       dB of the speech above what is heard in the pauses, at most BEST_SNR
    clipping:  share of the samples that were cut off
    bandwidth: Hz up to which there is speech
    quality:   DNSMOS, 1 to 5; None when its network is not here
    """

    speech: NDArray[np.bool_]
    heard: bool
    loudness: float
    snr: float
    clipping: float
    bandwidth: float
    quality: float | None

    @property
    def seconds(self) -> float:
        """Seconds of speech."""
        return float(self.speech.sum()) * HOP / LISTEN_RATE

    @property
    def verdict(self) -> str:
        """``good``, ``usable``, ``poor`` or ``hopeless``, by the worst of what is wrong."""
        if self.clipping > HOPELESSLY_CLIPPED or self.snr < HOPELESSLY_NOISY:
            return "hopeless"
        mos = GOOD if self.quality is None else self.quality
        if self.snr < NOISY or self.clipping > 10 * CLIPPED or mos < POOR:
            return "poor"
        if mos < GOOD or self.clipping > CLIPPED or self.bandwidth < TELEPHONE or self.loudness < FAINT:
            return "usable"
        return "good"

    def measures(self) -> dict[str, float | str | None]:
        """What the record of a run keeps, in the units above."""
        return {
            "verdict": self.verdict,
            "speech": round(self.seconds, 2),
            "loudness": round(self.loudness, 1),
            "snr": round(self.snr, 1),
            "clipping": round(self.clipping, 4),
            "bandwidth": round(self.bandwidth),
            "quality": self.quality,
        }

    def flaws(self) -> Iterator[str]:
        """What is wrong, as sentences that advise."""
        if self.clipping > HOPELESSLY_CLIPPED:
            yield f"the recording is clipped beyond repair ({self.clipping:.0%}); record at a lower level"
        elif self.clipping > CLIPPED:
            yield f"the recording is clipped ({self.clipping:.1%} of it); record at a lower level"
        if self.snr < NOISY:
            yield f"the recording is noisy (speech {self.snr:.0f} dB above the noise); record in a quiet room"
        if self.loudness < FAINT:
            yield f"the recording is faint ({self.loudness:.0f} LUFS); speak closer to the microphone"
        if self.bandwidth < TELEPHONE:
            yield f"the recording has nothing above {self.bandwidth / 1000:.1f} kHz, like a telephone call"


def examine(wave: Array, listeners: Listeners) -> Condition:
    """The condition of a recording (s) at 16 kHz.

    What needs a network that cannot be had is left out. Raises InputError for a recording that is silent.
    """
    decibels = levels(wave)
    peak = float(np.abs(wave).max())
    loud = wave / np.float32(peak)
    speech, heard = spoken(loud, decibels, listeners.activity)
    if not speech.any():
        return Condition(speech, heard, level.SILENCE, 0.0, 0.0, 0.0, None)
    only = cut(wave, speech)
    middle = spectrum.average(only)
    return Condition(
        speech,
        heard,
        level.loudness(loud, LISTEN_RATE) + float(20 * np.log10(peak)),
        _snr(decibels, speech),
        clipped_share(wave),
        _bandwidth(middle),
        rate_quality(loud, listeners.quality),
    )


def cut(wave: Array, speech: NDArray[np.bool_]) -> Array:
    """The stretches of a recording (s) at 16 kHz that are speech, joined."""
    return wave[: len(speech) * HOP].reshape(-1, HOP)[speech].ravel()


def rate_quality(wave: Array, name: str) -> float | None:
    """DNSMOS of speech (s) at 16 kHz, or None when the network cannot be had."""
    try:
        return quality.judge(wave, name).overall
    except WeightsError:
        return None


def without_noise(wave: Array, name: str) -> Array | None:
    """Speech (s) at 16 kHz with less noise, or None, with a note, when the network cannot be had."""
    try:
        return denoise(wave, name)
    except WeightsError:
        note(f"noise is not taken out: {name} is not here (get it with 'pfy weights pull {name}')")
        return None


def levels(wave: Array) -> NDArray[np.float64]:
    """dBFS every 10 ms. Raises InputError when none is loud enough to be heard."""
    count = len(wave) // HOP
    frames = wave[: count * HOP].reshape(count, HOP).astype(np.float64)
    frames = frames - frames.mean(axis=1, keepdims=True)
    decibels = 10 * np.log10((frames**2).mean(axis=1) + 1e-12)
    loud = float(np.percentile(decibels, 95)) if count else level.SILENCE
    if loud < INAUDIBLE:
        sends = f"the recording is silent: its loud parts are at {loud:.0f} dBFS"
        raise InputError(sends, f"speech above {INAUDIBLE:g} dBFS", FIX)
    return decibels


def spoken(wave: Array, decibels: NDArray[np.float64], name: str) -> tuple[NDArray[np.bool_], bool]:
    """Which 10 ms are speech: what the network says, else what is loud; and which of the two."""
    loud = float(np.percentile(decibels, 95))
    background = float(np.percentile(decibels, 10))
    floor = max(loud - SPEECH_RANGE, min(background + ABOVE_NOISE, loud - ABOVE_NOISE))
    try:
        return activity.is_speech(wave, HOP, name) & (decibels > loud - SPEECH_RANGE), True
    except WeightsError:
        return decibels > floor, False


def _snr(decibels: NDArray[np.float64], speech: NDArray[np.bool_]) -> float:
    power = 10 ** (decibels / 10)
    pauses = power[~_widened(speech)]
    if len(pauses) * HOP < LEAST_BACKGROUND * LISTEN_RATE:
        pauses = np.sort(power)[: max(1, len(power) // 10)]
    background = float(np.median(pauses))
    voice = max(float(power[speech].mean()) - background, 1e-12)
    return min(BEST_SNR, 10 * float(np.log10(voice / max(background, 1e-12))))


def _widened(speech: NDArray[np.bool_], by: int = 10) -> NDArray[np.bool_]:
    """Speech and 100 ms on either side, where its sounds fade in and out."""
    return np.convolve(speech, np.ones(2 * by + 1))[by : by + len(speech)] > 0


def _bandwidth(decibels: Array) -> float:
    """The highest frequency of a spectrum (48) before it ends for good."""
    centres = spectrum.band_edges()[1:-1]
    middle = float(decibels[(centres > 1000) & (centres < 3000)].mean())
    heard = np.flatnonzero(decibels > middle - NARROW)
    return float(centres[heard[-1]]) if len(heard) else 0.0
