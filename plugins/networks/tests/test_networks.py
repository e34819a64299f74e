"""The networks beside what the reference programs gave for the same random parameters."""

import numpy as np
import pytest
import torch
from network_cases import NETWORKS, apart, given, ours, random_state, thin

from pfy_core import adopt, checkpoint, weights
from pfy_core.errors import WeightsError
from pfy_plugin_networks import i3d
from pfy_plugin_networks.loading import published
from pfy_plugin_networks.units import same_padded

CPU = torch.device("cpu")
LARGE = pytest.mark.slow
"""Drawing VGGish's 72 million parameters takes seconds."""


@torch.no_grad()
@pytest.mark.parametrize(
    ("name", "dtype", "bound"),
    [
        ("efficientnet-lite0/imagenet", torch.float64, 1e-10),
        ("inception/2015-12-05", torch.float64, 1e-10),
        ("i3d/kinetics-400", torch.float32, 1e-5),
        pytest.param("vggish/audioset", torch.float32, 1e-5, marks=LARGE),
    ],
)
def test_the_same_parameters_give_the_features_of_the_reference(golden, name, dtype, bound):
    found = ours(name, random_state(name), dtype)(given(name, dtype))
    assert apart(thin(found), golden[name]) <= bound


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_has_the_keys_and_shapes_of_the_published_file_and_no_others(name):
    with torch.device("meta"):
        ours = NETWORKS[name]().state_dict()
    assert {key: tuple(value.shape) for key, value in ours.items()} == adopt.patterns()[name].shapes


@pytest.mark.parametrize("name", NETWORKS)
def test_every_file_is_registered_with_what_proves_it(name):
    entry = weights.entry(name)
    assert entry.sha256
    assert entry.sources
    assert entry.commercial == (entry.licence == "Apache-2.0")


def test_the_file_in_the_wheel_is_loaded_whole():
    weights.path("efficientnet-lite0/imagenet")
    held = checkpoint.read("efficientnet-lite0/imagenet")
    network = published(NETWORKS["efficientnet-lite0/imagenet"], "efficientnet-lite0/imagenet", CPU)
    mine = network.state_dict()
    assert {key for key in held if not key.endswith("num_batches_tracked")} == set(mine)
    assert all(torch.equal(value, held[key]) for key, value in mine.items())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"_fc.bias": None}, r"missing: _fc.bias \(1000\)"),
        ({"_fc.bias": torch.zeros(1001)}, r"_fc.bias is \(1001\), not \(1000\)"),
        ({"head.weight": torch.zeros(3)}, r"unexpected: head.weight"),
    ],
    ids=["missing", "shape", "unexpected"],
)
def test_a_file_that_differs_by_one_key_is_refused_by_its_name(tmp_path, change, said):
    state = random_state("efficientnet-lite0/imagenet") | change
    file = tmp_path / "file.safetensors"
    checkpoint.save(file, {key: value for key, value in state.items() if value is not None})
    with pytest.raises(WeightsError, match=said):
        published(NETWORKS["efficientnet-lite0/imagenet"], str(file), CPU)


def test_counters_of_batches_are_passed_over(tmp_path):
    state = random_state("efficientnet-lite0/imagenet") | {"_bn0.num_batches_tracked": torch.tensor(3)}
    checkpoint.save(tmp_path / "file.safetensors", state)
    network = published(NETWORKS["efficientnet-lite0/imagenet"], str(tmp_path / "file.safetensors"), CPU)
    assert torch.equal(network.state_dict()["_bn0.weight"], state["_bn0.weight"])


@torch.no_grad()
def test_i3d_takes_nine_frames_and_not_eight():
    network = i3d.I3D().eval()
    clips = torch.zeros(1, 3, i3d.SHORTEST, 193, 193)
    assert network(clips).shape == (1, i3d.FEATURES)
    with pytest.raises(RuntimeError):
        network(clips[:, :, 1:])


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "before", "after"),
    [(5, 3, 1, 1, 1), (6, 3, 2, 0, 1), (5, 3, 2, 1, 1), (16, 7, 2, 2, 3), (4, 1, 2, 0, 0), (7, 2, 2, 0, 1)],
)
def test_padding_is_that_of_tensorflow(size, kernel, stride, before, after):
    padded = same_padded(torch.ones(1, 1, 2, size), (1, kernel), (1, stride))[0, 0, 0].numpy()
    np.testing.assert_array_equal(padded, [0] * before + [1] * size + [0] * after)
