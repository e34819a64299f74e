from collections import Counter
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pfy_train.average import Average
from pfy_train.order import Order
from pfy_train.recipe import Schedule
from pfy_train.schedule import factor

SMALL = st.integers(1, 12)


@given(clips=SMALL, batch=SMALL, accumulate=st.integers(1, 3), seed=st.integers(0, 2**32 - 1))
def test_every_clip_comes_once_before_any_comes_again(clips, batch, accumulate, seed):
    order = Order(clips, batch, accumulate, seed, first=0, last=8)
    drawn = [draw.clip for part in order for draw in part]
    assert len(drawn) == 8 * batch * accumulate
    for begin in range(0, len(drawn) - clips + 1, clips):
        assert sorted(drawn[begin : begin + clips]) == list(range(clips))


@given(clips=SMALL, batch=SMALL, first=st.integers(0, 7))
def test_what_comes_from_a_step_on_does_not_depend_on_where_one_began(clips, batch, first):
    whole, rest = (list(Order(clips, batch, seed=3, first=begin, last=8)) for begin in (0, first))
    assert whole[first:] == rest


def test_windows_and_seeds_differ_from_clip_to_clip_and_step_to_step():
    draws = [draw for part in Order(3, 4, seed=0, last=50) for draw in part]
    assert Counter(draw.seed for draw in draws).most_common(1)[0][1] == 1
    assert 0.4 < sum(draw.place for draw in draws) / len(draws) < 0.6
    assert list(Order(3, 4, seed=1, last=50)) != list(Order(3, 4, seed=0, last=50))


@pytest.mark.parametrize("decay", ["cosine", "linear", "constant"])
def test_the_learning_rate_rises_then_falls_as_it_is_told(decay):
    schedule = Schedule(steps=100, warmup=10, decay=decay)
    rates = [factor(schedule, step) for step in range(100)]
    assert rates[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert rates[10] == 1.0
    assert all(one >= other for one, other in pairwise(rates[10:]))
    assert rates[55] == pytest.approx(1.0 if decay == "constant" else 0.5, abs=0.01)
    assert (rates[-1] < 0.02) is (decay != "constant")
    assert factor(Schedule(steps=5, warmup=9), 4) == pytest.approx(5 / 9)  # all of it warm-up


def test_the_average_follows_the_parameters_and_can_stand_for_them():
    parameter = torch.nn.Parameter(torch.zeros(2))
    average = Average({"p": parameter}, decay=0.9)
    kept = 0.0
    for step in range(1, 200):
        parameter.data.fill_(float(step))
        average.update(step)
        decay = min(0.9, (1 + step) / (10 + step))
        kept = decay * kept + (1 - decay) * step
    assert average.values["p"][0].item() == pytest.approx(kept, rel=1e-5)
    with average.applied():
        assert parameter[0].item() == pytest.approx(kept, rel=1e-5)
    assert parameter[0].item() == 199.0
    nothing = Average({"p": parameter}, decay=0.0)
    parameter.data.fill_(-1.0)
    nothing.update(1)
    assert nothing.values["p"][0].item() == -1.0
