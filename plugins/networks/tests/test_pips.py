"""PIPs++ and ``extractor/point-tracks``: the published program's tracks, checkpoints, overlapping clips."""

import numpy as np
import pips_cases as cases
import pytest
import torch
from PIL import Image
from torch.nn import functional

from pfy_core import InputError, adopt, checkpoint
from pfy_core.errors import WeightsError
from pfy_plugin_networks import pips_network
from pfy_plugin_networks.pips import PointTracks, grid

SMALL = {"grid": cases.GRID, "side": cases.SIDE, "passes": 1}


@pytest.fixture(scope="module")
def net():
    return cases.network()


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    file = tmp_path_factory.mktemp("weights") / "pips2.safetensors"
    checkpoint.save(file, cases.state())
    return str(file)


@pytest.fixture(scope="module")
def follow(weights):
    return PointTracks(weights=weights, **SMALL)


def test_names_and_shapes_are_the_published_ones():
    ours = {key: tuple(value.shape) for key, value in pips_network.outline().state_dict().items()}
    assert ours == adopt.patterns()["pips2/reference"].shapes


def test_tracks_are_the_published_programs(net):
    pictures = torch.from_numpy(cases.frames()).permute(0, 3, 1, 2).float()
    with np.load(cases.GOLDEN) as golden:
        expected = golden["tracks"]
    found = net.follow(net.encode(pictures), grid(cases.GRID, cases.SIDE), cases.PASSES)
    assert np.abs(expected - expected[:1]).max() > 1  # they have gone somewhere
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-3)


def test_points_begin_on_the_grid_row_by_row():
    points = grid(20, 256).reshape(20, 20, 2)
    assert points[0, 0].tolist() == [8, 8]
    assert points[0, -1].tolist() == [248, 8]
    assert points[-1, 0].tolist() == [8, 248]


def test_values_between_cells_are_between_theirs_and_beyond_the_edge_the_edges():
    maps = torch.arange(12.0).reshape(1, 1, 3, 4)
    places = torch.tensor([[[1.5, 0.0], [1.0, 1.5], [-3.0, 0.0], [9.0, 9.0]]])
    assert pips_network.at(maps, places)[0, :, 0].tolist() == pytest.approx([1.5, 7, 0, 11], abs=1e-5)


@pytest.mark.parametrize("inside", [True, False])
def test_a_checkpoint_may_be_the_trainers(tmp_path, net, inside):
    file = tmp_path / "pips2_weights.pth"
    state = net.state_dict()
    torch.save({"model_state_dict": state, "optimizer_state_dict": {"step": 3}} if inside else state, file)
    made = pips_network.loaded(str(file)).state_dict()
    assert all(torch.equal(made[key], value) for key, value in state.items())


def test_a_checkpoint_that_does_not_fit_is_refused(tmp_path):
    file = tmp_path / "pips2_weights.pth"
    torch.save({"model_state_dict": {"norm.weight": torch.zeros(64)}}, file)
    with pytest.raises(WeightsError, match=r"norm.weight is \(64\), not \(128\)"):
        pips_network.loaded(str(file))


def test_a_video_is_cut_into_clips_that_overlap(follow, net):
    frames = cases.frames(18)
    found = follow(iter([frames]))
    assert found.shape == (3, 16, cases.GRID, cases.GRID, 2)
    assert found.dtype == np.float32
    last = torch.from_numpy(frames[2:]).permute(0, 3, 1, 2).float()
    alone = net.follow(net.encode(last), grid(cases.GRID, cases.SIDE), 1)
    np.testing.assert_allclose(found[2].reshape(16, -1, 2), alone, rtol=0, atol=1e-4)


@pytest.fixture
def encoded(monkeypatch):
    """Frames that were encoded, by averages in place of the encoder, which is what takes time."""
    seen = []

    def averages(_, pictures):
        seen.append(len(pictures))
        return functional.avg_pool2d(pictures, 8).mean(dim=1, keepdim=True).expand(-1, 128, -1, -1)

    monkeypatch.setattr(pips_network.Pips, "encode", averages)
    return seen


@pytest.mark.parametrize(
    ("options", "starts", "frames"),
    [
        ({}, [0, 1, 2, 3, 4], 20),
        ({"stride": 3}, [0, 3], 20),
        ({"stride": 17}, [0], 19),
        ({"windows": 2}, [0, 1], 17),
    ],
)
def test_clips_may_be_fewer_and_a_frame_of_many_is_encoded_once(weights, encoded, options, starts, frames):
    film = cases.frames(20)
    found = PointTracks(weights=weights, **SMALL, **options)(iter([film]))
    assert (len(found), len(encoded)) == (len(starts), frames)
    for clip, start in zip(found, starts, strict=True):
        alone = PointTracks(weights=weights, **SMALL)(iter([film[start : start + 16]]))
        np.testing.assert_allclose(clip, alone[0], rtol=0, atol=1e-5)


def test_frames_are_squeezed_to_the_square(follow):
    frames = cases.frames(16)
    wide = np.stack([np.asarray(Image.fromarray(frame).resize((256, 128))) for frame in frames])
    assert np.abs(follow(iter([wide])) - follow(iter([frames]))).max() < 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"side": 96}, "side 96"),
        ({"side": 130}, "side 130"),
        ({"grid": 1}, "grid 1"),
        ({"passes": 0}, "passes 0"),
        ({"stride": 0}, "stride 0"),
        ({"windows": -1}, "windows -1"),
    ],
)
def test_options_out_of_range_are_refused(options, said):
    with pytest.raises(InputError, match=said):
        PointTracks(**options)


def test_a_video_without_a_clip_is_refused(follow):
    with pytest.raises(InputError, match="no clip fits"):
        follow(iter([cases.frames(15)]))
