"""Patches of the log-mel spectrum, as VGGish was trained on them, in two ways to cut a recording.

fad/google-1s-0.5s  google-research's frechet_audio_distance: the recording divided by its highest sample,
                    or by 0.1 where that is more; the first 0.96 s of a second, every half second
fad/torch-0.96s     torchvggish and frechet-audio-distance: patches of 0.96 s, end to end

Constants: ``vggish_params.py``; the spectrum: ``mel_features.py`` (Hershey et al., arXiv 1609.09430).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pfy_plugin_networks.vggish import BANDS, FRAMES

Array = NDArray[np.float64]
FadProtocol = Literal["fad/google-1s-0.5s", "fad/torch-0.96s"]

RATE = 16_000
WINDOW, HOP, TRANSFORM = 400, 160, 512
"""Samples of a window (25 ms), between windows (10 ms), and of the Fourier transform."""
LOWEST, HIGHEST = 125.0, 7500.0
"""Edges of the mel bands, in Hz."""
OFFSET = 0.01
"""Added before the logarithm."""
SECOND, STEP = RATE, RATE // 2
"""Samples that Google's program takes a patch of, and between two of them (``model_step_size``)."""
QUIETEST = 0.1
"""The least that Google's program divides by: 20 dB of gain at most (``audioset_model.py``)."""
SHORTEST = {"fad/google-1s-0.5s": SECOND, "fad/torch-0.96s": (FRAMES - 1) * HOP + WINDOW}
"""Samples of one patch."""


def patches(wave: NDArray[np.floating], protocol: FadProtocol) -> NDArray[np.float32]:
    """A recording (s) at 16 kHz -> patches (n 96 64); none of a recording shorter than one."""
    samples = wave.astype(np.float64)
    if len(samples) < SHORTEST[protocol]:
        return np.empty((0, FRAMES, BANDS), np.float32)
    if protocol == "fad/torch-0.96s":
        rows = log_mel(samples)
        made = rows[: len(rows) // FRAMES * FRAMES].reshape(-1, FRAMES, BANDS)
    else:
        samples = samples / max(QUIETEST, samples.max())
        starts = range(0, len(samples) - SECOND + 1, STEP)
        made = np.stack([log_mel(samples[start : start + SECOND])[:FRAMES] for start in starts])
    return made.astype(np.float32)


def log_mel(samples: Array) -> Array:
    """Samples (s), a window's and more -> the logarithm of the magnitudes in mel bands (t 64)."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    return np.log(np.abs(np.fft.rfft(frames * _hann(), TRANSFORM)) @ _bands() + OFFSET)


@lru_cache
def _hann() -> Array:
    """The periodic window: its period is its length."""
    return 0.5 - 0.5 * np.cos(2 * np.pi / WINDOW * np.arange(WINDOW))


@lru_cache
def _bands() -> Array:
    """Weights (257 64): triangles that are straight on the mel scale."""
    mel = _mel(np.linspace(0, RATE / 2, TRANSFORM // 2 + 1))[:, None]
    edges = np.linspace(_mel(LOWEST), _mel(HIGHEST), BANDS + 2)
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (mel - lower) / (centre - lower), (upper - mel) / (upper - centre)
    return np.asarray(np.maximum(0, np.minimum(rising, falling)))


def _mel(hertz: Array | float) -> Array:
    """The mel scale of HTK."""
    return np.asarray(1127 * np.log(1 + np.asarray(hertz) / 700))
