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
