"""Taking noise out of speech: GTCRN, a network of 48,000 parameters.

X. Rong et al., "GTCRN: a speech enhancement model requiring ultralow computational resources", ICASSP 2024.
It works on spectra of 32 ms, one after the other, and remembers what it has heard in three arrays.
"""

from __future__ import annotations

import numpy as np

from pfy_plugin_speech.listen.session import open_network
from pfy_plugin_speech.ports import Array

N_FFT, HOP = 512, 256
MEMORY = {"conv_cache": (2, 1, 16, 16, 33), "tra_cache": (2, 3, 1, 1, 16), "inter_cache": (2, 1, 33, 16)}
PEAK = 0.5
"""Level that the network hears a recording at: it was trained on speech of normal level."""


def denoise(wave: Array, name: str) -> Array:
    """Speech (s) at 16 kHz with less noise; same length and level. Raises WeightsError."""
    peak = float(np.abs(wave).max()) if len(wave) else 0.0
    if not peak:
        return wave
    network = open_network(name)
    window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)
    frames = -(-len(wave) // HOP) + 1
    padded = np.zeros((frames + 1) * HOP, np.float32)
    padded[HOP : HOP + len(wave)] = wave * np.float32(PEAK / peak)
    spectra = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP] * window, axis=1)
    memory = {key: np.zeros(shape, np.float32) for key, shape in MEMORY.items()}
    made = np.zeros_like(padded)
    for index, spectrum in enumerate(spectra):
        mix = np.stack([spectrum.real, spectrum.imag], axis=-1).astype(np.float32)[None, :, None]
        enhanced, *rest = network.run(None, {"mix": mix, **memory})
        memory = dict(zip(MEMORY, rest, strict=True))
        parts = np.asarray(enhanced)[0, :, 0]
        made[index * HOP : index * HOP + N_FFT] += np.fft.irfft(parts[:, 0] + 1j * parts[:, 1]) * window
    return (made[HOP : HOP + len(wave)] * (peak / PEAK)).astype(np.float32)
