"""Points that are followed: where they begin, what moves them, and clips that overlap."""

import numpy as np
import pytest
from scipy import ndimage

from pfy_core import InputError
from pfy_plugin_metrics.flow_tracks import grid, tracks
from pfy_plugin_metrics.motion_histograms import histograms


def moving(count, x=0.0, y=0.0, side=256):
    """A soft pattern that moves so many of 256 pixels a frame (count side side 3)."""
    rough = ndimage.gaussian_filter(np.random.default_rng(0).standard_normal((384, 384)), 3)
    rough = 127 + 100 * rough / np.abs(rough).max()
    made = [
        ndimage.shift(rough, (64 + y * time, 64 + x * time), mode="wrap")[64:320, 64:320]
        for time in range(count)
    ]
    scaled = [ndimage.zoom(frame, side / 256, order=1) for frame in made]
    return np.repeat(np.stack(scaled)[..., None], 3, axis=-1).clip(0, 255).astype(np.uint8)


def test_points_begin_on_fvmds_grid():
    points = grid().reshape(20, 20, 2)
    assert points[0, 0].tolist() == [8, 8]
    assert points[-1, -1].tolist() == [248, 248]
    assert points[0, 1].tolist() == pytest.approx([8 + 240 / 19, 8])


@pytest.mark.parametrize("side", [256, 512])
def test_they_go_with_the_picture(side):
    found = tracks(moving(16, 1.5, -0.75, side))
    assert found.shape == (1, 16, 20, 20, 2)
    assert found.dtype == np.float32
    inner = found[0, :, 4:-4, 4:-4]
    np.testing.assert_allclose(np.median(np.diff(inner, axis=0), axis=(0, 1, 2)), [1.5, -0.75], atol=0.1)
    assert np.abs(inner[-1] - inner[0] - [22.5, -11.25]).mean() < 2


def test_a_still_picture_keeps_them_still():
    found = tracks(moving(1).repeat(18, 0))
    assert np.abs(found - found[:, :1]).max() == 0
    assert histograms(found).sum() == 0


@pytest.mark.parametrize(("stride", "starts"), [(1, [0, 1, 2, 3, 4]), (3, [0, 3]), (9, [0])])
def test_every_clip_is_followed_as_if_it_were_alone(stride, starts):
    frames = moving(20, 1.0)
    found = tracks(frames, stride)
    assert len(found) == len(starts)
    for clip, start in zip(found, starts, strict=True):
        np.testing.assert_array_equal(clip, tracks(frames[start : start + 16])[0])


def test_fewer_frames_than_a_clip_are_refused():
    with pytest.raises(InputError, match="15 frames"):
        tracks(moving(1).repeat(15, 0))


def test_faster_is_told_from_slow_by_the_histograms():
    slow, fast = (
        histograms(tracks(moving(16, speed)), "motion/unrounded")[:, :512].sum() for speed in (0.5, 3)
    )
    assert fast > 2 * slow > 0
