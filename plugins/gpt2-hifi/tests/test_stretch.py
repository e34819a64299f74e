import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from speech_cases import normal
from torch.nn import functional

from pfy_plugin_gpt2_hifi import stretch
from pfy_plugin_gpt2_hifi.vocoder import SCALES

ANY = st.lists(st.sampled_from([4.0, 24_000 / 22_050, 1 / 0.7, 1 / 0.95, 1 / 1.3, 0.5]), max_size=3)


def theirs(rows, scales):
    values = rows.T[None]
    for scale in scales:
        values = functional.interpolate(values, scale_factor=scale, mode="linear")
    return values[0].T


@pytest.mark.parametrize(("codes", "frames"), [(1, 4), (2, 8), (3, 13), (10, 43), (47, 204), (602, 2620)])
def test_lengths_are_rounded_down_after_each_step(codes, frames):
    assert stretch.length(codes, SCALES) == frames == math.floor(math.floor(4 * codes) * 24_000 / 22_050)


@settings(max_examples=60, deadline=None)
@given(count=st.integers(2, 200), scales=ANY)
def test_the_whole_is_what_torch_gives(count, scales):
    rows = normal(count, 3, seed=count)
    length = stretch.length(count, scales)
    if length:
        torch.testing.assert_close(stretch.stretched(rows, scales, 0, length), theirs(rows, scales))


@settings(max_examples=60, deadline=None)
@given(count=st.integers(2, 200), scales=ANY, data=st.data())
def test_a_part_is_that_part_of_the_whole(count, scales, data):
    rows, length = normal(count, 3, seed=count), stretch.length(count, scales)
    if length:
        start = data.draw(st.integers(0, length - 1))
        stop = data.draw(st.integers(start + 1, length))
        whole = stretch.stretched(rows, scales, 0, length)
        torch.testing.assert_close(stretch.stretched(rows, scales, start, stop), whole[start:stop])


@settings(max_examples=60, deadline=None)
@given(count=st.integers(2, 120), more=st.integers(1, 120), scales=ANY)
def test_what_is_settled_does_not_change_when_more_follows(count, more, scales):
    rows = normal(count + more, 3, seed=count)
    known = stretch.settled(count, scales)
    assert known <= stretch.length(count, scales)
    if known:
        early = stretch.stretched(rows[:count], scales, 0, known)
        torch.testing.assert_close(early, stretch.stretched(rows, scales, 0, known), rtol=0, atol=0)


def test_nearly_all_that_is_known_is_settled():
    assert stretch.length(100, SCALES) - stretch.settled(100, SCALES) <= 6
