import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pfy_plugin_referencenet.masks import levels, region_image, upsampled


def test_masks_are_resampled_as_pillow_does():
    mask = np.random.RandomState(0).uniform(0, 1, (128, 128)).astype(np.float32)
    made = levels(torch.from_numpy(mask).expand(3, -1, -1), 16, 16)
    assert [level.shape for level in made] == [(3, 256), (3, 64), (3, 16), (3, 4)]
    for level, side in zip(made, (16, 8, 4, 2), strict=True):
        wanted = np.asarray(Image.fromarray(mask).resize((side, side), Image.Resampling.BILINEAR))
        np.testing.assert_allclose(level[1].reshape(side, side), wanted, atol=1e-6)


@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from([64, 128]))
@settings(max_examples=60, deadline=None)
def test_masks_of_any_size_are_brought_to_the_image_and_stay_between_0_and_1(height, width, side):
    made = region_image(torch.ones(height, width), side, side)
    assert made.shape == (3, side, side)
    assert made.min() > 0.99
    assert made.max() <= 1


def test_a_small_region_keeps_its_edges():
    region = torch.tensor([[0.0, 1.0], [0.5, -1.0]])
    made = upsampled(region, 4, 4)
    assert torch.equal(made[0], region.repeat_interleave(2, 0).repeat_interleave(2, 1))
    assert torch.equal(made[0], made[2])
