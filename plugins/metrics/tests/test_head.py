"""Measures of the head, on heads that are turned by known angles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_metrics import head

BASE = np.random.default_rng(1).normal(0, 40, (478, 3))
ANGLE = st.floats(-0.5, 0.5)


def turned(yaw, pitch, roll):
    """BASE, its face towards the viewer (-z), turned to the picture's right, down, clockwise (radians)."""
    c, s = np.cos, np.sin
    across = np.array([[c(yaw), 0, -s(yaw)], [0, 1, 0], [s(yaw), 0, c(yaw)]])
    over = np.array([[1, 0, 0], [0, c(pitch), -s(pitch)], [0, s(pitch), c(pitch)]])
    round_ = np.array([[c(roll), -s(roll), 0], [s(roll), c(roll), 0], [0, 0, 1]])
    return BASE @ (across @ over @ round_).T


@given(ANGLE)
def test_each_angle_is_found_alone(angle):
    degrees = np.degrees(angle)
    seen = head.pose(np.stack([turned(angle, 0, 0), turned(0, angle, 0), turned(0, 0, angle)]), BASE)
    assert seen == pytest.approx(np.diag([degrees] * 3), abs=1e-6)


def test_moving_about_and_coming_nearer_is_no_turn():
    assert head.pose((1.1 * BASE + (30, -20, 5))[None], BASE) == pytest.approx(np.zeros((1, 3)), abs=1e-6)


def test_speed_is_per_frame_of_25_whatever_the_rate():
    points = np.zeros((11, 478, 3))
    points[:, head.NOSE, 0] = np.arange(11)
    assert head.speed(points, 100.0, 25.0) == pytest.approx(np.full(10, 1.0))
    assert head.speed(points, 100.0, 50.0) == pytest.approx(np.full(10, 2.0))


def test_a_similarity_keeps_the_shape_and_a_stretch_does_not():
    moved = BASE.copy()
    moved[:, :2] = 1.3 * BASE[:, :2] @ np.array([[0.8, -0.6], [0.6, 0.8]]) + (5, 7)
    wide = BASE * (1.1, 1, 1)
    assert head.shape_distance(np.stack([BASE, moved]), BASE) == pytest.approx([0, 0], abs=1e-6)
    assert head.shape_distance(wide[None], BASE)[0] > 1


def test_the_range_leaves_out_outliers():
    values = np.linspace(0, 1, 1001)
    values[0] = 100
    assert head.spread(values) == pytest.approx(0.95, abs=0.01)
