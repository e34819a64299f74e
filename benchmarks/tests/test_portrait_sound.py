"""Measures of sound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_bench.portrait import sound

RATE = 16_000
WORDS = st.lists(st.sampled_from(["a", "map", "of", "the", "bay"]), min_size=1, max_size=8)


@pytest.mark.parametrize("level", [0.1, 0.5])
def test_a_tone_has_the_loudness_that_the_standard_says(level):
    """EBU Tech 3341: a 1 kHz sine of amplitude a in one channel has 20 log10(a) - 3.01 LUFS."""
    tone = level * np.sin(2 * np.pi * 1000 * np.arange(5 * RATE) / RATE).astype(np.float32)
    assert sound.loudness(tone, RATE) == pytest.approx(20 * np.log10(level) - 3.01, abs=0.15)


def test_known_word_errors():
    assert sound.word_errors("A map, of the bay.", "a map of the bay") == 0
    assert sound.word_errors("a map of the bay", "a map the big bay") == pytest.approx(2 / 5)
    assert sound.word_errors("a map", "") == 1
    assert np.isnan(sound.word_errors("...", "a"))


@given(WORDS, WORDS)
def test_word_errors_stay_within_bounds(said, heard):
    errors = sound.word_errors(" ".join(said), " ".join(heard)) * len(said)
    assert abs(len(said) - len(heard)) - 1e-9 <= errors <= max(len(said), len(heard)) + 1e-9
    assert (errors == 0) == (said == heard)
