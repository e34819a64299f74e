"""Sounds with the envelope of speech, for tests: syllables of harmonics and noise, with pauses."""

import functools

import numpy as np


@functools.cache
def speech(seconds, rate=16_000, seed=0, pitch=120.0):
    """(s) float64: four syllables a second, every fourth one a pause of silence."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    wave = np.zeros(len(time))
    for index in range(int(np.ceil(seconds * 4))):
        if index % 4 == 3:
            continue
        envelope = np.clip(np.sin(np.pi * (time * 4 - index)), 0, None) * ((time * 4 // 1) == index)
        formants = random.uniform([250, 900, 2000], [800, 2200, 3200])
        tone = pitch * random.uniform(0.85, 1.2)
        for harmonic in range(1, int(3500 / tone)):
            gain = sum(1 / (1 + ((harmonic * tone - formant) / 90) ** 2) for formant in formants) + 0.003
            wave += envelope * gain * np.sin(2 * np.pi * harmonic * tone * time)
        wave += 0.05 * envelope * random.standard_normal(len(time))
    wave *= 0.3 / max(1e-9, np.abs(wave).max())
    wave.setflags(write=False)
    return wave


def noisy(wave, level, seed=1):
    """The wave in noise, ``level`` dB below it (or above, if negative)."""
    noise = np.random.default_rng(seed).standard_normal(len(wave))
    return wave + noise * 10 ** (-level / 20) * np.sqrt(np.mean(wave**2))
