"""STOI beside pystoi 0.4.1, and where neither has an answer."""

import numpy as np
import pystoi
import pytest
from speech_sounds import noisy, speech

from pfy_plugin_metrics.stoi import stoi
from pfy_plugin_metrics.unscored import Unscored

SAME = 1e-9
"""Largest difference to pystoi; the extended one adds noise of its own of about 1e-16 times 450 values."""


@pytest.mark.parametrize("rate", [8_000, 10_000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("extended", [False, True])
def test_it_is_what_pystoi_says(rate, extended):
    clean = speech(2, rate)
    for level in (30, 5, -5):
        made = noisy(clean, level)
        protocol = f"{'e' * extended}stoi/pystoi-0.4.1"
        expected = pystoi.stoi(clean, made, rate, extended=extended)
        assert stoi(made, clean, rate, protocol) == pytest.approx(expected, abs=SAME)


@pytest.mark.parametrize("samples", [9_000, 9_001, 9_127, 9_128, 9_129])
def test_it_is_what_pystoi_says_wherever_the_last_frame_ends(samples):
    clean = speech(1, 10_000)[:samples]
    assert stoi(noisy(clean, 0), clean, 10_000) == pytest.approx(
        pystoi.stoi(clean, noisy(clean, 0), 10_000), abs=SAME
    )


def test_the_authors_protocol_is_the_same_at_their_own_rate_and_near_it_at_others():
    for rate, apart in ((10_000, 1e-12), (16_000, 2e-3)):
        clean = speech(2, rate)
        one, two = (stoi(noisy(clean, 5), clean, rate, name) for name in ("stoi/matlab", "stoi/pystoi-0.4.1"))
        assert one == pytest.approx(two, abs=apart)
    assert one != two


@pytest.mark.parametrize("protocol", ["stoi/pystoi-0.4.1", "stoi/matlab", "estoi/pystoi-0.4.1"])
def test_more_noise_is_less_intelligible_and_none_is_perfect(protocol):
    clean = speech(2)
    values = [stoi(noisy(clean, level), clean, 16_000, protocol) for level in (40, 20, 10, 0, -10, -20)]
    assert values == sorted(values, reverse=True)
    assert stoi(clean, clean, 16_000, protocol) == pytest.approx(1, abs=1e-9)
    assert stoi(0.2 * clean, clean, 16_000, protocol) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (speech(0.3), "0.38 s wanted"),
        (np.zeros(16_000), "the reference is silent"),
        (speech(0.01), "0.00 s of speech"),
        (np.zeros(0), "the reference is silent"),
    ],
)
def test_what_has_no_answer_has_a_reason_and_no_number(reference, reason):
    with pytest.raises(Unscored, match=reason):
        stoi(reference, reference, 16_000)


def test_silence_that_was_made_says_nothing():
    clean = speech(2)
    assert stoi(0 * clean, clean, 16_000) == 0
    with pytest.raises(Unscored, match=r"stoi\.m divides by zero"):
        stoi(0 * clean, clean, 16_000, "stoi/matlab")
