"""Level: loudness as ITU-R BS.1770-4 defines it, and a limiter that needs no look ahead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pfy_plugin_speech.ports import Array
from pfy_plugin_speech.sound.spectrum import fast_length

BLOCK, OVERLAP = 0.4, 0.75
ABSOLUTE_GATE, RELATIVE_GATE = -70.0, -10.0
SILENCE = -120.0
"""What is said of the loudness of silence, in LUFS."""

RING = 0.5
"""Seconds after which the filters have died away: 190 dB for the high pass at 38 Hz."""

KNEE, CEILING = 0.75, 0.98
"""Where limiting sets in, and what it never exceeds."""


def loudness(wave: Array, rate: int) -> float:
    """Integrated, gated loudness of a mono wave (s) in LUFS; SILENCE when all of it is gated out.

    A wave shorter than a block of 0.4 s counts as one block.
    """
    size = min(int(BLOCK * rate), len(wave))
    if not size:
        return SILENCE
    weighted = _k_weighted(np.asarray(wave, np.float64), rate)
    power = np.concatenate([[0.0], np.cumsum(weighted**2)])
    starts = np.arange(0, len(weighted) - size + 1, max(1, int(size * (1 - OVERLAP))))
    blocks = (power[starts + size] - power[starts]) / size
    heard = blocks[_lufs(blocks) > ABSOLUTE_GATE]
    if not len(heard):
        return SILENCE
    loud = heard[_lufs(heard) > _lufs(heard.mean()) + RELATIVE_GATE]
    return float(_lufs(loud.mean()))


def limit(wave: Array) -> Array:
    """The wave within -CEILING to CEILING: untouched up to the knee, then bent smoothly.

    A curve without memory, so that a stream limited piece by piece is the same as the whole.
    """
    size = np.abs(wave)
    room = CEILING - KNEE
    bent = KNEE + room * np.tanh((size - KNEE) / room)
    return np.where(size > KNEE, np.copysign(bent, wave), wave).astype(np.float32)


def gain(decibels: float) -> float:
    """A factor on samples from a change in decibels."""
    return float(10 ** (decibels / 20))


def _lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return -0.691 + 10 * np.log10(power + 1e-12)


def _k_weighted(wave: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """A wave (s) through the two filters of BS.1770, applied to its spectrum.

    (scipy's filters would do; importing them takes longer than making the speech.)
    """
    size = fast_length(len(wave) + int(RING * rate))
    delay = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    spectrum = np.fft.rfft(wave, size)
    for b0, b1, b2, a1, a2 in _k_weighting(rate):
        spectrum *= (b0 + b1 * delay + b2 * delay**2) / (1 + a1 * delay + a2 * delay**2)
    return np.fft.irfft(spectrum, size)[: len(wave)]


def _k_weighting(rate: int) -> tuple[tuple[float, float, float, float, float], ...]:
    """b0 b1 b2 a1 a2 of the two filters of BS.1770 at any rate, from their analogue parameters.

    Shelf: 1681.97 Hz, +4 dB, Q 0.7072; high pass: 38.135 Hz, Q 0.5003 (B. De Man, "Evaluation of
    implementations of the EBU R128 loudness measurement", AES 145, 2018).
    """
    k, q = np.tan(np.pi * 1681.9744509555319 / rate), 0.7071752369554193
    high = 10 ** (3.99984385397 / 20)
    band = high**0.499666774155
    norm = 1 + k / q + k * k
    shelf = (
        (high + band * k / q + k * k) / norm,
        2 * (k * k - high) / norm,
        (high - band * k / q + k * k) / norm,
        2 * (k * k - 1) / norm,
        (1 - k / q + k * k) / norm,
    )
    k, q = np.tan(np.pi * 38.13547087613982 / rate), 0.5003270373253953
    norm = 1 + k / q + k * k
    return shelf, (1.0, -2.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm)
