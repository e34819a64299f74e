"""Measures of pictures, on pictures that are changed in known ways."""

import cv2
import numpy as np
import pytest

from pfy_bench.portrait import picture


@pytest.fixture(scope="module")
def cloth():
    """A picture full of detail."""
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2), None, 0, 255, cv2.NORM_MINMAX)


def test_the_photo_is_fitted_to_a_video_of_its_shape_only(cloth):
    assert picture.fit(cloth, (160, 120)).shape == (120, 160, 3)
    assert picture.fit(cloth, (160, 118)).shape == (118, 160, 3)
    assert picture.fit(cloth, (120, 120)) is None


def test_a_blurred_picture_is_less_sharp(cloth):
    box = (20, 20, 200, 200)
    assert picture.sharpness(cv2.GaussianBlur(cloth, (0, 0), 2), box) < 0.5 * picture.sharpness(cloth, box)
    assert np.isnan(picture.sharpness(cloth, (5, 5, 6, 6)))


@pytest.mark.parametrize("shift", [0.0, 1.5, 4.0])
def test_displacement_is_what_the_picture_was_moved_by(cloth, shift):
    matrix = np.array([[1, 0, shift * 0.6], [0, 1, shift * 0.8]])
    moved = cv2.warpAffine(cloth, matrix, (320, 240), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    inner = np.zeros((240, 320), bool)
    inner[30:-30, 30:-30] = True
    found = picture.within(picture.Displacement(cloth)(moved), inner & picture.textured(cloth))
    assert found == pytest.approx(shift, abs=0.15)


def test_nothing_is_said_of_a_handful_of_pixels(cloth):
    few = np.zeros((240, 320), bool)
    few[:4, :4] = True
    assert np.isnan(picture.within(cloth[..., 0], few))


def test_plain_walls_have_no_texture():
    assert not picture.textured(np.full((50, 50, 3), 128, np.uint8)).any()


def test_the_background_keeps_away_from_the_person_and_from_where_the_head_goes():
    matte = np.zeros((200, 200))
    matte[60:, 80:120] = 1
    calm, near = picture.background(matte, 40.0)
    lively, _ = picture.background(matte, 40.0, reach=20.0)
    assert not calm[matte > 0].any()
    assert lively.sum() < calm.sum()
    assert (near & ~calm).sum() == 0
    assert 0 < near.sum() < calm.sum()


def test_differences_are_grey_levels(cloth):
    darker = cloth // 2
    assert picture.difference(cloth, cloth).max() == 0
    assert picture.difference(cloth, darker).mean() == pytest.approx(cloth.mean() / 2, rel=0.02)
