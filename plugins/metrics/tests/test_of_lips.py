"""Metrics of lips, on lips that speak in known ways."""

import acting
import numpy as np
import pytest
from acting import FPS, face, saying, spoken, times
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_plugin_metrics.of_lips import (
    Aperture,
    Closure,
    ClosureF1,
    EnergyCorrelation,
    EnergyOffset,
    LipMotionError,
    LipOffset,
    LipSpeed,
    VowelOrder,
)

PHONES = spoken(["ɑ", "m", "i", "t", "ɛ", "p", "ɑ", "s", "i", "b", "ɛ", "m"] * 2)
OPENINGS = {"ɑ": 0.2, "ɛ": 0.14, "i": 0.08, "t": 0.05, "s": 0.05}
"""In iod."""
SPEAKS = face(saying(PHONES, OPENINGS))
SHUT, OPEN = (face(gap, frames=len(SPEAKS)) for gap in (0.01, 0.1))
RATE = 16_000


def test_lips_that_close_where_they_must_are_told_from_those_that_never_do_or_always():
    assert Closure()(SPEAKS, PHONES).value == 1.0
    assert Closure()(OPEN, PHONES).value == 0.0
    assert Closure()(SHUT, PHONES).value == 1.0
    assert ClosureF1()(SPEAKS, PHONES).value == 1.0
    assert ClosureF1()(OPEN, PHONES).value == 0.0
    assert ClosureF1()(SHUT, PHONES).value == pytest.approx(2 * 8 / (2 * 8 + 12))


def test_f1_falls_with_every_closure_that_is_missed():
    values = []
    for missed in range(4):
        gap = saying(PHONES, OPENINGS)
        for phone in [phone for phone in PHONES if phone.symbol in "pbm" and phone.symbol][:missed]:
            near = np.abs(times(PHONES[-1].end) - (phone.start + phone.end) / 2) < 0.09
            gap[near] = np.maximum(gap[near], 0.06)
        values.append(ClosureF1()(face(gap), PHONES).value)
    assert values == sorted(values, reverse=True)
    assert values == pytest.approx([2 * (8 - k) / (16 - k) for k in range(4)])


def test_vowels_are_in_order_and_in_the_wrong_one():
    assert VowelOrder()(SPEAKS, PHONES).value == pytest.approx(1.0)
    wrong = saying(PHONES, {"ɑ": 0.08, "ɛ": 0.14, "i": 0.2})
    assert VowelOrder()(face(wrong), PHONES).value == pytest.approx(-1.0)


@settings(max_examples=12, deadline=None)
@given(late=st.floats(-0.16, 0.16))
def test_lips_that_are_late_are_late_by_as_much_beside_phones_and_beside_sound(late):
    longer = spoken(["ɑ", "m", "i", "t", "ɛ", "p", "ɑ", "s", "i", "m", "ɛ", "ɑ", "b", "i"])
    gap = saying(longer, OPENINGS, late)
    at_once = LipOffset()(face(saying(longer, OPENINGS)), longer).value
    assert LipOffset()(face(gap), longer).value - at_once == pytest.approx(1000 * late, abs=15)
    seconds = np.arange(round(longer[-1].end * RATE)) / RATE
    loud = np.interp(seconds, times(longer[-1].end), saying(longer, OPENINGS))
    wave = (0.5 * 10 ** (10 * (loud - 0.2)) * np.sin(2 * np.pi * 200 * seconds)).astype(np.float32)
    assert EnergyOffset()(face(gap), wave).value == pytest.approx(1000 * late, abs=15)


def test_energy_goes_with_lips_that_follow_it_and_not_with_others():
    seconds = np.arange(4 * RATE) / RATE
    level = 20 * np.sin(2 * np.pi * seconds)
    wave = (0.1 * 10 ** (level / 20) * np.sin(2 * np.pi * 300 * seconds) / 10).astype(np.float32)
    follows, beside = (0.1 + 0.05 * turn(2 * np.pi * times(4)) for turn in (np.sin, np.cos))
    assert EnergyCorrelation()(face(follows), wave).value > 0.99
    assert abs(EnergyCorrelation()(face(beside), wave).value) < 0.1


def test_speed_and_aperture_are_those_of_the_lips():
    gap = 0.1 + 0.05 * (np.arange(51) % 2)
    assert LipSpeed()(face(gap)).value == pytest.approx(0.05 * FPS, rel=1e-3)
    assert LipSpeed()(OPEN).value == pytest.approx(0, abs=1e-4)
    assert Aperture()(face(gap)).value == pytest.approx(0.15, rel=1e-3)
    assert Aperture(percentile=0)(face(gap)).value == pytest.approx(0.1, rel=1e-3)
    with pytest.raises(InputError, match="percentile"):
        Aperture(percentile=101)


@given(size=st.floats(0.5, 4))
def test_a_larger_picture_changes_nothing(size):
    for metric in (LipSpeed(), Aperture()):
        assert metric((SPEAKS * size).astype(np.float32)).value == pytest.approx(metric(SPEAKS).value, 1e-3)


def test_the_error_of_known_motion_is_known():
    error = LipMotionError()
    assert error(SPEAKS, SPEAKS).value == 0
    wider = face(saying(PHONES, OPENINGS) + 0.03)
    assert error(wider, SPEAKS).value == pytest.approx(0.03, rel=1e-3)
    assert error(wider[:-1], SPEAKS).value == pytest.approx(0.03, rel=1e-3)
    assert "not one clip" in error(wider[:-2], SPEAKS).reason


def test_what_cannot_be_said_is_not_said_and_why():
    vowels = spoken(["ɑ", "i"] * 8)
    trembling = face(0.1 + np.random.default_rng(0).normal(0, 5e-4, len(SPEAKS)))
    reasons = [
        (Closure()(SPEAKS, vowels).reason, "no p, b or m"),
        (ClosureF1()(SPEAKS, vowels).reason, "no p, b or m"),
        (VowelOrder()(SPEAKS, vowels).reason, "fewer than 3 degrees"),
        (VowelOrder()(trembling, PHONES).reason, "lips that do not move"),
        (LipOffset()(OPEN, PHONES).reason, "do not move"),
        (LipOffset()(SPEAKS[:20], PHONES).reason, "less than 1.6 s"),
        (Closure()(SPEAKS, spoken([])).reason, "nothing is said"),
        (EnergyOffset()(SPEAKS, np.zeros(0, np.float32)).reason, "less than 1.6 s"),
        (EnergyCorrelation()(SPEAKS, np.zeros(RATE * 4, np.float32)).reason, "do not move"),
        (LipMotionError()(SPEAKS, SPEAKS * np.nan).reason, "reference: a face in 0%"),
    ]
    for said, wanted in reasons:
        assert wanted in said
    assert np.isnan(Closure()(SPEAKS, vowels).value)


def test_sounds_after_the_clips_end_do_not_count():
    cut = 2 * FPS
    inside = [phone for phone in PHONES if phone.start < 2]
    assert Closure()(acting.face(saying(PHONES, OPENINGS))[:cut], PHONES) == Closure()(SPEAKS[:cut], inside)


def test_sound_that_is_no_number_is_refused():
    with pytest.raises(InputError):
        EnergyOffset()(SPEAKS, np.full(RATE, np.nan, np.float32))
