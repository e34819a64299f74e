"""Motion and speech made for tests."""

from __future__ import annotations

import numpy as np

from pfy_core.kinds import MOTION_CHANNELS, MOTION_INDEX, Phone

RATE = 24_000


def pose(**channels: float) -> np.ndarray:
    """A row of motion; a name without Left or Right sets both sides."""
    row = np.zeros(len(MOTION_CHANNELS), np.float32)
    for name, value in channels.items():
        for full in [name] if name in MOTION_INDEX else [name + "Left", name + "Right"]:
            row[MOTION_INDEX[full]] = value
    return row


def speech(script: str, seconds: float = 0.12, seed: int = 0) -> tuple[np.ndarray, list[Phone]]:
    """Noise as loud as its sounds for a script such as "m a m a _ p a p a" ("_" is silence)."""
    random = np.random.default_rng(seed)
    loud = {"_": 0.0, "m": 0.05, "p": 0.01, "b": 0.02, "s": 0.08}
    phones, parts = [], []
    for index, symbol in enumerate(script.split()):
        start = index * seconds
        silent = symbol == "_"
        phones.append(Phone("" if silent else symbol, start, start + seconds, 2 if symbol == "a" else 0))
        parts.append(random.normal(0, loud.get(symbol, 0.2), round(seconds * RATE)))
    return np.clip(np.concatenate(parts), -1, 1).astype(np.float32), phones


def voice(
    script: str, *, seconds: float = 0.18, **heights: tuple[float, float]
) -> tuple[np.ndarray, list[Phone]]:
    """A voiced wave for syllables (n and a) such as "a a B a _": all at 150 Hz and one loudness, but those
    named in ``heights`` by (semitones higher, times louder) at their end; none is marked as stressed."""
    phones, parts, phase = [], [], 0.0
    for index, name in enumerate(script.split()):
        rise, gain = heights.get(name, (0.0, 1.0))
        share = np.linspace(0, 1, round(seconds * RATE))
        turns = phase + np.cumsum(150 * 2 ** (rise * share / 12)) / RATE
        phase = float(turns[-1] % 1)
        tones = sum(np.sin(2 * np.pi * k * turns) / k for k in range(1, 12))
        shape = 0.25 + 0.75 * np.sin(np.pi * share)
        parts.append((0.0 if name == "_" else 0.06 * gain) * shape * tones)
        start, end = index * seconds, (index + 1) * seconds
        if name == "_":
            phones.append(Phone("", start, end))
        else:
            phones += [Phone("n", start, start + 0.3 * seconds), Phone("a", start + 0.3 * seconds, end)]
    return np.concatenate(parts).astype(np.float32), phones
