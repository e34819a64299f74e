"""pfy_core.place; here because the core's tests have no torch."""

import sys
from subprocess import run
from typing import get_args

import pytest
import torch

from pfy_core import InputError
from pfy_core.place import Dtype, Place


@pytest.mark.parametrize("dtype", get_args(Dtype))
def test_a_place_has_torchs_own_device_and_dtype(dtype):
    place = Place.named("cpu", dtype)
    assert place == Place(torch.device("cpu"), getattr(torch, dtype))
    assert torch.ones(2).to(place.device, place.dtype).dtype.is_floating_point


@pytest.mark.parametrize("device", ["abacus", "", "cuda:99", "cpu:x", "meta"])
def test_a_device_that_is_not_here_is_said_so(device):
    with pytest.raises(InputError, match="device") as caught:
        Place.named(device, "float32")
    assert "that is here" in caught.value.wants
    assert "\n" not in caught.value.sends


def test_an_unknown_dtype_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="dtype 'bf16'") as caught:
        Place.named("cpu", "bf16")
    assert caught.value.wants == "one of float32, bfloat16, float16"


def test_torch_is_not_imported_before_a_place_is_named():
    code = "import sys; from pfy_core.place import Dtype, Place; sys.exit('torch' in sys.modules)"
    assert run([sys.executable, "-c", code]).returncode == 0
