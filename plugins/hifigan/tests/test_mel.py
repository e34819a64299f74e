import math

import numpy as np
import pytest
import torch

from pfy_plugin_hifigan import mel


def tone(frequency, rate, seconds=1.0):
    return torch.sin(2 * torch.pi * frequency * torch.arange(int(rate * seconds)) / rate)


def test_filters_are_triangles_on_the_htk_scale():
    filters = mel.filterbank(257, 64, 16_000, 8000, area=False)
    assert filters.shape == (257, 64)
    step = 2595 * math.log10(1 + 8000 / 700) / 65
    for index in (5, 30, 63):
        centre = 700 * (10 ** (step * (index + 1) / 2595) - 1)
        assert abs(int(filters[:, index].argmax()) * 8000 / 256 - centre) <= 8000 / 256
    assert 0 <= filters.min() <= filters.max() <= 1
    inside = filters[10:235].sum(dim=1)  # neighbours add up to one
    torch.testing.assert_close(inside, torch.ones_like(inside), atol=1e-4, rtol=0)


def test_with_area_every_filter_weighs_the_same():
    filters = mel.filterbank(8193, 80, 22_050, 8000, area=True)
    areas = filters.sum(dim=0) * 11_025 / 8192
    torch.testing.assert_close(areas, torch.ones(80), atol=0.02, rtol=0)


def test_the_power_of_a_tone_is_in_its_bin():
    spectrum = mel.power(tone(1000, 16_000)[None], 512, 160, torch.hamming_window(400))
    assert spectrum.shape == (1, 257, 101)
    assert int(spectrum[0, :, 50].argmax()) == 32


@pytest.mark.parametrize(("source", "target"), [(22_050, 16_000), (16_000, 22_050), (24_000, 16_000)])
def test_resampling_keeps_a_tone_and_its_length(source, target):
    found = mel.resample(tone(440, source), source, target)
    assert len(found) == target
    middle = slice(target // 10, -target // 10)
    torch.testing.assert_close(found[middle], tone(440, target)[middle], atol=2e-3, rtol=0)


def test_resampling_leaves_out_what_the_lower_rate_cannot_hold():
    assert mel.resample(tone(10_500, 22_050), 22_050, 16_000)[1000:-1000].abs().max() < 0.02


def test_the_same_rate_is_the_same_wave():
    given = tone(440, 16_000)
    assert mel.resample(given, 16_000, 16_000) is given


def test_pre_emphasis_takes_97_hundredths_of_the_sample_before():
    filter = mel.PreEmphasis()
    filter.filter = torch.tensor([[[-0.97, 1.0]]])
    found = filter(torch.tensor([[1.0, 2.0, 4.0]]))
    np.testing.assert_allclose(found[0], [1 - 0.97 * 2, 2 - 0.97, 4 - 0.97 * 2], rtol=1e-6)
