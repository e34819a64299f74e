"""Sounds and helpers that the tests of speech share."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import settings

from pfy_core.events import watching
from pfy_plugin_speech import bank

FILES = bank.Files("hibari/heart", "piper/joe", "kokoro/model", "kokoro/styles")
TEXT = (
    "Good morning. My mother bought five purple balloons for the big party on Monday, and we ate some "
    "apple pie. The weather will stay warm until the weekend."
)
PATIENT = settings(deadline=None, max_examples=150)
"""For parsers; the first call loads the lexicon."""


def notes_of(call):
    """What a call returns, and the notes that it gives on its way."""
    notes = []
    with watching(lambda event: notes.append(event.text) if event.kind == "note" else None):
        return call(), notes


def tone(frequency, rate, seconds=1.0, peak=1.0):
    return (peak * np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


def voice_like(f0, seconds=1.0, rate=16_000, lowest=0.0, highest=4000.0):
    """Harmonics of ``f0`` (a number, or one per sample) that fall by 6 dB an octave, like a voice's."""
    f0 = np.broadcast_to(np.asarray(f0, float), int(seconds * rate))
    phase = 2 * np.pi * np.cumsum(f0) / rate
    wave = np.zeros(len(f0))
    for k in range(1, int(highest / f0.min()) + 1):
        inside = (k * f0 >= lowest) & (k * f0 <= highest)
        wave += inside * np.sin(k * phase + k) / k
    return (0.3 * wave / np.abs(wave).max()).astype(np.float32)


def noise(seconds, rate, level=0.1, seed=0):
    return (level * np.random.default_rng(seed).standard_normal(int(seconds * rate))).astype(np.float32)


def assert_contiguous(phones, start, end):
    """Phones follow each other without gaps and overlaps from ``start`` to ``end``."""
    assert phones[0].start == pytest.approx(start, abs=1e-6)
    assert phones[-1].end == pytest.approx(end, abs=1e-6)
    assert all(phone.end > phone.start for phone in phones)
    for one, other in itertools.pairwise(phones):
        assert one.end == pytest.approx(other.start, abs=1e-6)
