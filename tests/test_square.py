"""The adapter that makes photos square."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pfy_core import InputError
from pfy_core.adapters.square import ABOVE, CLOSE, WIDE, MakeSquare
from pfy_core.testing import faces


def photo(height, width):
    """Red grows to the right and green downwards, so that a pixel says where it comes from."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1), 0 * x], 2).astype(np.uint8)


def mesh(left, top, side):
    """Landmarks with this extent, both ways, and a depth of the same size."""
    points = faces.landmarks(100, 100).astype(float)
    low, high = points.min(0), points.max(0)
    return ((points - low) / (high - low) * side + (left, top, 0)).astype(np.float32)


def frame(landmarks):
    low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    return low, high, float((high - low).max())


def test_the_face_is_half_of_the_side_and_in_the_middle():
    made = MakeSquare(size=256)(photo(600, 900), mesh(500, 250, 200))
    low, high, extent = frame(made.landmarks)
    assert made.image.shape == (256, 256, 3)
    assert extent == pytest.approx(WIDE * 256)
    np.testing.assert_allclose((low + high) / 2, 128, atol=0.5)


def test_near_the_rim_the_window_is_pushed_back_into_the_photo():
    made = MakeSquare(size=400)(photo(600, 900), mesh(690, 10, 200))
    low, _, extent = frame(made.landmarks)
    assert extent == pytest.approx(WIDE * 400)
    np.testing.assert_allclose(low, [690 - 500, 10], atol=1e-3)
    assert made.image[0, -1].tolist() == [255, 0, 0]  # the photo's own corner, nothing repeated


def test_a_photo_with_little_around_the_face_is_taken_as_far_as_it_goes():
    made = MakeSquare(size=300)(photo(300, 500), mesh(150, 60, 200))
    assert frame(made.landmarks)[2] == pytest.approx(200)  # of 300: the whole height
    assert made.image[[0, -1], 0, 1].tolist() == [0, 255]


def test_beyond_70_percent_the_rim_is_repeated():
    made = MakeSquare(size=200)(photo(180, 180), mesh(10, 10, 160))
    assert frame(made.landmarks)[2] == pytest.approx(CLOSE * 200, rel=0.01)
    assert (made.image[:10] == made.image[10]).all()


@pytest.mark.parametrize("fit", ["face", "crop", "pad", "squash"])
@pytest.mark.parametrize("shape", [(240, 320), (320, 240)])
def test_landmarks_stay_on_what_they_mark(fit, shape):
    """The colours under a landmark say where it was in the photo."""
    points = mesh(130, 100, 60)
    made = MakeSquare(size=480, fit=fit)(photo(*shape), points)
    for mark in (1, 10, 152, 234, 454):
        x, y, depth = made.landmarks[mark]
        red, green, _ = made.image[int(y), int(x)].astype(float)
        assert red / 255 * (shape[1] - 1) == pytest.approx(points[mark, 0], abs=2)
        assert green / 255 * (shape[0] - 1) == pytest.approx(points[mark, 1], abs=2)
        across = made.landmarks[454, 0] - made.landmarks[234, 0]
        assert depth / across == pytest.approx(points[mark, 2] / (points[454, 0] - points[234, 0]), abs=1e-3)


@pytest.mark.parametrize(
    ("fit", "corner", "blue"),
    [("crop", (255, 0, 0), 0), ("pad", (0, 0, 255), 1 / 8), ("squash", (0, 0, 255), 1 / 8)],
)
def test_a_photo_too_high_is_cropped_padded_or_squashed(fit, corner, blue):
    """A blue band above, red below: crop cuts a quarter of the surplus above, which is all of the blue."""
    tall = np.zeros((256, 128, 3), np.uint8)
    tall[: round(128 * ABOVE)], tall[round(128 * ABOVE) :] = (0, 0, 255), (255, 0, 0)
    made = MakeSquare(size=128, fit=fit)(tall)
    assert made.landmarks is None
    assert tuple(made.image[0, 0].tolist()) == corner
    assert (made.image[..., 2] > 127).mean() == pytest.approx(blue, abs=0.01)


def test_squashed_a_photo_is_what_pillow_makes_of_it():
    given = np.random.RandomState(0).randint(0, 256, (90, 120, 3)).astype(np.uint8)
    wanted = np.asarray(Image.fromarray(given).resize((64, 64), Image.Resampling.BILINEAR))
    assert np.array_equal(MakeSquare(size=64, fit="squash")(given).image, wanted)


@pytest.mark.parametrize("fit", ["face", "crop", "pad", "squash"])
def test_a_square_photo_of_the_size_is_not_touched(fit):
    given = photo(200, 200)
    made = MakeSquare(size=200, fit=fit)(given, mesh(50, 50, 100))
    assert np.array_equal(made.image, given)
    np.testing.assert_allclose(made.landmarks, mesh(50, 50, 100), atol=1e-3)
    assert not np.shares_memory(made.image, given)


@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.sampled_from(["face", "crop", "pad", "squash"]),
    st.floats(0.01, 0.99),
    st.floats(0.01, 0.99),
    st.floats(1.1, 80),
)
@settings(max_examples=200, deadline=None)
def test_any_photo_becomes_square_and_the_face_is_in_it(height, width, fit, x, y, side):
    side = min(side, 1.9 * max(height, width))
    points = mesh(x * width - side / 2, y * height - side / 2, side)
    made = MakeSquare(size=32, fit=fit)(photo(height, width), points)
    assert made.image.shape == (32, 32, 3)
    if fit == "face":
        assert frame(made.landmarks)[2] <= 32


@pytest.mark.parametrize(
    ("image", "landmarks", "sends"),
    [
        (np.zeros((4, 4), np.uint8), None, "image: shape (4 4)"),
        (np.zeros((4, 0, 3), np.uint8), None, "image: shape (4 0 3)"),
        (np.zeros((4, 4, 3), np.float32), None, "image: float32"),
        ([[1]], None, "image: list"),
        (photo(40, 50), None, "no landmarks for fit 'face'"),
        (photo(40, 50), np.zeros((68, 2)), "landmarks: shape (68, 2)"),
        (photo(40, 50), np.full((478, 3), np.nan), "landmarks: shape (478, 3)"),
        (photo(40, 50), mesh(200, 10, 20), "landmarks from [200.0, 10.0] to [220.0, 30.0]"),
        (photo(40, 50), mesh(-1e6, -1e6, 2e6), "landmarks from"),
        (photo(40, 50), np.ones((478, 3)), "landmarks: all in one place"),
    ],
)
def test_what_is_no_photo_or_not_its_face_is_said_so(image, landmarks, sends):
    with pytest.raises(InputError) as caught:
        MakeSquare()(image, landmarks)
    assert caught.value.sends.startswith(sends)
    assert caught.value.wants


@pytest.mark.parametrize("options", [{"size": 15}, {"size": 5000}, {"fit": "stretch"}])
def test_options_out_of_range_are_said_so(options):
    with pytest.raises(InputError):
        MakeSquare(**options)
