"""Short-time objective intelligibility: how well the envelopes of speech survive, band by band.

Taal et al., IEEE TASLP 19(7), 2011 (STOI); Jensen and Taal, IEEE TASLP 24(11), 2016 (extended: ESTOI).
Two protocols that differ in how they come to 10 kHz, and in what they add to a denominator:

stoi/pystoi-0.4.1  the Python package (its 0.4.0 differs by up to 2e-3: it counts one frame more)
stoi/matlab        the authors' stoi.m, with MATLAB's resample
"""

from __future__ import annotations

import functools
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pfy_plugin_metrics.resampling import resampled
from pfy_plugin_metrics.threads import one_thread
from pfy_plugin_metrics.unscored import Unscored

Array = NDArray[np.float64]
Protocol = Literal["stoi/pystoi-0.4.1", "stoi/matlab", "estoi/pystoi-0.4.1"]

RATE = 10_000
"""Hz (2011, section II)."""
FRAME, HOP, BINS = 256, 128, 512
BANDS, LOWEST = 15, 150.0
"""Third-octave bands, and the centre of the lowest in Hz."""
SEGMENT = 30
"""Frames that are compared at once: 384 ms."""
QUIET = 40.0
"""dB below the loudest frame of the reference, from where a frame is left out."""
CLIP = 1 + 10 ** (15 / 20)
"""The most that a band of what was made may exceed the reference: a signal-to-distortion ratio of -15 dB."""
EPS = float(np.finfo(float).eps)
"""What pystoi adds to norms before it divides; stoi.m adds nothing."""
WINDOW = np.hanning(FRAME + 2)[1:-1]
"""MATLAB's hanning: without the zeros at its ends."""


def stoi(made: Array, reference: Array, rate: int, protocol: Protocol = "stoi/pystoi-0.4.1") -> float:
    """STOI of ``made`` against ``reference``, both (s) and aligned in time; 1 when they are the same.

    rate: of both, in Hz. What is longer is cut. Raises Unscored where the protocol has no answer: the
    reference is silent, or fewer than 30 of its frames are within 40 dB of the loudest.
    """
    length = min(len(made), len(reference))
    waves = np.stack([np.asarray(side[:length], np.float64) for side in (reference, made)])
    exact = protocol == "stoi/matlab"
    if not np.any(waves[0]):
        raise Unscored("the reference is silent")
    waves = resampled(waves, rate, RATE, "matlab" if exact else "octave")
    frames = _frames(_speech(waves))
    if frames.shape[1] < SEGMENT:
        seconds = SEGMENT * HOP / RATE
        raise Unscored(
            f"{frames.shape[1] * HOP / RATE:.2f} s of speech in the reference, {seconds:.2f} s wanted"
        )
    spectra = np.fft.rfft(frames * WINDOW, BINS).view(np.float64)
    with one_thread():
        bands = np.sqrt(np.square(spectra, out=spectra) @ _octaves())
    clean, other = np.ascontiguousarray(bands.transpose(0, 2, 1))
    segments = sliding_window_view(clean, SEGMENT, 1), sliding_window_view(other, SEGMENT, 1)
    if protocol == "estoi/pystoi-0.4.1":
        return _extended(*segments)
    value = _correlation(*segments, 0.0 if exact else EPS)
    if not np.isfinite(value):
        raise Unscored("a band without any sound, for which stoi.m divides by zero")
    return value


def _correlation(clean: Array, other: Array, eps: float) -> float:
    """Mean correlation of the segments' bands (bands segments frames), the made ones scaled and clipped."""
    with np.errstate(invalid="ignore", divide="ignore"):
        gain = _norm(clean) / (_norm(other) + eps)
        other = np.minimum(other * gain, clean * CLIP)
        other -= other.mean(-1, keepdims=True)
        clean = clean - clean.mean(-1, keepdims=True)
        products = np.einsum("bsn,bsn->bs", clean, other)[..., None]
        return float((products / ((_norm(clean) + eps) * (_norm(other) + eps))).mean())


def _extended(clean: Array, other: Array) -> float:
    """Mean correlation of the segments' spectra, after each band and then each spectrum is normalised."""
    one, two = (_normalised(_normalised(side, -1), 0) for side in (clean, other))
    return float(np.einsum("bsn,bsn->", one, two) / (SEGMENT * clean.shape[1]))


def _normalised(segments: Array, axis: int) -> Array:
    """Mean 0 and norm 1 along an axis; what does not vary becomes 0, where pystoi draws noise of 1e-16."""
    centred = segments - segments.mean(axis, keepdims=True)
    norm = np.sqrt((centred**2).sum(axis, keepdims=True))
    still = norm <= segments.shape[axis] * EPS * np.abs(segments).max(axis, keepdims=True)
    return np.where(still, 0.0, centred / np.where(still, 1.0, norm))


def _norm(segments: Array) -> Array:
    return np.sqrt(np.einsum("bsn,bsn->bs", segments, segments))[..., None]


def _speech(waves: Array) -> Array:
    """Both waves (2 s) without the frames in which the reference, which is the first, is quiet."""
    frames = _frames(waves) * WINDOW
    if not frames.shape[1]:
        return waves[:, :0]
    level = 20 * np.log10(np.linalg.norm(frames[0], axis=1) + EPS)
    frames = frames[:, level > level.max() - QUIET]
    halves = frames.reshape(2, -1, 2, HOP)
    joined = np.zeros((2, halves.shape[1] + 1, HOP))
    joined[:, :-1] += halves[:, :, 0]
    joined[:, 1:] += halves[:, :, 1]
    return joined.reshape(2, -1)


def _frames(waves: Array) -> Array:
    """(2 s) -> (2 frames 256); as in stoi.m, what ends with the wave itself is no frame."""
    if waves.shape[1] <= FRAME:
        return np.zeros((2, 0, FRAME))
    return sliding_window_view(waves[:, :-1], FRAME, 1)[:, ::HOP]


@functools.cache
def _octaves() -> Array:
    """(2 bins, bands): which bins, each a real and an imaginary part, belong to which third of an octave."""
    bins = np.linspace(0, RATE, BINS + 1)[: BINS // 2 + 1]
    edges = LOWEST * 2 ** ((2 * np.arange(BANDS + 1) - 1) / 6)
    starts = np.abs(bins - edges[:, None]).argmin(1)
    index = np.arange(len(bins)).repeat(2)[:, None]
    return ((index >= starts[:-1]) & (index < starts[1:])).astype(float)
