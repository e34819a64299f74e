"""Motion histograms: counted point by point as the package fvmd counts, and motion that is known."""

import numpy as np
import pytest

from pfy_core import InputError
from pfy_plugin_metrics.motion_histograms import histograms

STILL = np.stack(np.meshgrid(np.arange(20) * 12.0, np.arange(20) * 12.0), -1)


def moved(*steps):
    """One clip of 16 frames whose points all make these steps, the last of them from then on."""
    steps = np.array([*steps, *[steps[-1]] * (15 - len(steps))], float)
    way = np.concatenate([np.zeros((1, 2)), steps.cumsum(0)])
    return (STILL + way[:, None, None])[None]


def counted(vectors):
    """(frames rows columns 2) -> (d): the definition, point by point (arXiv 2407.16124, section 3.2)."""
    made = np.zeros((4, 4, 4, 8))
    for t, y, x in np.ndindex(vectors.shape[:3]):
        first, second = vectors[t, y, x]
        angle = int(min((np.arctan2(first, second) + np.pi) // (np.pi / 4), 7))
        strength = np.ceil(np.log2(1 + min(np.hypot(first, second), 255))) / 8
        made[t // 4, y // 5, x // 5, angle] += strength
    return made.ravel()


@pytest.mark.parametrize("protocol", ["fvmd/reference-1.0.0", "fvmd/paper"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_the_definition(protocol, dtype):
    tracks = np.random.default_rng(0).standard_normal((2, 16, 20, 20, 2)).cumsum(1) * 3
    tracks = tracks.astype(dtype)
    made = histograms(tracks, protocol)
    assert made.shape == (2, 1024)
    for clip, row in zip(tracks, made, strict=True):
        velocity = np.concatenate([np.zeros_like(clip[:1]), np.diff(clip, axis=0)])
        of = clip if protocol == "fvmd/reference-1.0.0" else velocity
        change = np.concatenate([np.zeros_like(clip[:2]), np.diff(of[1:], axis=0)])
        np.testing.assert_array_equal(row, np.r_[counted(velocity), counted(change)])


def test_steady_motion_has_no_acceleration_and_the_package_says_it_has():
    tracks = moved((3.0, 0.0))
    paper, reference = (histograms(tracks, name)[0, 512:] for name in ("fvmd/paper", "fvmd/reference-1.0.0"))
    # The first step is from rest, which the velocity of the first frame is defined as.
    assert paper.sum() == 0
    assert reference.sum() == 14 * 400 * 2 / 8


def test_a_still_clip_is_empty_and_the_smallest_motion_counts_as_a_pixel():
    assert histograms(moved((0.0, 0.0))).sum() == 0
    tiny, one = (histograms(moved((step, 0.0)))[0, :512] for step in (0.001, 1.0))
    np.testing.assert_array_equal(tiny, one)


def test_unrounded_the_smallest_motion_counts_as_what_it_is():
    tiny, one = (histograms(moved((step, 0.0)), "motion/unrounded")[0, :512] for step in (0.001, 1.0))
    assert tiny.sum() == pytest.approx(15 * 400 * np.log2(1.001) / 8, rel=1e-6)
    np.testing.assert_allclose(one, histograms(moved((1.0, 0.0)), "fvmd/paper")[0, :512])


@pytest.mark.parametrize("clips", [0, 1])
def test_few_clips_give_few_rows(clips):
    assert histograms(np.zeros((clips, 16, 20, 20, 2))).shape == (clips, 1024)


def test_clips_are_counted_each_by_itself():
    tracks = np.concatenate([moved((1.0, 2.0)), moved((-5.0, 0.0)), moved((0.0, 0.0))])
    together = histograms(tracks)
    np.testing.assert_array_equal(together, np.concatenate([histograms(clip[None]) for clip in tracks]))


@pytest.mark.parametrize("shape", [(1, 3, 20, 20, 2), (1, 16, 4, 20, 2), (1, 16, 400, 2), (1, 16, 20, 20, 3)])
def test_tracks_of_another_shape_are_refused(shape):
    with pytest.raises(InputError, match="tracks of shape"):
        histograms(np.zeros(shape))
