"""MCD: what pymcd 0.2.1 gave for the same sounds, and what holds without it."""

import numpy as np
import pytest
from speech_sounds import noisy, speech

from pfy_plugin_metrics.mcd import mcd
from pfy_plugin_metrics.unscored import Unscored

PLAIN = "mcd/pymcd-0.2.1-plain"
PYMCD = (
    (lambda: (speech(2), noisy(speech(2), 20)), 3.002519419789473),
    (lambda: (speech(2), speech(2.3, seed=1)), 13.20407105258164),
    (lambda: (speech(2.3, seed=1), 0.5 * speech(2)), 13.130018133970188),
)
"""Reference and made, and pymcd 0.2.1's answer in its mode "plain", with pyworld 0.3.5, pysptk 1.0.1 and
librosa 0.11.0, on these waves as files of float32 at 16 kHz."""


@pytest.mark.parametrize(("sounds", "expected"), PYMCD)
def test_it_is_what_pymcd_said(sounds, expected):
    reference, made = sounds()
    assert mcd(made, reference, PLAIN) == pytest.approx(expected, rel=1e-9)


def test_a_recording_is_at_no_distance_from_itself_nor_from_a_quieter_one():
    wave = speech(2)
    assert mcd(wave, wave) == 0
    assert mcd(0.01 * wave, wave) == pytest.approx(0, abs=1e-6)
    assert mcd(wave, wave, PLAIN) == 0
    assert mcd(0.5 * wave, wave, PLAIN) > 1


def test_more_noise_is_further_away():
    wave = speech(2)
    values = [mcd(noisy(wave, level), wave) for level in (40, 30, 20, 10, 0)]
    assert values == sorted(values)


def test_a_pause_in_front_costs_little():
    wave = noisy(speech(2), 30)
    late = np.concatenate([wave[12_400:15_600], wave])
    assert mcd(late, wave) < 0.2 * mcd(speech(2, seed=1), wave)


def test_it_does_not_matter_which_of_the_two_was_made():
    one, two = speech(2), speech(2.3, seed=1)
    assert mcd(one, two) == pytest.approx(mcd(two, one), rel=1e-2)


@pytest.mark.parametrize("protocol", ["mcd/mcep-dtw", PLAIN])
@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (np.zeros(16_000), "made is silent"),
        (np.zeros(0), "made is silent"),
        (np.ones(300), "lasts 0.019 s, wanted 0.025 to 60 s"),
        (np.ones(961_000), "lasts 60.062 s"),
    ],
)
def test_what_cannot_be_scored_has_a_reason_and_no_number(protocol, made, reason):
    with pytest.raises(Unscored, match=reason):
        mcd(made, speech(2), protocol)
