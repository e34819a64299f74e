"""How clips and recordings are cut, and what is said of those that cannot be."""

import numpy as np
import pytest
import torch
from network_cases import clip, sound

from pfy_core import InputError
from pfy_core.errors import WeightsError
from pfy_core.events import watching
from pfy_plugin_networks import batches
from pfy_plugin_networks.of_pictures import InceptionExtractor, LiteExtractor
from pfy_plugin_networks.of_sound import VGGishExtractor
from pfy_plugin_networks.of_video import I3DExtractor
from pfy_plugin_networks.passes import Patches, Windows
from pfy_plugin_networks.untrained import RandomSound, RandomVideo

CLIP = clip(7, 48, 64)


@pytest.fixture(scope="module")
def lite():
    return LiteExtractor()


@pytest.fixture(scope="module")
def rows(lite):
    return lite(iter([CLIP]))


def notes(call):
    heard = []
    with watching(heard.append):
        call()
    return " ".join(event.text for event in heard if event.kind == "note")


# Pictures -----------------------------------------------------------------------------------------


def test_a_row_for_each_frame_and_frames_that_differ_have_other_rows(rows):
    assert rows.shape == (7, 1280)
    assert rows.dtype == np.float32
    assert np.abs(rows[1:] - rows[:-1]).max(axis=1).min() > 0.1


@pytest.mark.parametrize("batch", [1, 3, 50])
def test_the_size_of_a_batch_changes_nothing(rows, batch):
    np.testing.assert_allclose(LiteExtractor(batch=batch)(iter([CLIP])), rows, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("cuts", [(1, 2, 3), (0, 0, 6)])
def test_pieces_of_a_stream_change_nothing(lite, rows, cuts):
    assert np.array_equal(lite(iter(np.split(CLIP, cuts))), rows)


@pytest.mark.parametrize(("every", "count"), [(2, 4), (3, 3), (7, 1), (100, 1)])
def test_every_so_many_frames_one_is_looked_at(rows, every, count):
    found = LiteExtractor(every=every)(iter(np.split(CLIP, [2])))
    assert len(found) == count
    np.testing.assert_allclose(found, rows[::every], rtol=1e-4, atol=1e-4)


def test_frames_that_are_not_looked_at_are_not_kept():
    taken = batches.frames((np.zeros((5, 4, 4, 3), np.uint8) for _ in range(1_000)), 1_000)
    assert len(list(taken)) == 5


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        (np.zeros((0, 8, 8, 3), np.uint8), "no frames"),
        (np.zeros((2, 8, 8, 3), np.float32), "float32"),
        (np.zeros((2, 8, 8, 4), np.uint8), r"uint8 \(2 8 8 4\)"),
        (np.zeros((2, 0, 8, 3), np.uint8), r"\(2 0 8 3\)"),
        (np.zeros((8, 8, 3), np.uint8), r"\(8 8 3\)"),
    ],
)
def test_what_are_no_frames_is_refused_and_named(lite, frames, said):
    with pytest.raises(InputError, match=said):
        lite(iter([frames]))


# Windows of a clip --------------------------------------------------------------------------------


def windows_of(count, **options):
    """The first frames of the windows that are taken of a clip of so many frames."""
    options = {"start": 0, "stride": 16, "windows": 0, "batch": 2, "device": "cpu"} | options
    frames = (np.full((1, 4, 4, 3), index, np.uint8) for index in range(count))
    taken = list(Windows(**options)._prepared(frames))
    lengths = {batch.shape[1:] for batch in taken}
    assert lengths <= {(3, 16, 224, 224)}
    firsts = [float(clip[0, 0, 0, 0]) for batch in taken for clip in batch]
    return [round((value + 1) * 127.5) for value in firsts]


@pytest.mark.parametrize(
    ("count", "options", "firsts"),
    [
        (15, {}, []),
        (16, {}, [0]),
        (50, {}, [0, 16, 32]),
        (50, {"windows": 1}, [0]),
        (50, {"start": 3}, [3, 19]),
        (20, {"stride": 2}, [0, 2, 4]),
        (60, {"stride": 40}, [0, 40]),
        (18, {"start": 3}, []),
    ],
)
def test_windows_of_sixteen_frames_are_taken_where_they_were_asked_for(count, options, firsts):
    assert windows_of(count, **options) == firsts


def test_a_clip_that_no_window_fits_in_is_refused():
    with pytest.raises(InputError, match="18 frames and more"):
        Windows(2, 16, 0, 1, "cpu")(torch.nn.Identity(), iter([CLIP]))


# Sound --------------------------------------------------------------------------------------------


def test_a_row_for_each_patch_whatever_the_batch():
    one, other = RandomSound(batch=1)(sound(2.7)), RandomSound()(sound(2.7))
    assert other.shape == (4, 128)
    np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)
    assert np.abs(other[1:] - other[:-1]).max(axis=1).min() > 0.01


@pytest.mark.parametrize(
    ("wave", "said"),
    [
        (np.zeros(15_999, np.float32), "16000 finite samples"),
        (np.zeros((16_000, 2), np.float32), r"\(16000 2\)"),
        (np.full(16_000, np.nan, np.float32), "16000 samples are not finite"),
    ],
)
def test_what_is_no_recording_of_a_second_is_refused(wave, said):
    with pytest.raises(InputError, match=said):
        Patches("fad/google-1s-0.5s", 16, "cpu")(torch.nn.Identity(), wave)


# Names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extractor", [InceptionExtractor, I3DExtractor, VGGishExtractor, LiteExtractor])
def test_without_its_weights_an_extractor_gives_no_feature(extractor, monkeypatch, tmp_path):
    monkeypatch.setenv("PFY_HOME", str(tmp_path))
    monkeypatch.setenv("PFY_OFFLINE", "1")
    monkeypatch.setattr("pfy_core.sources.LOCAL", frozenset({"path"}))
    with pytest.raises(WeightsError, match="pfy weights pull"):
        extractor()


def test_a_network_that_is_not_trained_says_so_and_its_features_have_another_kind():
    from pfy_core.component import describe

    assert "not trained" in notes(RandomSound)
    assert "not trained" in notes(RandomVideo)
    for component in (RandomVideo, RandomSound):
        assert [port.port.kind for port in describe(component).outputs] == ["features.random"]


@pytest.mark.parametrize(
    "network", ["efficientnet-lite0", pytest.param("inception-2015", marks=pytest.mark.slow)]
)
def test_the_same_seed_gives_the_same_features_and_another_others(network):
    options = {"network": network, "every": 4}
    one, again, other = (RandomVideo(init_seed=seed, **options)(iter([CLIP])) for seed in (0, 0, 1))
    assert len(one) == 2
    assert np.array_equal(one, again)
    assert np.abs(one - other).max() > 0.1


@pytest.mark.slow
def test_a_random_i3d_gives_a_row_for_each_window():
    assert RandomVideo(network="i3d-400", every=2)(iter([clip(18, 20, 20)])).shape == (2, 400)


@pytest.mark.parametrize(
    ("make", "option"),
    [
        (LiteExtractor, {"every": 0}),
        (LiteExtractor, {"batch": 0}),
        (LiteExtractor, {"device": "tpu:9"}),
        (LiteExtractor, {"protocol": "fid/clean"}),
        (InceptionExtractor, {"protocol": "fid"}),
        (I3DExtractor, {"start": -1}),
        (I3DExtractor, {"stride": 0}),
        (I3DExtractor, {"windows": -1}),
        (I3DExtractor, {"protocol": "fvd"}),
        (VGGishExtractor, {"protocol": "fad"}),
        (VGGishExtractor, {"batch": 0}),
        (RandomVideo, {"network": "vggish"}),
        (RandomVideo, {"init_seed": -1}),
    ],
)
def test_an_option_out_of_range_is_refused_by_name(make, option):
    with pytest.raises(InputError) as caught:
        make(**option)
    assert next(iter(option)) in str(caught.value)
