"""The resamplers: scipy's polyphase filter with the same taps."""

import numpy as np
import pytest
from scipy import signal

from pfy_plugin_metrics.resampling import resampled


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("length", [1, 7, 128, 1_000, 4_801])
def test_it_is_matlabs_which_scipy_has_by_default(rate, length):
    waves = np.random.default_rng(0).standard_normal((2, length))
    expected = signal.resample_poly(waves, 10_000, rate, axis=1)
    np.testing.assert_allclose(resampled(waves, rate, 10_000, "matlab"), expected, atol=1e-13)


@pytest.mark.parametrize("kind", ["octave", "matlab"])
def test_a_tone_stays_where_it_is(kind):
    time = np.arange(16_000) / 16_000
    made = resampled(np.sin(2 * np.pi * 440 * time)[None], 16_000, 10_000, kind)[0]
    expected = np.sin(2 * np.pi * 440 * np.arange(10_000) / 10_000)
    assert np.abs(made - expected)[200:-200].max() < 2e-3
