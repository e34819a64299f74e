"""``extractor/syncnet``: the published program's distances, its windows, and sound that is shifted."""

import numpy as np
import pytest
import syncnet_cases as cases
import torch
from test_syncnet_frames import landmarks

from pfy_core import InputError
from pfy_plugin_networks import syncnet_network
from pfy_plugin_networks.syncnet import RandomSync, SyncNet
from pfy_plugin_networks.syncnet_comparison import Comparison, distances, samples

CROP = "lse/face-track-crop"


@pytest.fixture(scope="module")
def sync():
    return RandomSync(jpeg=False)


def test_it_is_what_the_published_program_says():
    compared = Comparison(cases.network(), "lse/wav2lip-lrs", jpeg=False, batch=3, device="cpu")
    with np.load(cases.GOLDEN) as golden:
        found = compared(cases.frames(), cases.wave(), None)
        np.testing.assert_allclose(found, golden["distances"], rtol=1e-5)


def test_its_parameters_come_from_a_file(tmp_path, sync):
    file = tmp_path / "syncnet_v2.model"
    torch.save(syncnet_network.initialised(16, 0).state_dict(), file)
    made = SyncNet(weights=str(file), jpeg=False)
    np.testing.assert_array_equal(made(cases.frames(), cases.wave()), sync(cases.frames(), cases.wave()))


@pytest.mark.parametrize(
    ("frames", "sound", "windows"), [(12, 12, 7), (12, 30, 7), (30, 12, 7), (6, 6, 1), (25, 25, 20)]
)
def test_the_last_window_is_left_out_as_in_the_published_program(sync, frames, sound, windows):
    assert sync(cases.frames(frames), cases.wave(sound)).shape == (windows, 31)


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_batches_change_nothing(sync, batch):
    whole = sync(cases.frames(14), cases.wave(14))
    found = RandomSync(jpeg=False, batch=batch)(cases.frames(14), cases.wave(14))
    np.testing.assert_allclose(found, whole, rtol=1e-6)


def test_sound_that_is_late_moves_to_the_next_column(sync):
    frames, wave = cases.frames(20), cases.wave(22)
    early, late = (sync(frames, wave[start * 640 : (start + 20) * 640]) for start in (2, 0))
    # Rows and columns that have a partner in both, and not the first window, whose filter has no past.
    np.testing.assert_allclose(late[6:11, 13:19], early[6:11, 11:17], rtol=1e-6)


def test_beyond_the_ends_sound_is_zeros(sync):
    found = sync(cases.frames(12), cases.wave(12))
    with torch.inference_mode():
        shown = torch.from_numpy(cases.frames(12)[..., ::-1].copy()).permute(0, 3, 1, 2).float()
        lips = syncnet_network.initialised(16, 0).lips(shown)[:7]
    np.testing.assert_allclose(found[:, 0], lips.norm(dim=1), rtol=1e-5)
    np.testing.assert_allclose(found[:, 30], lips.norm(dim=1), rtol=1e-5)


def test_the_same_features_are_found_at_their_shift():
    features = torch.randn(40, 1024, generator=torch.Generator().manual_seed(0))
    found = distances(features, features.roll(3, 0))
    assert found[:37].argmin(dim=1).unique().tolist() == [18]
    assert found[:37, 18].max() < 1e-3


def test_sound_that_was_heard_is_not_heard_again(sync, monkeypatch):
    frames, wave = cases.frames(12), cases.wave(12, seed=9)
    first = sync(frames, wave)
    monkeypatch.setattr(syncnet_network.SyncNet, "sound", None)
    np.testing.assert_array_equal(sync(frames, wave), first)


def test_jpeg_matters(sync):
    frames, wave = cases.frames(12), cases.wave(12)
    assert np.abs(RandomSync()(frames, wave) - sync(frames, wave)).max() > 1e-3


def test_a_face_is_looked_at_alone():
    """What is around the crop changes nothing, and its track says which sound belongs to it."""
    looked = RandomSync(protocol=CROP, jpeg=False)
    frames, wave = cases.frames(30, 300, 400), cases.wave(30)
    track = landmarks(30)
    found = looked(frames, wave, track)
    assert found.shape == (25, 31)
    around = frames.copy()
    around[:, :40], around[:, :, 320:] = 0, 0
    np.testing.assert_array_equal(looked(around, wave, track), found)
    track[:4] = np.nan
    later = looked(frames, wave, track)
    np.testing.assert_array_equal(later, looked(frames[4:], wave[4 * 640 :], landmarks(26)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((cases.frames(5), cases.wave(9)), "5 frames and 9.5 frames of sound"),
        ((cases.frames(9), cases.wave(5)), "9 frames and 5.5 frames of sound"),
        ((cases.frames(9), np.full(9000, np.nan, np.float32)), "NaN or infinity"),
    ],
)
def test_what_has_no_window_is_refused(sync, given, said):
    with pytest.raises(InputError, match=said):
        sync(*given)


@pytest.mark.parametrize(("track", "said"), [(None, "no face"), (landmarks(8), "a track of 8 frames for 9")])
def test_the_face_is_wanted_for_every_frame(track, said):
    with pytest.raises(InputError, match=said):
        RandomSync(protocol=CROP)(cases.frames(9), cases.wave(9), track)


def test_sound_is_rounded_to_16_bits_and_cut():
    given = np.array([0, 0.5, -1, 1, 1.5, 0.4 / 32768, 0.6 / 32768], np.float32)
    assert samples(given).tolist() == [0, 16384, -32768, 32767, 32767, 0, 1]
