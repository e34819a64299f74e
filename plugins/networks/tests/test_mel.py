"""The patches of VGGish beside torchvggish, and how a recording is cut."""

import numpy as np
import pytest
from network_cases import sound, thin

from pfy_plugin_networks import mel

GOOGLE, TORCH = "fad/google-1s-0.5s", "fad/torch-0.96s"


@pytest.mark.parametrize("protocol", [GOOGLE, TORCH])
def test_patches_are_those_of_the_reference(golden, protocol):
    np.testing.assert_allclose(thin(mel.patches(sound(), protocol)), golden[protocol], atol=1e-6)


@pytest.mark.parametrize(
    ("protocol", "samples", "count"),
    [
        (TORCH, 15_599, 0),
        (TORCH, 15_600, 1),
        (TORCH, 2 * 15_360 + 239, 1),
        (TORCH, 2 * 15_360 + 240, 2),
        (GOOGLE, 15_999, 0),
        (GOOGLE, 16_000, 1),
        (GOOGLE, 23_999, 1),
        (GOOGLE, 24_000, 2),
        (GOOGLE, 160_000, 19),
    ],
)
def test_as_many_patches_as_fit(protocol, samples, count):
    assert mel.patches(np.zeros(samples), protocol).shape == (count, 96, 64)


def test_google_makes_loud_what_is_quiet_by_its_highest_sample_and_tenfold_at_most():
    wave = sound(1.0)
    loud, quiet = mel.patches(wave, GOOGLE), mel.patches(0.5 * wave, GOOGLE)
    np.testing.assert_allclose(loud, quiet, atol=1e-5)
    assert np.abs(mel.patches(0.001 * wave, GOOGLE) - loud).max() > 1
    turned = mel.patches(-wave, GOOGLE)
    assert np.abs(turned - loud).max() > 0.1


def test_torchs_patches_keep_the_loudness():
    assert mel.patches(sound(1.0), TORCH).mean() > mel.patches(0.5 * sound(1.0), TORCH).mean() + 0.1


def test_a_tone_is_in_the_band_of_its_pitch():
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)
    edges = np.linspace(mel._mel(125.0), mel._mel(7500.0), 66)
    assert mel.log_mel(tone).mean(0).argmax() == np.abs(edges[1:-1] - mel._mel(1000.0)).argmin()
