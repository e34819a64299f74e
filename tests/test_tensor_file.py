"""What a checkpoint holds, without torch; files of torch.save are read in the fusers' tests."""

import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from pfy_core import tensor_file
from pfy_core.errors import WeightsError
from pfy_core.tensor_file import Held

STATE = {
    "a.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "a.bias": np.arange(3, dtype=np.float16),
    "steps": np.array([7], dtype=np.int64),
}


@pytest.fixture
def file(tmp_path):
    save_file(STATE, tmp_path / "a.safetensors", metadata={"made": "here"})
    return tmp_path / "a.safetensors"


def test_names_shapes_and_dtypes_are_those_of_the_file(file):
    found = tensor_file.tensors(file)
    assert {key: held.shape for key, held in found.items()} == {key: v.shape for key, v in STATE.items()}
    assert {key: held.dtype for key, held in found.items()} == {key: str(v.dtype) for key, v in STATE.items()}


@pytest.mark.parametrize("name", STATE)
def test_one_tensor_is_read_without_the_others(file, name):
    assert np.array_equal(tensor_file.read(file, name), STATE[name])


def test_floats_come_as_float32(file):
    assert tensor_file.read(file, "a.bias").dtype == np.float32
    assert tensor_file.read(file, "steps").dtype == np.int64


def test_bfloat16_is_widened(tmp_path):
    numbers = np.array([1.0, -2.5, 3.0e20], dtype=np.float32)
    data = (numbers.view(np.uint32) >> 16).astype(np.uint16).tobytes()
    header = json.dumps({"x": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}).encode()
    (tmp_path / "b.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + data)
    np.testing.assert_allclose(tensor_file.read(tmp_path / "b.safetensors", "x"), numbers, rtol=0.01)


def test_a_tensor_that_is_not_there_is_said_so(file):
    with pytest.raises(WeightsError, match="no tensor 'b'") as caught:
        tensor_file.read(file, "b")
    assert "a.weight" in caught.value.wants


def test_a_file_that_was_cut_says_how_much_is_missing(file):
    whole = file.read_bytes()
    for size in (len(whole) - 1, len(whole) - 20):
        file.write_bytes(whole[:size])
        with pytest.raises(WeightsError, match=f"ends after {size} bytes") as caught:
            tensor_file.tensors(file)
        assert caught.value.wants == f"{len(whole)} bytes"
    file.write_bytes(whole[:30])
    with pytest.raises(WeightsError, match="its header alone takes"):
        tensor_file.tensors(file)


@given(st.binary(max_size=200))
def test_anything_else_is_refused_and_never_breaks(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("any") / "x.bin"
    for made in (data, len(data).to_bytes(8, "little") + data, b"PK\x03\x04" + data):
        file.write_bytes(made)
        try:
            assert all(isinstance(held, Held) for held in tensor_file.tensors(file).values())
        except WeightsError:
            pass


def test_an_archive_of_something_else_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(WeightsError, match="archive of something else"):
        tensor_file.tensors(tmp_path / "a.zip")


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(WeightsError, match="cannot be read"):
        tensor_file.tensors(tmp_path / "none.pth")


def test_a_normalised_weight_has_the_name_that_torch_gives_it_today():
    assert tensor_file.current("a.conv.weight_g") == "a.conv.parametrizations.weight.original0"
    assert tensor_file.current("a.conv.weight_v") == "a.conv.parametrizations.weight.original1"
    assert tensor_file.current("a.conv.weight") == "a.conv.weight"
    assert tensor_file.current("weight_gain.bias") == "weight_gain.bias"
