"""Colours of known places."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_metrics import colour

BYTE = st.integers(0, 255)


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((10, 10, 10), (2.7417, 0, 0)),
        ((255, 0, 0), (53.2408, 80.0925, 67.2032)),
        ((0, 255, 0), (87.7347, -86.1827, 83.1793)),
        ((0, 0, 255), (32.2970, 79.1875, -107.8602)),
    ],
)
def test_the_corners_of_srgb_are_where_they_are_known_to_be(rgb, expected):
    """B. Lindbloom's tables, sRGB under D65."""
    assert colour.lab(rgb) == pytest.approx(expected, abs=0.01)


@given(BYTE)
def test_greys_have_no_hue_and_get_lighter(level):
    lightness, a, b = colour.lab((level, level, level))
    assert abs(a) + abs(b) < 1e-4
    assert lightness <= colour.lab((min(level + 1, 255),) * 3)[0] + 1e-9


def test_a_tint_of_the_skin_is_a_difference_and_one_elsewhere_is_not():
    plain = np.full((200, 200, 3), 128, np.uint8)
    points = np.full((478, 3), 100.0)
    tinted = plain.copy()
    tinted[..., 0] += 12
    known = colour.skin(plain, points, 50.0)
    assert colour.difference(colour.skin(tinted, points, 50.0), known) == pytest.approx(6.0, abs=1.5)
    tinted[90:110, 90:110] = 128
    assert colour.difference(colour.skin(tinted, points, 50.0), known) == 0


def test_a_patch_outside_of_the_picture_has_no_colour():
    away = np.full((478, 3), 500.0)
    assert np.isnan(colour.skin(np.zeros((20, 20, 3), np.uint8), away, 50.0)).all()
