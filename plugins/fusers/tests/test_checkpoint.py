"""pfy_core.checkpoint, by the weights of fusers; here because the core's tests have no torch."""

import pickle

import pytest
import safetensors.torch
import torch

from pfy_core import checkpoint
from pfy_core.errors import OutputError, WeightsError
from pfy_plugin_fusers import state
from pfy_plugin_fusers.transformer import make

NAMES = ("audio", "visual")


@pytest.fixture
def encoders(stir):
    return stir(make(NAMES))


def same(one, other):
    one, other = one.state_dict(), other.state_dict()
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def save(module, file):
    checkpoint.save(file, module.state_dict())


def refusal(file):
    module = make(NAMES)
    with pytest.raises(WeightsError) as caught:
        state.load(module, str(file))
    return str(caught.value)


def test_what_is_saved_is_loaded_to_the_bit(encoders, tmp_path):
    save(encoders, tmp_path / "fusion.safetensors")
    loaded = make(NAMES)
    state.load(loaded, str(tmp_path / "fusion.safetensors"))
    assert same(loaded, encoders)
    assert [file.name for file in tmp_path.iterdir()] == ["fusion.safetensors"]


def test_a_state_dict_of_torch_save_is_loaded_too(encoders, tmp_path):
    torch.save(encoders.state_dict(), tmp_path / "fusion.pt")
    loaded = make(NAMES)
    state.load(loaded, str(tmp_path / "fusion.pt"))
    assert same(loaded, encoders)


@pytest.mark.parametrize("key", checkpoint.INSIDE)
def test_a_state_dict_is_found_among_what_a_trainer_saves(encoders, tmp_path, key):
    torch.save({"epoch": 3, key: encoders.state_dict(), "optimizer": {"state": {}}}, tmp_path / "last.ckpt")
    loaded = make(NAMES)
    state.load(loaded, str(tmp_path / "last.ckpt"))
    assert same(loaded, encoders)


def test_half_precision_weights_are_widened(encoders, tmp_path):
    save(encoders.bfloat16(), tmp_path / "half.safetensors")
    loaded = make(NAMES)
    state.load(loaded, str(tmp_path / "half.safetensors"))
    assert loaded["audio"].linear1.weight.dtype == torch.float32
    assert same(loaded, encoders.float())


def test_missing_unexpected_misshapen_and_integer_parameters_are_named_all_at_once(encoders, tmp_path):
    given = encoders.state_dict()
    del given["audio.linear2.weight"]
    given["extra.bias"] = torch.zeros(2)
    given["visual.linear1.weight"] = torch.zeros(512, 2048)
    given["visual.norm1.bias"] = torch.zeros(512, dtype=torch.int32)
    safetensors.torch.save_file(given, tmp_path / "odd.safetensors")
    text = refusal(tmp_path / "odd.safetensors")
    assert "missing: audio.linear2.weight (512 512)\n" in text
    assert "unexpected: extra.bias (2)\n" in text
    assert "shape: visual.linear1.weight is (512 2048), not (512 512)\n" in text
    assert "dtype: visual.norm1.bias is int32, not a float\n" in text
    assert "exactly 20 keys: audio.norm1.weight" in text


def test_weights_that_do_not_fit_leave_the_module_as_it_was(encoders, stir, tmp_path):
    given = stir(make(NAMES), seed=1).state_dict()
    del given["visual.linear2.weight"]
    torch.save(given, tmp_path / "part.pt")
    before = {key: value.clone() for key, value in encoders.state_dict().items()}
    with pytest.raises(WeightsError):
        state.load(encoders, str(tmp_path / "part.pt"))
    assert all(torch.equal(value, before[key]) for key, value in encoders.state_dict().items())


def test_long_lists_of_names_are_cut(tmp_path):
    safetensors.torch.save_file({}, tmp_path / "empty.safetensors")
    assert "audio.norm2.bias (512) and 14 more\n" in refusal(tmp_path / "empty.safetensors")


def test_a_damaged_file_is_said_so(encoders, tmp_path):
    save(encoders, tmp_path / "a.safetensors")
    torch.save(encoders.state_dict(), tmp_path / "a.pt")
    for name in ("a.safetensors", "a.pt"):
        whole = (tmp_path / name).read_bytes()
        for size in (0, 5, len(whole) // 2):
            (tmp_path / name).write_bytes(whole[:size])
            assert "cannot be read" in refusal(tmp_path / name)


def test_a_pickle_from_outside_is_never_executed(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "executed"), "w"))

    (tmp_path / "bomb.pt").write_bytes(pickle.dumps({"audio.norm1.weight": Bomb()}, 2))
    torch.save({"audio.norm1.weight": Bomb()}, tmp_path / "bomb.bin")
    assert "cannot be read" in refusal(tmp_path / "bomb.pt")
    assert "holds more than tensors: audio.norm1.weight" in refusal(tmp_path / "bomb.bin")
    assert not (tmp_path / "executed").exists()


def test_a_file_that_holds_something_else_is_said_so(tmp_path):
    torch.save([1, 2], tmp_path / "list.pt")
    torch.save({"epoch": 3, "weight": torch.zeros(1)}, tmp_path / "checkpoint.pt")
    assert "holds a list" in refusal(tmp_path / "list.pt")
    assert "holds more than tensors: epoch" in refusal(tmp_path / "checkpoint.pt")


def test_a_name_that_is_not_registered_is_an_error_and_not_a_fresh_start():
    assert "no weights are named 'fusers/p4z'" in refusal("fusers/p4z")


def test_a_file_that_cannot_be_written_is_said_so_and_leaves_nothing(encoders, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        save(encoders, tmp_path / "nowhere" / "a.safetensors")
    (tmp_path / "folder.safetensors").mkdir()
    with pytest.raises(OutputError):
        save(encoders, tmp_path / "folder.safetensors")
    assert [file.name for file in tmp_path.iterdir()] == ["folder.safetensors"]
