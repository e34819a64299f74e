"""Each way to resize beside the program that it is named after."""

from itertools import pairwise

import numpy as np
import pytest
from network_cases import FRAMES, clip, thin

from pfy_plugin_networks import pictures

WAYS = {name: (prepare, 299) for name, prepare in pictures.FID.items()} | {
    "fvd/i3d-400-logits-16f": (pictures.fvd, 224)
}


@pytest.mark.parametrize("size", FRAMES)
@pytest.mark.parametrize("protocol", WAYS)
def test_frames_are_resized_as_the_reference_does(golden, protocol, size):
    prepare, side = WAYS[protocol]
    made = prepare(clip(*FRAMES[size]), side).numpy()
    np.testing.assert_allclose(thin(made), golden[f"{protocol} {size}"], atol=2e-6)


@pytest.mark.parametrize("protocol", WAYS)
def test_black_and_white_come_to_the_ends_of_the_scale(protocol):
    prepare, side = WAYS[protocol]
    white, black = (prepare(np.full((1, 8, 8, 3), value, np.uint8), side) for value in (255, 0))
    assert white.shape == (1, 3, side, side)
    assert float(white.min()) == pytest.approx(1, abs=0.01)
    assert float(black.max()) == -1


def test_lite_frames_are_resized_whole_and_scaled_as_it_was_trained():
    frames = np.zeros((1, 100, 200, 3), np.uint8)
    frames[:, :, 100:] = (0, 127, 255)
    made = pictures.bicubic(frames, 224)[0].numpy()
    np.testing.assert_allclose(made[:, :, :100], -127 / 128)
    np.testing.assert_allclose(made[:, 100, 200], [-127 / 128, 0, 1])


def test_ways_to_resize_differ():
    made = [prepare(clip(*FRAMES["larger"]), 299).numpy() for prepare in pictures.FID.values()]
    assert min(np.abs(one - other).mean() for one, other in pairwise(made)) > 0.01
