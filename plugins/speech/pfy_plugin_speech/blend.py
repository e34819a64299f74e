"""Blending voices toward a speaker: the mixture whose embedding comes nearest, of voices of about that pitch.

Kokoro's style vectors can be added: a weighted mean of voices speaks in a voice between them. The weights are
those of the non-negative least squares fit of the voices' embeddings to the speaker's. Measured on five
speakers (similarity to recordings that were not fitted): default voice .61, nearest voice .69, blend .73, at
a higher DNSMOS (3.24, 3.34, 3.44).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pfy_plugin_speech import bank
from pfy_plugin_speech.ports import Array

GATE = 0.30
"""Voices are candidates whose log F0 differs by less (5 semitones); without it men are mixed into women."""
FEWEST, NEAREST = 4, 6
"""With fewer candidates than the first number, so many of the nearest in pitch are taken."""
PITCH = 0.8
"""What a unit of log F0 weighs against one of the embedding."""
SWEEPS = 400
"""Passes over the weights; they settle within 100."""


def blended(embedding: Array, f0: float, voices: Sequence[str]) -> dict[str, float]:
    """Shares of ``voices``, summing to 1, that come nearest to a speaker (unit vector (256), F0 in Hz)."""
    sounds = [bank.sounds()[voice] for voice in voices]
    away = np.log([sound.f0 / f0 for sound in sounds])
    order = np.argsort(np.abs(away), kind="stable")
    near = order[np.abs(away[order]) < GATE]
    chosen = near if len(near) >= FEWEST else order[:NEAREST]
    columns = np.stack([np.append(sounds[i].embedding, PITCH * away[i]) for i in chosen], axis=1)
    weights = non_negative(columns.astype(np.float64), np.append(embedding, 0.0))
    total = weights.sum()
    if not total:
        return {voices[int(chosen[0])]: 1.0}
    return {voices[int(i)]: float(w / total) for i, w in zip(chosen, weights, strict=True) if w > 0}


def non_negative(columns: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The x (n) without negative entries that minimises the length of ``columns @ x - target``.

    By coordinate descent: each entry in turn is set to its best value, or to 0.
    """
    gram, projection = columns.T @ columns, columns.T @ target
    x = np.zeros(len(projection))
    for _ in range(SWEEPS):
        before = x.copy()
        for i in range(len(x)):
            x[i] = max(0.0, x[i] + (projection[i] - gram[i] @ x) / gram[i, i])
        if np.abs(x - before).max() < 1e-9:
            break
    return x
