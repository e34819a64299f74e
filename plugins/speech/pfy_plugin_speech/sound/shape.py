"""Shaping a voice toward another: pitch by resampling, colour by half of the difference of spectra.

Both are mild on purpose. Full conversion with a vocoder was measured to take speech further from its
goal and to spoil it (DNSMOS 3.3 to 2.3); half-strength equalisation brings it nearer at no cost.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from pfy_plugin_speech.ports import RATE, Array
from pfy_plugin_speech.sound.spectrum import BANDS, band_edges, fast_length

STRENGTH = 0.5
"""Part of the spectral difference that is applied; 1.0 is measured worse than 0.5 to 0.6."""
SMOOTH = 14
"""Cepstral coefficients that are kept: the tilt and the broad peaks, not single formants."""
LARGEST = 6.0
"""Largest change in dB, so that a telephone recording does not muffle the speech."""
FLAT_BELOW, FADES_ABOVE = 90.0, 7000.0
"""Hz: below there is no voice, above there is mostly room and codec."""
TAPS = 513


def equaliser(own: Array, wanted: Array) -> Array:
    """Gains in dB, float32 (48), that bring the spectrum ``own`` half the way to ``wanted`` (both (48))."""
    cosines = _cosines()
    gains = STRENGTH * cosines.T @ (cosines @ (np.asarray(wanted, np.float64) - own))
    return np.clip(gains - gains.mean(), -LARGEST, LARGEST).astype(np.float32)


def impulse_response(gains: Array) -> Array:
    """A linear-phase filter, float32 (TAPS), of mel-band gains (48) at 24 kHz."""
    centres = band_edges()[1:-1]
    frequencies = np.linspace(0, RATE / 2, 2 * TAPS - 1)
    decibels = np.interp(frequencies, centres, gains)
    decibels *= np.clip((frequencies - FLAT_BELOW / 2) / (FLAT_BELOW / 2), 0, 1)
    decibels *= np.clip(2 - frequencies / FADES_ABOVE, 0, 1)
    response = np.roll(np.fft.irfft(10 ** (decibels / 20)), TAPS // 2)[:TAPS]
    return (response * np.hamming(TAPS)).astype(np.float32)


def loudness_change(own: Array, gains: Array) -> float:
    """By how many dB band gains make a voice of spectrum ``own`` (48) louder; its bands weigh by width."""
    widths = np.diff(band_edges())[1:]
    power = widths * 10 ** (np.asarray(own, np.float64) / 10)
    return float(10 * np.log10((power * 10 ** (np.asarray(gains, np.float64) / 10)).sum() / power.sum()))


def filtered(wave: Array, response: Array) -> Array:
    """A wave (s) through a linear-phase filter, without its delay; same length."""
    size = fast_length(len(wave) + len(response) - 1)
    product = np.fft.rfft(wave, size) * np.fft.rfft(response, size)
    first = len(response) // 2
    return np.fft.irfft(product, size)[first : first + len(wave)].astype(np.float32)


def pitched(wave: Array, ratio: float) -> Array:
    """A wave (s) with all frequencies times ``ratio`` and its length divided by it."""
    return wave if ratio == 1 else np.asarray(soxr.resample(wave, RATE * ratio, RATE), np.float32)


def _cosines() -> NDArray[np.float64]:
    """The first SMOOTH rows of the orthonormal discrete cosine transform (SMOOTH BANDS)."""
    k, n = np.arange(SMOOTH)[:, None], np.arange(BANDS)
    rows = np.cos(np.pi * k * (n + 0.5) / BANDS) * np.sqrt(2 / BANDS)
    rows[0] /= np.sqrt(2)
    return rows
