import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_insightface import masks

POINTS = np.array([[100, 120], [300, 120], [200, 360]], np.float32)


def test_the_rectangle_is_so_much_larger_around_the_same_middle():
    assert masks.extent(POINTS, 1.0, 640, 640) == (100, 300, 120, 360)
    assert masks.extent(POINTS, 1.2, 640, 640) == (80, 320, 96, 384)
    assert masks.extent(POINTS, 2.0, 640, 640) == (0, 400, 0, 480)


def test_a_rectangle_that_leaves_the_picture_is_pushed_back_and_keeps_its_size():
    left, right, top, bottom = masks.extent(POINTS - [90, 110], 1.2, 640, 640)
    assert (left, right - left, top, bottom - top) == (0, 240, 0, 288)
    left, right, top, bottom = masks.extent(POINTS + [330, 270], 1.2, 640, 640)
    assert (right, right - left, bottom, bottom - top) == (640, 240, 640, 288)


@given(
    st.lists(st.tuples(st.floats(-50, 700), st.floats(-50, 700)), min_size=2, max_size=6),
    st.floats(0.5, 5),
    st.integers(2, 640),
    st.integers(2, 640),
)
def test_a_rectangle_is_always_inside_the_picture(points, expansion, height, width):
    left, right, top, bottom = masks.extent(np.array(points), expansion, height, width)
    assert 0 <= left <= width
    assert 0 <= top <= height
    assert right <= width
    assert bottom <= height
    made = masks.filled((left, right, top, bottom), height, width)
    assert made.shape == (height, width)


def test_a_blurred_mask_spans_all_of_0_to_255_at_64():
    made = masks.blurred(masks.filled((80, 320, 96, 384), 640, 640), masks.FACE_BLUR)
    assert made.shape == (64, 64)
    assert (made.min(), made.max()) == (0, 255)


@pytest.fixture(scope="module")
def parts():
    face = masks.filled((80, 320, 96, 384), 512, 512)
    lips = masks.filled((150, 260, 260, 340), 512, 512)
    return face, lips, masks.hierarchical(face, lips)


def test_the_three_masks_are_what_the_formula_says(parts):
    """Written anew: 8-bit steps of Hallo's chain of PNG files."""
    face, lips, (around, rest, mouth) = parts
    blurs = []
    for mask, kernel in ((face, 51), (lips, 31)):
        soft = cv2.GaussianBlur(cv2.resize(mask, (64, 64)), (kernel, kernel), 0).astype(float)
        low, high = soft.min(), soft.max()
        blurs.append(np.round((soft - low) * 255 / (high - low)))
    np.testing.assert_allclose(mouth.astype(float), blurs[1], atol=1)
    np.testing.assert_allclose(rest.astype(float), np.maximum(blurs[0] - blurs[1], 0), atol=1)
    np.testing.assert_allclose(around.astype(float), 255 - blurs[0], atol=2)


def test_differences_stop_at_zero_and_do_not_wrap_around(parts):
    *_, (_, rest, mouth) = parts
    at = np.unravel_index(mouth.argmax(), mouth.shape)
    assert rest[at] < 64
    assert rest.max() > 128


def test_lips_take_the_face_less_where_they_are_and_the_surroundings_are_dark_there(parts):
    face, _, (around, *_) = parts
    small = cv2.resize(face, (64, 64)) > 0
    assert around[small].mean() < 0.5 * around[~small].mean()


@pytest.mark.parametrize(("height", "width"), [(64, 64), (512, 512), (300, 500), (17, 9)])
def test_masks_come_to_the_size_of_the_picture_within_0_and_1(parts, height, width):
    made = masks.at_size(parts[2], height, width)
    assert made.shape == (3, height, width)
    assert made.dtype == np.float32
    assert 0 <= made.min() <= made.max() <= 1


def test_at_64_they_are_the_8_bit_masks(parts):
    np.testing.assert_allclose(masks.at_size(parts[2], 64, 64), parts[2] / 255, atol=1e-6)
