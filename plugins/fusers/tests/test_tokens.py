import numpy as np
import pytest
import torch

from pfy_core import InputError
from pfy_core.place import Place
from pfy_plugin_fusers.tokens import join

CPU = Place.named("cpu", "float32")


def test_sources_are_joined_in_their_order_and_absent_ones_left_out(tokens):
    one, two = tokens(2, seed=1), tokens(1, seed=2)
    joined = join([("a", one), ("b", None), ("c", two)], CPU)
    assert torch.equal(joined, torch.cat([one, two]))


def test_without_any_source_there_is_no_sequence():
    assert join([], CPU) is None
    assert join([("a", None)], CPU) is None


def test_sources_of_several_dtypes_take_that_of_the_place(tokens):
    joined = join([("a", tokens(2)), ("b", tokens(1).bfloat16())], Place.named("cpu", "bfloat16"))
    assert joined.dtype == torch.bfloat16
    assert torch.equal(joined, torch.cat([tokens(2), tokens(1)]).bfloat16())


def test_the_result_is_never_the_memory_of_a_source(tokens):
    source = tokens(2)
    join([("a", source)], CPU).zero_()
    assert torch.equal(source, tokens(2))


@pytest.mark.parametrize(
    ("value", "sends"),
    [
        (np.zeros((3, 512), np.float32), "speech: a ndarray"),
        ([1.0], "speech: a list"),
        (torch.zeros(3, 512, dtype=torch.int64), "speech: dtype int64"),
        (torch.zeros(3, 512, dtype=torch.complex64), "speech: dtype complex64"),
        (torch.zeros(512), "speech: shape (512)"),
        (torch.zeros(3, 768), "speech: shape (3 768)"),
        (torch.zeros(1, 3, 512), "speech: shape (1 3 512)"),
        (torch.zeros(0, 512), "speech: shape (0 512)"),
        (torch.tensor(1.0), "speech: shape ()"),
    ],
)
def test_what_is_no_token_sequence_is_refused_by_name(value, sends):
    with pytest.raises(InputError) as caught:
        join([("speech", value)], CPU)
    assert caught.value.sends == sends
    assert caught.value.wants == "a float tensor (t 512), t at least 1"


def test_the_advice_fits_the_fault():
    with pytest.raises(InputError) as caught:
        join([("text", torch.zeros(3, 768))], CPU)
    assert caught.value.fix == "project to 512 features"
    with pytest.raises(InputError) as caught:
        join([("text", torch.zeros(3, 512, dtype=torch.int64))], CPU)
    assert "embed token ids" in caught.value.fix
