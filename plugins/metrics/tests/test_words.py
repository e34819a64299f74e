"""Words heard beside words said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_metrics.words import word_errors

WORDS = st.lists(st.sampled_from(["a", "map", "of", "the", "bay"]), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("heard", "errors"),
    [("a warm room", 0.0), ("a warm", 1 / 3), ("a cold room", 1 / 3), ("a very warm room", 1 / 3), ("", 1.0)],
)
def test_words_are_counted_as_errors_when_wrong_missing_or_added(heard, errors):
    assert word_errors("A warm -- room!", heard) == pytest.approx(errors)


def test_of_no_words_there_is_no_rate():
    assert np.isnan(word_errors("...", "a"))


@given(WORDS, WORDS)
def test_word_errors_stay_within_bounds(said, heard):
    errors = word_errors(" ".join(said), " ".join(heard)) * len(said)
    assert abs(len(said) - len(heard)) - 1e-9 <= errors <= max(len(said), len(heard)) + 1e-9
    assert (errors == 0) == (said == heard)
