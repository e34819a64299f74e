"""Recordings are checked before a network hears them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pfy_core import recording
from pfy_core.errors import InputError
from pfy_core.events import watching


@given(arrays.arrays(st.sampled_from([np.float32, np.float64, np.int16]), st.integers(1, 50)))
def test_finite_samples_pass_as_they_are_in_memory_of_their_own(wave):
    with np.errstate(over="ignore"):
        wanted = wave.astype(np.float32)
    if not np.isfinite(wanted).all():
        with pytest.raises(InputError, match="not finite"):
            recording.checked(wave, 16_000)
        return
    made = recording.checked(wave, 16_000)
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made, wanted)
    assert not np.shares_memory(made, wave)


@pytest.mark.parametrize(
    ("wave", "sends"),
    [
        (np.ones((2, 100), np.float32), r"shape \(2 100\)"),
        (np.float32(1), r"shape \(\)"),
        (np.ones(0, np.float32), "0 samples"),
        (np.ones(9, np.float32), "9 samples"),
        (np.full(10, np.nan, np.float32), "10 of 10 samples are not finite"),
    ],
)
def test_anything_else_is_refused_with_what_was_sent_and_wanted(wave, sends):
    with pytest.raises(InputError, match=sends) as refused:
        recording.checked(wave, 16_000, shortest=10)
    assert "16 kHz of 10 samples and more" in str(refused.value)


@pytest.mark.parametrize(("peak", "notes"), [(0, 1), (9e-6, 1), (1e-4, 0)])
def test_silence_is_noted(peak, notes):
    heard = []
    with watching(heard.append):
        recording.checked(np.full(10, peak, np.float32), 16_000)
    assert len(heard) == notes
