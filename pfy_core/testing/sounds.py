"""Sounds like speech, made of tones, and what is said in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_core.kinds import Phone, VoiceProfile, Word

if TYPE_CHECKING:
    from numpy.typing import NDArray

SYLLABLE = 0.24
"""Seconds of a syllable: people speak four to five a second."""
SOUNDS = ("m", "a", "b", "i", "s", "u", "p", "o", "f", "e", "t", "ə")
WORDS = ["five", "quick", "bright", "lions", "jump", "over", "my", "wide", "wooden", "bench", "and", "laugh"]
PITCH = 120.0
"""Hz, of a low voice; it sways by a sixth."""
LEVEL = 0.5
FORMANTS = ((700.0, 130.0), (1200.0, 180.0), (2600.0, 250.0))
"""Frequency and width in Hz of an open vowel's formants."""


def wave(length: int, rate: float, seed: int) -> NDArray[np.float32]:
    """Voiced syllables with pauses between words: float32 (s), mono, at most LEVEL."""
    time = np.arange(length) / rate
    random = np.random.default_rng(seed)
    pitch = PITCH * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * time + random.uniform(0, 6)))
    turns = np.cumsum(pitch) / rate
    sound = np.zeros(length)
    for harmonic in range(1, int(min(4000.0, 0.45 * rate) / (PITCH * 1.2)) + 1):
        gains = [np.exp(-(((harmonic * PITCH - place) / width) ** 2)) for place, width in FORMANTS]
        gain = (0.1 + sum(gains)) / harmonic**0.5
        sound += gain * np.sin(2 * np.pi * harmonic * turns + random.uniform(0, 6))
    beat = np.sin(np.pi * time / SYLLABLE) ** 2
    pause = np.floor(time / SYLLABLE) % 5 == 4
    sound = sound * beat * ~pause + random.normal(0, 1e-3, length)
    loudest = max(float(np.abs(sound).max(initial=0.0)), 1.0)
    made: NDArray[np.float32] = (LEVEL * sound / loudest).astype(np.float32)
    return made


def phones(seconds: float) -> list[Phone]:
    """Sounds of half a syllable each, without gaps, to the end."""
    made, start, step = list[Phone](), 0.0, SYLLABLE / 2
    while start < seconds - 1e-9:
        index = len(made)
        end = seconds if seconds - start < 1.5 * step else start + step
        symbol = "" if index % 10 >= 8 or not index else SOUNDS[index % len(SOUNDS)]
        made.append(Phone(symbol, start, end, 2 if symbol == "a" else 0))
        start = end
    return made


def words(seconds: float) -> list[Word]:
    """A word every two syllables."""
    starts = np.arange(0, seconds, 2 * SYLLABLE)
    return [
        Word(WORDS[index % len(WORDS)], float(start), float(min(start + 2 * SYLLABLE, seconds)))
        for index, start in enumerate(starts)
    ]


def text(seconds: float) -> str:
    """Words that take about that long to say; one at least, but for 0 s."""
    count = max(round(seconds / (2 * SYLLABLE)), 1) if seconds else 0
    full = [WORDS[index % len(WORDS)] for index in range(count)]
    return " ".join(full) + "." * bool(full)


def profile(seconds: float) -> VoiceProfile:
    """What ``encoder/voice`` might say of a low voice that was well recorded."""
    slope = np.linspace(12, -12, 48, dtype=np.float32)
    return VoiceProfile(
        seconds, PITCH, 2.5, slope, -20.0, 40.0, f0_range=(0.8 * PITCH, 1.25 * PITCH), tilt=-6.0
    )
