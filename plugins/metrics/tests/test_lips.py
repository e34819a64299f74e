"""Measures of the mouth, on movements that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_core.kinds import Phone
from pfy_plugin_metrics import lips

FPS = 25
VOWELS = ("i", "ɪ", "e", "ɛ", "æ", "ɑ")


def spoken(symbols, each=0.12, start=0.5):
    """Silence, then sounds of equal length, then silence."""
    found = [Phone("", 0, start)]
    for symbol in symbols:
        found.append(Phone(symbol, found[-1].end, found[-1].end + each))
    return [*found, Phone("", found[-1].end, found[-1].end + start)]


def performed(phones, late=0.0, opening=0.15):
    """Aperture of a mouth that opens for everything but bilabials and silence, and its times."""
    times = (np.arange(round(phones[-1].end * FPS)) + 0.5) / FPS
    fine = np.arange(0, phones[-1].end, 0.002)
    wanted = np.zeros(len(fine))
    for phone in phones:
        if phone.symbol and phone.symbol not in "pbm":
            wanted[(fine >= phone.start + late) & (fine < phone.end + late)] = opening
    smooth = np.convolve(wanted, np.hanning(20) / np.hanning(20).sum(), "same")
    return np.interp(times, fine, smooth), times


def test_lips_that_close_for_bilabials_are_seen_to_and_others_are_not():
    phones = spoken(["ɑ", "p", "ɑ", "m", "ɑ", "b", "ɑ"])
    aperture, times = performed(phones)
    found = lips.closures(aperture, times, phones)
    assert (found.count, found.share) == (3, 1.0)
    assert found.chance < 0.9
    assert lips.closures(aperture + 0.05, times, phones).share == 0.0


@pytest.mark.parametrize("late", [-0.02, 0.0, 0.03])
def test_a_late_closure_is_seen_to_be_late(late):
    phones = spoken(["ɑ", "p", "ɑ", "m", "ɑ", "b", "ɑ"] * 3)
    aperture, times = performed(phones, late)
    assert lips.closures(aperture, times, phones).late == pytest.approx(late, abs=0.012)


def test_without_bilabials_nothing_is_claimed():
    found = lips.closures(*performed(spoken(["ɑ"])), spoken(["ɑ"]))
    assert found.count == 0
    assert np.isnan(found.share)


def test_pauses_are_where_nobody_speaks():
    phones = spoken(["ɑ"])
    aperture, times = performed(phones)
    assert lips.closed_in_pauses(aperture, times, phones) == 1.0
    assert lips.closed_in_pauses(aperture + 0.1, times, phones) == 0.0
    assert np.isnan(lips.closed_in_pauses(aperture, times, phones[1:2]))


def test_vowels_in_order_of_openness_are_in_order():
    phones = spoken([symbol for vowel in VOWELS for symbol in (vowel, "t")])
    times = (np.arange(round(phones[-1].end * FPS)) + 0.5) / FPS

    def opened(*openings):
        aperture = np.zeros(len(times))
        for phone in phones:
            if phone.symbol in VOWELS:
                inside = (times >= phone.start) & (times < phone.end)
                aperture[inside] = openings[VOWELS.index(phone.symbol)]
        return aperture

    rising = np.linspace(0.05, 0.15, 6)
    assert lips.vowel_order(opened(*rising), times, phones) == (pytest.approx(1), 6)
    assert lips.vowel_order(opened(*rising[::-1]), times, phones)[0] == pytest.approx(-1)
    assert np.isnan(lips.vowel_order(opened(*[0.1] * 6), times, phones)[0])


def test_a_diphthong_counts_as_its_first_half_and_marks_do_not_matter():
    assert lips.plain("ˈaɪ")[0] == "a"
    assert lips.plain("ɑː") == "ɑ"
    assert lips.plain(".") == ""


@settings(max_examples=30, deadline=None)
@given(late=st.floats(-0.2, 0.2), rate=st.sampled_from([25.0, 30.0, 50.0]), seed=st.integers(0, 99))
def test_the_offset_of_a_shifted_curve_is_its_shift(late, rate, seed):
    random = np.random.default_rng(seed)
    fine = np.arange(0, 8, lips.STEP)
    waves = random.uniform(0.5, 4, 6), random.uniform(0, 6, 6)

    def curve(t):
        return np.sin(2 * np.pi * waves[0] * t[:, None] + waves[1]).sum(1)

    times = (np.arange(8 * rate) + 0.5) / rate
    at_once, best, lag = lips.offset(curve(times - late), times, curve(fine), fine)
    assert lag == pytest.approx(late, abs=0.004)
    assert best >= at_once - 1e-9
    assert best > 0.95


def test_the_curve_that_phones_call_for_is_high_in_open_vowels_and_low_in_bilabials():
    fine = np.arange(0, 1.5, lips.STEP)
    curve = lips.called_for(spoken(["ɑ", "m", "ɑ"], each=0.16), fine)
    at = dict(zip(np.round(fine, 2), curve, strict=True))
    assert at[0.58] > 4 > 2 > at[0.74]
    assert at[0.1] < 0.1


def test_energy_is_the_sounds_level_and_has_a_floor():
    rate = 16_000
    wave = np.concatenate([np.zeros(rate), 0.1 * np.ones(rate), 0.01 * np.ones(rate)]).astype(np.float32)
    silent, loud, soft = lips.energy(wave, rate, np.arange(0.05, 3, 0.1))[[5, 15, 25]]
    assert loud == pytest.approx(-20, abs=0.1)
    assert soft == pytest.approx(-40, abs=0.1)
    assert silent == pytest.approx(loud - 40, abs=0.2)


def test_jitter_is_nil_for_steady_movement_and_grows_with_noise():
    steady = np.linspace(0, 1, 50)
    noise = np.random.default_rng(0).normal(0, 0.01, 50)
    assert lips.jitter(steady) == pytest.approx(0, abs=1e-12)
    assert lips.jitter(steady + noise) == pytest.approx(0.01 * np.sqrt(6), rel=0.3)
    assert np.isnan(lips.jitter(steady[:2]))


def test_sway_does_not_tremble_and_noise_does():
    times = np.arange(100) / FPS
    sway = np.sin(2 * np.pi * times)[:, None] * np.ones(4)
    noise = np.random.default_rng(0).normal(0, 0.1, sway.shape)
    assert lips.trembling(sway, FPS) < 0.02
    assert lips.trembling(sway + noise, FPS) == pytest.approx(0.08, abs=0.02)
    assert np.isnan(lips.trembling(sway[:5], FPS))


def test_a_mouth_that_does_not_move_has_no_offset():
    fine = np.arange(0, 4, lips.STEP)
    assert np.isnan(lips.offset(np.full(100, 0.1), np.arange(100) / FPS, np.sin(fine), fine)).all()


def test_aperture_and_width_are_counted_in_interocular_distances():
    points = np.zeros((2, 478, 3))
    points[:, 14, 1], points[:, 291, 0] = 10, 60
    iod = np.array([100.0, 50.0])
    assert lips.aperture(points, iod).tolist() == [0.1, 0.2]
    assert lips.width(points, iod).tolist() == [0.6, 1.2]
