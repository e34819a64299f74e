"""LSE-C, LSE-D and the offset: features of nothing, features that fit, and what the ends of a clip do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_plugin_metrics.lse import sync
from pfy_plugin_metrics.of_sync import LseC, LseD, SyncOffset

WIDTH = 1024


def compared(lips, sound):
    """Distances (windows 31) as SyncNetInstance.evaluate has them: beyond the ends of the sound are zeros."""
    padded = np.pad(sound, ((15, 15), (0, 0)))
    columns = [np.linalg.norm(lips - padded[shift : shift + len(lips)], axis=1) for shift in range(31)]
    return np.stack(columns, axis=1)


def independent(windows, seed=0):
    return compared(*np.random.default_rng(seed).standard_normal((2, windows, WIDTH)))


@pytest.mark.parametrize(
    ("windows", "confidence"), [(16, 5.88), (30, 3.06), (50, 1.74), (100, 0.91), (500, 0.20)]
)
def test_features_of_nothing_have_a_confidence_by_the_length_of_the_clip(windows, confidence):
    """As measured with the program's own calc_pdist."""
    found = [sync(independent(windows, seed)) for seed in range(4)]
    assert np.mean([each.confidence for each in found]) == pytest.approx(confidence, rel=0.25)
    assert {abs(each.offset) for each in found} == {15}
    # 15 of the windows are compared with 0 at the outermost shift, 8 at the median one.
    expected = 7 / windows * np.sqrt(WIDTH) * (np.sqrt(2) - 1)
    assert np.mean([each.confidence for each in found]) == pytest.approx(expected, abs=0.35)


def test_the_masked_protocol_sees_that_there_is_nothing():
    for windows, most in ((50, 0.4), (100, 0.25), (500, 0.1)):
        assert sync(independent(windows), "lse/masked").confidence < most


@pytest.mark.parametrize("protocol", ["lse/reference", "lse/masked"])
@pytest.mark.parametrize("late", [-15, -4, 0, 1, 7, 15])
def test_sound_that_is_late_has_an_offset_below_zero(protocol, late):
    random = np.random.default_rng(15 + late)
    features = random.standard_normal((200, WIDTH))
    lips, sound = features[20:150], features[20 - late : 150 - late]
    noise = 0.2 * random.standard_normal(lips.shape)
    found = sync(compared(lips, sound + noise), protocol)
    assert found.offset == -late
    assert found.confidence > 20


def test_what_fits_exactly_is_at_distance_zero_only_where_there_is_a_partner():
    features = np.random.default_rng(0).standard_normal((60, WIDTH))
    distances = compared(features[:50], features[10:])
    assert sync(distances, "lse/masked").distance == 0
    # The program compares the last 10 windows with zeros.
    assert sync(distances).distance == pytest.approx(
        np.linalg.norm(features[:10], axis=1).sum() / 50, rel=0.05
    )


def test_it_is_the_definition():
    distances = np.random.default_rng(0).uniform(5, 15, (40, 31))
    found = sync(distances)
    means = sorted(distances.mean(axis=0))
    assert found.distance == pytest.approx(means[0], rel=1e-12)
    assert found.confidence == pytest.approx(means[15] - means[0], rel=1e-12)
    assert found.offset == 15 - distances.mean(axis=0).argmin()


@given(st.integers(1, 60), st.integers(0, 100))
def test_the_masked_protocol_looks_at_pairs_alone(windows, seed):
    random = np.random.default_rng(seed)
    distances = random.uniform(5, 15, (windows, 31))
    spoiled = distances.copy()
    for window in range(windows):
        for column in range(31):
            if not 0 <= window + column - 15 < windows:
                spoiled[window, column] = random.uniform(0, 1000)
    assert sync(spoiled, "lse/masked") == sync(distances, "lse/masked")


def test_a_gain_scales_the_scores_and_windows_may_come_in_any_length():
    distances = independent(30)
    one, two = sync(distances), sync(2 * distances)
    assert (two.distance, two.confidence, two.offset) == (2 * one.distance, 2 * one.confidence, one.offset)
    assert sync(distances[:1], "lse/masked").distance >= 0


@pytest.mark.parametrize(
    "distances",
    [
        np.zeros((0, 31)),
        np.zeros((5, 30)),
        np.zeros(31),
        np.full((5, 31), np.nan),
        np.full((5, 31), -1.0),
    ],
)
def test_what_are_no_distances_is_refused(distances):
    with pytest.raises(InputError, match="distances"):
        sync(distances)


@pytest.mark.parametrize("metric", [LseC, LseD, SyncOffset])
def test_a_short_clip_is_not_scored_unless_that_is_wanted(metric):
    distances = independent(94).astype(np.float32)
    score = metric()(distances)
    assert np.isnan(score.value)
    assert score.reason == "99 frames of video and sound, 100 wanted"
    assert np.isfinite(metric(fewest=99)(distances).value)
    with pytest.raises(InputError, match="fewest 5"):
        metric(fewest=5)


def test_the_metrics_are_the_three_parts():
    distances = independent(120)
    found = sync(distances, "lse/masked")
    values = tuple(metric(protocol="lse/masked")(distances).value for metric in (LseD, LseC, SyncOffset))
    assert values == tuple(found)
