"""pfy_core.tensor_file on what torch.save writes; here because the core's tests have no torch."""

import pickle

import numpy as np
import pytest
import torch

from pfy_core import adopt, paths, tensor_file
from pfy_core.errors import WeightsError


class Config:
    """Stands for a class that only the trainer's program has."""

    def __init__(self):
        self.sizes = {"layers": 30}


class Bomb:
    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return (open, (self.file, "w"))


@pytest.fixture
def state():
    return {
        "a.weight": torch.arange(6.0).reshape(2, 3),
        "a.half": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
        "steps": torch.tensor([7, 8]),
        "none": torch.zeros(0, 4),
        "one": torch.tensor(2.5),
    }


def test_tensors_of_nested_tables_are_found_beside_foreign_objects(state, tmp_path):
    file = tmp_path / "model.pth"
    torch.save({"config": Config(), "model": state, "epoch": 3, "list": [Config()]}, file)
    found = tensor_file.tensors(file)
    assert {key: held.shape for key, held in found.items()} == {
        f"model.{key}": tuple(value.shape) for key, value in state.items()
    }
    assert found["model.a.half"].dtype == "bfloat16"
    for key, value in state.items():
        read = tensor_file.read(file, f"model.{key}")
        assert np.array_equal(read, value.float().numpy() if value.is_floating_point() else value.numpy())


def test_parameters_and_views_into_one_storage_are_read(tmp_path):
    whole = torch.arange(12.0).reshape(4, 3)
    torch.save(
        {"view": whole[2:], "parameter": torch.nn.Parameter(whole), "turned": whole.T}, tmp_path / "v.pt"
    )
    assert np.array_equal(tensor_file.read(tmp_path / "v.pt", "view"), whole[2:].numpy())
    assert np.array_equal(tensor_file.read(tmp_path / "v.pt", "parameter"), whole.numpy())
    assert tensor_file.tensors(tmp_path / "v.pt")["turned"].shape == (3, 4)
    with pytest.raises(WeightsError, match="not contiguous"):
        tensor_file.read(tmp_path / "v.pt", "turned")


def test_a_payload_is_never_run(state, tmp_path):
    torch.save({"model": state, "payload": Bomb(str(tmp_path / "ran"))}, tmp_path / "a.pth")
    assert len(tensor_file.tensors(tmp_path / "a.pth")) == 5
    assert not (tmp_path / "ran").exists()


def test_a_bare_pickle_is_refused_and_not_run(tmp_path):
    (tmp_path / "a.pth").write_bytes(pickle.dumps({"payload": Bomb(str(tmp_path / "ran"))}))
    with pytest.raises(WeightsError):
        tensor_file.tensors(tmp_path / "a.pth")
    assert not (tmp_path / "ran").exists()


def test_a_file_that_was_cut_is_said_so(state, tmp_path):
    file = tmp_path / "a.pth"
    torch.save(state, file)
    whole = file.read_bytes()
    for size in (10, len(whole) // 2, len(whole) - 30):
        file.write_bytes(whole[:size])
        with pytest.raises(WeightsError, match=f"cut short at {size} bytes"):
            tensor_file.tensors(file)


def test_an_authors_checkpoint_is_imported_under_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PFY_HOME", str(tmp_path / "home"))
    shapes = adopt.patterns()["p4y/released"].shapes
    held = {"net_state_dict": {"imageproj.norm.weight": torch.ones(3)}}
    for key, side in shapes.items():
        first, _, rest = key.partition(".")
        held.setdefault(first, {})[rest] = torch.zeros(side)
    torch.save(held, tmp_path / "1200.pth")
    name, place = adopt.adopt(tmp_path / "1200.pth")
    assert name == "p4y/released"
    assert place == paths.home() / "weights" / "p4y/released" / "latest.pth"
    held["audio_transformer_encoder_state_dict"]["ln.bias"] = torch.zeros(3)
    torch.save(held, tmp_path / "bad.pth")
    with pytest.raises(WeightsError, match=r"ln\.bias is \(3\), not \(512\)"):
        adopt.adopt(tmp_path / "bad.pth")
