"""Measures of sound."""

import numpy as np
import pytest

from pfy_bench.portrait import sound

RATE = 16_000


@pytest.mark.parametrize("level", [0.1, 0.5])
def test_a_tone_has_the_loudness_that_the_standard_says(level):
    """EBU Tech 3341: a 1 kHz sine of amplitude a in one channel has 20 log10(a) - 3.01 LUFS."""
    tone = level * np.sin(2 * np.pi * 1000 * np.arange(5 * RATE) / RATE).astype(np.float32)
    assert sound.loudness(tone, RATE) == pytest.approx(20 * np.log10(level) - 3.01, abs=0.15)
