"""Mel-cepstral distortion: how far the spectral envelopes of two recordings are apart, in dB.

10 √2 / ln 10 · mean over pairs of frames of |c - ĉ|  (Kubichek, 1993)

Everything else is convention, and conventions differ by a factor of two and more:

mcd/mcep-dtw           16 kHz; Hamming windows of 25 ms every 5 ms; mel-cepstra of order 23, α = 0.42, by
                       unbiased estimation; c0 (the level) left out; exact dynamic time warping. A gain
                       changes nothing.
mcd/pymcd-0.2.1-plain  the package in its mode "plain": 22.05 kHz; WORLD's envelope every 5 ms; order 13,
                       α = 0.65, c0 in; the shorter one padded with silence. Its floor of 1e-8 is absolute:
                       a gain changes the result.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pfy_core import InputError
from pfy_plugin_metrics import mel_cepstrum
from pfy_plugin_metrics.threads import one_thread
from pfy_plugin_metrics.unscored import Unscored
from pfy_plugin_metrics.warping import path

Array = NDArray[np.float64]
Protocol = Literal["mcd/mcep-dtw", "mcd/pymcd-0.2.1-plain"]

DECIBELS = 10 * np.sqrt(2) / np.log(10)
RATE, WINDOW, HOP, BINS = 16_000, 400, 80, 512
ORDER, ALPHA = 23, 0.42
"""For 16 kHz, as ESPnet's recipes have them."""
FLOOR = 1e-8
"""Added to the power of every frequency, in parts of the loudest frame's mean: -80 dB."""
LONGEST = 60.0
"""Seconds; the table of the warping takes a byte for each pair of frames: 144 MB."""
PYMCD_RATE, PYMCD_BINS, PYMCD_PERIOD = 22_050, 512, 5.0
PYMCD_ORDER, PYMCD_ALPHA, PYMCD_FLOOR = 13, 0.65, 1e-8
"""pymcd/mcd.py, wav2mcep_numpy."""


def mcd(made: Array, reference: Array, protocol: Protocol = "mcd/mcep-dtw") -> float:
    """MCD in dB of ``made`` (s) against ``reference`` (n), both at 16 kHz; 0 when they are the same.

    Raises Unscored for silence, and for what is too short or too long; InputError when pymcd's protocol is
    asked for and WORLD is not installed.
    """
    for name, side in (("reference", reference), ("made", made)):
        if not np.any(side):
            raise Unscored(f"{name} is silent")
        if not WINDOW <= len(side) <= LONGEST * RATE:
            raise Unscored(
                f"{name} lasts {len(side) / RATE:.3f} s, wanted {WINDOW / RATE:g} to {LONGEST:g} s"
            )
    if protocol == "mcd/mcep-dtw":
        one, two = (_mel_cepstra(side)[:, 1:] for side in (made, reference))
        pairs = path(one, two)
        one, two = one[pairs[:, 0]], two[pairs[:, 1]]
    else:
        one, two = _as_pymcd(made, reference)
    return float(DECIBELS * np.linalg.norm(one - two, axis=1).mean())


def _mel_cepstra(wave: Array) -> Array:
    """(s) -> (frames order+1)"""
    frames = sliding_window_view(np.asarray(wave, np.float64), WINDOW)[::HOP] * np.hamming(WINDOW)
    spectra = np.fft.rfft(frames, BINS)
    power = spectra.real**2 + spectra.imag**2
    power += FLOOR * power.mean(axis=1).max()
    with one_thread():
        return mel_cepstrum.unbiased(power, ORDER, ALPHA)


def _as_pymcd(made: Array, reference: Array) -> tuple[Array, Array]:
    length = max(len(made), len(reference))
    sides = (np.pad(side, (0, length - len(side))) for side in (made, reference))
    one, two = (
        # WORLD's envelope is a power, and pymcd gives it to SPTK as a magnitude (itype=3): squared once more.
        mel_cepstrum.bent(np.log(_envelope(side) ** 2 + PYMCD_FLOOR), PYMCD_ORDER, PYMCD_ALPHA)
        for side in sides
    )
    return one, two


def _envelope(wave: Array) -> Array:
    """WORLD's spectral envelope (frames bins) of a wave at 16 kHz, as a power."""
    import soxr

    world = _world()
    wave = soxr.resample(wave.astype(np.float32), RATE, PYMCD_RATE, "HQ").astype(np.float64)
    rough, times = world.dio(wave, PYMCD_RATE, frame_period=PYMCD_PERIOD)
    pitch = world.stonemask(wave, rough, times, PYMCD_RATE)
    return np.asarray(world.cheaptrick(wave, pitch, times, PYMCD_RATE, fft_size=PYMCD_BINS))


def _world() -> Any:
    try:
        import pyworld
    except ImportError as error:
        fix = "pip install 'pfy-plugin-metrics[world]'"
        raise InputError(
            "protocol mcd/pymcd-0.2.1-plain without WORLD", "the package pyworld", fix
        ) from error
    return pyworld
