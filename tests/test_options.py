"""Options as Python callers give them."""

from typing import Literal

import pytest

from pfy_core import InputError
from pfy_core.options import choice, init_seed, within

Size = Literal["full", "tiny", 3]


@pytest.mark.parametrize("value", ["full", "tiny", 3])
def test_what_the_annotation_names_is_taken(value):
    assert choice("size", value, Size) == value


@pytest.mark.parametrize(
    ("value", "sends"), [("huge", "size 'huge'"), ("3", "size '3'"), (None, "size None")]
)
def test_another_value_is_refused_with_the_known_ones(value, sends):
    with pytest.raises(InputError) as caught:
        choice("size", value, Size)
    assert (caught.value.sends, caught.value.wants) == (sends, "one of full, tiny, 3")


@pytest.mark.parametrize(("value", "bits"), [(0, 64), (2**64 - 1, 64), (2**32 - 1, 32)])
def test_a_seed_that_the_generator_takes_is_taken(value, bits):
    assert init_seed(value, bits) == value


@pytest.mark.parametrize(("value", "bits"), [(-1, 64), (2**64, 64), (2**32, 32)])
def test_another_seed_is_refused(value, bits):
    with pytest.raises(InputError) as caught:
        init_seed(value, bits)
    assert caught.value.sends == f"init_seed {value}"
    assert caught.value.wants == f"0 to 2**{bits} - 1"


@pytest.mark.parametrize("value", [0.5, 1, 2.0])
def test_a_value_in_range_is_taken(value):
    within("speed", value, 0.5, 2)


@pytest.mark.parametrize("value", [0.49, 2.01, float("nan"), float("inf")])
def test_a_value_out_of_range_is_refused_with_the_range(value):
    with pytest.raises(InputError) as caught:
        within("speed", value, 0.5, 2)
    assert (caught.value.sends, caught.value.wants) == (f"speed {value:g}", "0.5 to 2")
