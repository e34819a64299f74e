"""What SyncNet is shown: the crop's rule, the smoothed track, and what JPEG makes of frames."""

import numpy as np
import pytest
import syncnet_cases as cases
from scipy import signal

from pfy_core import InputError
from pfy_plugin_networks import syncnet_frames


def landmarks(count, left=100.0, top=80.0, width=120.0, height=160.0):
    """A face whose box is given, and does not move (count 478 3)."""
    inside = np.random.default_rng(0).random((478, 2))
    inside[:2] = [[0, 0], [1, 1]]
    points = np.zeros((count, 478, 3), np.float32)
    points[..., :2] = [left, top] + inside * [width, height]
    return points


def test_a_face_is_cut_out_by_its_half_size():
    picture = np.zeros((1, 400, 500, 3), np.uint8)
    picture[0, :, :, 0], picture[0, :, :, 1] = np.arange(400)[:, None] // 2, np.arange(500) // 2
    track = syncnet_frames.Track(0, np.array([250.0]), np.array([180.0]), np.array([100.0]))
    (face,) = syncnet_frames.cropped(picture, track)
    assert face.shape[:2] == (280, 280)
    assert face[0, 0, :2].tolist() == [(180 - 100) // 2, (250 - 140) // 2]
    assert face[-1, -1, :2].tolist() == [(180 + 179) // 2, (250 + 139) // 2]


def test_beyond_the_picture_it_is_grey():
    track = syncnet_frames.Track(0, np.array([10.0]), np.array([10.0]), np.array([60.0]))
    (face,) = syncnet_frames.cropped(np.full((1, 200, 200, 3), 7, np.uint8), track)
    assert (face[0] == 110).all()
    assert (face[:, 0] == 110).all()
    assert (face[-1, -1] == 7).all()


def test_a_face_that_left_the_picture_is_refused():
    track = syncnet_frames.Track(4, np.array([900.0]), np.array([100.0]), np.array([60.0]))
    with pytest.raises(InputError, match="frame 4: the face is outside"):
        list(syncnet_frames.cropped(np.zeros((5, 200, 200, 3), np.uint8), track))


def test_the_track_is_smoothed_as_published():
    points = landmarks(40)
    points[..., :2] += np.random.default_rng(1).normal(0, 5, (40, 1, 2)).astype(np.float32)
    found = syncnet_frames.track(points)
    low, high = points[..., :2].min(axis=1), points[..., :2].max(axis=1)
    middle, half = (low.astype(float) + high) / 2, (high - low.astype(float)).max(axis=1) / 2
    for ours, raw in ((found.x, middle[:, 0]), (found.y, middle[:, 1]), (found.half, half)):
        np.testing.assert_allclose(ours, signal.medfilt(raw, 13), rtol=1e-12)


def test_frames_without_a_face_are_interpolated_within_the_track_and_left_out_around_it():
    points = landmarks(60)
    points[..., 0] += np.arange(60, dtype=np.float32)[:, None]
    whole = syncnet_frames.track(points)
    points[:5], points[55:], points[20:40] = np.nan, np.nan, np.nan
    found = syncnet_frames.track(points)
    assert (found.first, len(found.x)) == (5, 50)
    np.testing.assert_allclose(found.x[6:-6], whole.x[11:49], rtol=1e-6)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (np.full((30, 478, 3), np.nan, np.float32), "a face in 0 of 30 frames"),
        (np.concatenate([landmarks(6), np.full((9, 478, 3), np.nan, np.float32)]), "a face in 6 of 15"),
        (np.concatenate([landmarks(9), np.full((26, 478, 3), np.nan), landmarks(9)]), "lost for 26 frames"),
        (landmarks(20, width=60, height=100), "a face of 100 pixels"),
    ],
)
def test_what_is_no_track_is_refused(points, said):
    with pytest.raises(InputError, match=said):
        syncnet_frames.track(points)


def test_jpeg_files_get_worse_as_ffmpegs_do():
    """Its rate is held to 200 kb a second, which is noticed after the first frames."""
    y, x = np.mgrid[:256, :256]
    waves = np.stack([np.sin(x / 7 + y / 11), np.sin(x / 3), np.cos(y / 2.2)], axis=-1)
    pictures = [(128 + 60 * waves).astype(np.uint8)] * 20
    seen = list(syncnet_frames.through_jpeg(iter(pictures)))
    lost = [np.abs(one - other.astype(float)).mean() for one, other in zip(seen, pictures, strict=True)]
    assert all(picture.shape == (256, 256, 3) and picture.dtype == np.uint8 for picture in seen)
    assert lost[-1] > 2 * lost[1] > 0


def test_jpeg_files_of_a_clip_do_not_depend_on_the_one_before():
    pictures = cases.frames(5, 64, 48)
    first, again = (np.stack(list(syncnet_frames.through_jpeg(pictures))) for _ in range(2))
    np.testing.assert_array_equal(first, again)
