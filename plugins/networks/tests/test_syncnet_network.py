"""The network of SyncNet: published names and shapes, and checkpoints that fit or do not."""

import numpy as np
import pytest
import torch

from pfy_core import adopt
from pfy_core.errors import WeightsError
from pfy_plugin_networks import syncnet_network

NARROW = 16


@pytest.fixture
def state():
    return syncnet_network.initialised(NARROW, 0).state_dict()


def test_names_and_shapes_are_the_published_ones():
    ours = {key: tuple(value.shape) for key, value in syncnet_network.outline().state_dict().items()}
    published = adopt.patterns()["syncnet/v2"].shapes
    assert {key: shape for key, shape in ours.items() if not key.endswith("num_batches_tracked")} == published


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("counters", [True, False])
def test_a_checkpoint_is_taken_as_torch_wrote_it_then_and_writes_it_now(tmp_path, state, zipped, counters):
    file = tmp_path / "syncnet_v2.model"
    held = {key: value for key, value in state.items() if counters or "num_batches" not in key}
    torch.save(held, file, _use_new_zipfile_serialization=zipped)
    made = syncnet_network.loaded(str(file)).state_dict()
    assert all(torch.equal(made[key], value) for key, value in held.items())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"netcnnlip.0.weight": None}, "missing: netcnnlip.0.weight"),
        ({"netcnnlip.21.weight": torch.zeros(3)}, "unexpected: netcnnlip.21.weight"),
        ({"netfclip.3.bias": torch.zeros(512)}, r"shape: netfclip.3.bias is \(512\), not \(1024\)"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(tmp_path, state, change, said):
    file = tmp_path / "syncnet_v2.model"
    torch.save({key: value for key, value in (state | change).items() if value is not None}, file)
    with pytest.raises(WeightsError, match=said):
        syncnet_network.loaded(str(file))


def test_without_weights_it_says_where_they_would_come_from(monkeypatch):
    monkeypatch.setenv("PFY_OFFLINE", "1")
    with pytest.raises(WeightsError, match="syncnet/v2"):
        syncnet_network.loaded("syncnet/v2")


def test_frames_in_a_row_give_each_windows_own_features():
    net = syncnet_network.initialised(NARROW, 1)
    frames = 255 * torch.rand(7, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    together = net.lips(frames)
    assert together.shape == (3, 1024)
    for start in range(3):
        np.testing.assert_allclose(
            together[start], net.lips(frames[start : start + 5])[0], rtol=1e-5, atol=1e-5
        )
    assert together.std(dim=0).max() > 1e-3  # windows differ, so mixing them up would show


def test_sound_has_a_row_for_each_window():
    net = syncnet_network.initialised(NARROW, 1)
    cepstra = torch.randn(3, 1, 13, 20, generator=torch.Generator().manual_seed(0))
    found = net.sound(cepstra)
    assert found.shape == (3, 1024)
    np.testing.assert_allclose(found[1], net.sound(cepstra[1:2])[0], rtol=1e-5, atol=1e-5)
