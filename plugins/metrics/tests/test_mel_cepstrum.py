"""Mel-cepstra: what they are known to minimise, and spectra whose cepstrum is known."""

import numpy as np
import pytest

from pfy_plugin_metrics.mel_cepstrum import bent, cosines, unbiased

ALPHA = 0.42


def known(frames=20, order=12, seed=0):
    """Mel-cepstra as speech has them, and the power spectra that they say."""
    random = np.random.default_rng(seed)
    cepstra = random.standard_normal((frames, order + 1)) * np.r_[3, 1 / np.arange(1, order + 1)]
    return cepstra, np.exp(2 * cepstra @ cosines(257, order, ALPHA))


def test_a_spectrum_of_a_known_mel_cepstrum_gives_it_back():
    cepstra, power = known()
    np.testing.assert_allclose(unbiased(power, 12, ALPHA), cepstra, atol=1e-6)


def test_it_is_the_minimum_also_where_no_mel_cepstrum_says_the_spectrum():
    _, power = known()
    power = power * np.random.default_rng(1).exponential(size=power.shape)

    def spectral(cepstra):
        level = 2 * cepstra @ cosines(257, 12, ALPHA)
        weights = np.r_[0.5, np.ones(255), 0.5] / 256
        return (power * np.exp(-level) + level) @ weights

    found = unbiased(power, 12, ALPHA)
    least = spectral(found)
    random = np.random.default_rng(2)
    for _ in range(20):
        assert (spectral(found + 1e-3 * random.standard_normal(found.shape)) > least).all()


def test_a_gain_moves_the_level_alone():
    _, power = known()
    one, two = unbiased(power, 12, ALPHA), unbiased(1e-6 * power, 12, ALPHA)
    np.testing.assert_allclose(two[:, 0] - one[:, 0], np.log(1e-6) / 2, atol=1e-6)
    np.testing.assert_allclose(two[:, 1:], one[:, 1:], atol=1e-6)


@pytest.mark.parametrize("alpha", [0.0, 0.42, 0.65])
def test_bending_keeps_what_an_order_high_enough_can_say(alpha):
    time = np.arange(1, 6)
    cepstrum = np.r_[0.3, 0.5**time]
    level = cepstrum @ np.cos(np.arange(6)[:, None] * np.linspace(0, np.pi, 257))
    given = bent(2 * level[None], 60, alpha)[0]
    np.testing.assert_allclose(given @ cosines(257, 60, alpha), level, atol=1e-4)
