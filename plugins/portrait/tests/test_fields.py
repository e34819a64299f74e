import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_plugin_portrait.fields import Grid, Layer, flat, spline


def test_a_spline_passes_through_its_control_points():
    controls = np.random.default_rng(0).uniform(0, 3, (30, 2))
    moves = np.random.default_rng(1).normal(size=(20, 2))
    found = spline(controls, controls, 20) @ moves
    assert np.abs(found[:20] - moves).max() < 2e-3
    assert np.abs(found[20:]).max() < 2e-3


def test_a_spline_carries_a_shift_of_all_points_everywhere():
    controls = np.random.default_rng(0).uniform(0, 3, (30, 2))
    far = np.array([[10.0, -4.0], [1.5, 1.5]])
    assert np.allclose(spline(controls, far, 30).sum(1), 1, atol=5e-3)


def test_a_grid_covers_its_box_and_enlarges_to_its_pixels():
    grid = Grid.around(np.array([10.2, -5.0]), np.array([50.0, 33.3]), 4.0)
    x0, y0, x1, y1 = grid.box
    assert x0 <= 10.2 <= 50.0 <= x1
    assert y0 <= -5.0 <= 33.3 <= y1
    ramp = grid.points[..., :1].copy()
    wide = grid.enlarge(ramp)
    assert wide.shape[:2] == (y1 - y0, x1 - x0)
    middle = wide[8, 8:-8]
    assert np.allclose(middle.ravel(), np.arange(x0 + 8, x1 - 8), atol=1e-3)


def test_looking_up_a_field_interpolates_between_points():
    grid = Grid(0, 0, 5, 10, 12)
    ramp = grid.points.copy()
    at = np.array([[[11.3, 20.9], [30.0, 7.5]]], np.float32)
    # OpenCV reads at 1/32 of a cell.
    assert np.allclose(grid.look_up(ramp, at), at, atol=5 / 32)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), strength=st.floats(0.1, 6.0))
def test_the_inverse_brings_moved_points_back(seed, strength):
    """For gentle fields: y = x + d(x) implies y - d'(y) = x."""
    random = np.random.default_rng(seed)
    grid = Grid(0, 0, 4, 40, 40)
    x, y = grid.points[..., 0] / 160, grid.points[..., 1] / 160
    phase = random.uniform(0, 6, 4)
    field = np.stack(
        [
            np.sin(3 * x + phase[0]) * np.cos(2 * y + phase[1]),
            np.cos(2 * x + phase[2]) * np.sin(3 * y + phase[3]),
        ],
        -1,
    )
    field = (strength * field).astype(np.float32)
    inside = grid.points[10:-10, 10:-10]
    moved = inside + grid.look_up(field, inside)
    back = moved - grid.look_up(grid.inverse(field), moved)
    assert np.abs(back - inside).max() < 0.05 + 0.02 * strength


def test_a_layer_moves_as_its_weights_say():
    grid = Grid(0, 0, 4, 60, 50)
    weights = np.random.default_rng(0).normal(size=(3000, 7)).astype(np.float32)
    moves = np.random.default_rng(1).normal(size=(7, 2))
    assert np.allclose(Layer(grid, weights).field(moves).reshape(-1, 2), weights @ moves, atol=1e-4)
    assert flat(grid).shape == (3000, 2)
