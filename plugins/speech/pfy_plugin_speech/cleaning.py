"""Cleaning a recording: what was cut off is rebuilt, noise is taken out, the level is brought to normal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr

from pfy_plugin_speech.condition import (
    CLIPPED,
    GOOD,
    HOPELESSLY_CLIPPED,
    NOISY,
    Condition,
    without_noise,
)
from pfy_plugin_speech.ports import LISTEN_RATE, RATE, Array
from pfy_plugin_speech.sound import level, restore

QUIET_ENOUGH = 25.0
"""dB of speech above the background from which on noise reduction has nothing to do; below, it runs when
DNSMOS is low as well."""
FRAME = 240
"""Samples at 24 kHz over which the treble's gain is averaged: 10 ms."""


@dataclass(frozen=True)
class Needs:
    """What a recording needs."""

    declip: bool = False
    denoise: bool = False

    @property
    def any(self) -> bool:
        return self.declip or self.denoise


def needs(found: Condition) -> Needs:
    """What would make a recording better: nothing for a good one."""
    poor = found.quality is not None and found.quality < GOOD
    return Needs(
        declip=CLIPPED < found.clipping <= HOPELESSLY_CLIPPED,
        denoise=found.snr < NOISY or (poor and found.snr < QUIET_ENOUGH),
    )


def cleaned(wave: Array, rate: int, wanted: Needs, denoiser: str) -> tuple[Array, tuple[str, ...]]:
    """A recording (s) at 16 or 24 kHz with what it needs done to it, and what that was; same length."""
    done = []
    if wanted.declip:
        wave = restore.declipped(wave, rate)
        done.append("rebuilt what was cut off")
    wave = restore.without_rumble(wave, rate)
    if wanted.denoise:
        quieter = _denoised(wave, rate, denoiser)
        if quieter is not None:
            wave = quieter
            done.append("took noise out")
    return wave, tuple(done)


def _denoised(wave: Array, rate: int, denoiser: str) -> Array | None:
    if rate == LISTEN_RATE:
        return without_noise(wave, denoiser)
    low = np.asarray(soxr.resample(wave, rate, LISTEN_RATE), np.float32)
    quieter = without_noise(low, denoiser)
    if quieter is None:
        return None
    before, after = (_fitted(soxr.resample(part, LISTEN_RATE, rate), len(wave)) for part in (low, quieter))
    return after + (wave - before) * _gain(before, after, rate)


def _gain(before: Array, after: Array, rate: int) -> Array:
    """What the denoiser leaves of each 10 ms, as a smooth factor for the treble that it does not hear."""
    frame = FRAME * rate // RATE
    count = -(-len(before) // frame)
    energies = [
        (np.pad(part, (0, count * frame - len(part))).reshape(count, frame) ** 2).mean(axis=1)
        for part in (before, after)
    ]
    factor = np.sqrt(np.clip(energies[1] / (energies[0] + 1e-10), 0.0, 1.0))
    centres = (np.arange(count) + 0.5) * frame
    return np.interp(np.arange(len(before)), centres, factor).astype(np.float32)


def _fitted(wave: Array, length: int) -> Array:
    return np.pad(wave[:length], (0, max(0, length - len(wave)))).astype(np.float32)


def levelled(wave: Array, rate: int, target: float) -> Array:
    """Speech (s) at ``target`` LUFS with its peaks limited; silence stays silent."""
    peak = float(np.abs(wave).max()) if len(wave) else 0.0
    if not peak:
        return wave
    for _ in range(2):  # the limiter takes some loudness away, which the second pass gives back
        scaled = wave / np.float32(peak)
        found = level.loudness(scaled, rate)
        if found == level.SILENCE:
            return wave
        own = found + 20 * float(np.log10(peak))
        wave = level.limit(wave * np.float32(level.gain(target - own)))
        peak = float(np.abs(wave).max())
    return wave
