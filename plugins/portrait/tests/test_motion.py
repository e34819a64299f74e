import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portrait_scenes import RATE, speech

from pfy_core import InputError
from pfy_core.kinds import APERTURE_SPAN, MOTION_INDEX
from pfy_plugin_portrait.motion import Visemes

SCRIPT = "_ _ m a m a s a p a p i t u l a _ _ _ b o b a k i w e f a v a _ _"


def perform(component, wave, phones, seed=0):
    return np.concatenate(list(component(iter([phones]), iter([wave]), seed=seed)))


def channel(motion, name):
    return motion[:, MOTION_INDEX[name]]


def aperture(motion):
    return APERTURE_SPAN * (channel(motion, "jawOpen") - channel(motion, "mouthClose"))


def frame_at(seconds, fps=25):
    return int(seconds * fps)


@pytest.fixture(scope="module")
def heard():
    return speech(SCRIPT)


@pytest.fixture(scope="module")
def motion(heard):
    return perform(Visemes(), *heard)


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60, 29.97])
def test_there_are_as_many_frames_as_the_sound_is_long(heard, fps):
    frames = len(perform(Visemes(fps=fps), *heard))
    assert abs(frames / fps - len(heard[0]) / RATE) <= 0.5 / fps + 1e-9


def test_values_stay_in_range(motion):
    blendshapes = motion[:, :52]
    assert blendshapes.min() >= 0
    assert blendshapes.max() <= 1
    assert np.isfinite(motion).all()
    assert np.abs(motion[:, 52:]).max() < 0.3


def test_lips_are_closed_at_every_bilabial(heard, motion):
    for phone in heard[1]:
        if phone.symbol in "mpb" and phone.symbol:
            frames = aperture(motion)[frame_at(phone.start - 0.03) : frame_at(phone.end) + 1]
            assert frames.min() < 1e-6, phone


def test_the_mouth_is_shut_in_silence(motion):
    assert aperture(motion)[:3].max() < 0.012
    assert aperture(motion)[-4:].max() < 0.012


def test_open_vowels_open_wider_than_close_ones(heard, motion):
    def widest(symbol):
        spans = [(p.start, p.end) for p in heard[1] if p.symbol == symbol]
        return np.mean([aperture(motion)[frame_at(a) : frame_at(b) + 1].max() for a, b in spans])

    assert widest("a") > 1.4 * widest("i")
    assert widest("a") > widest("e") > widest("u")


def test_rounded_sounds_round_and_labiodentals_tuck(heard, motion):
    for symbol, name in (
        ("u", "mouthPucker"),
        ("w", "mouthPucker"),
        ("f", "mouthRollLower"),
        ("v", "mouthRollLower"),
    ):
        phone = next(p for p in heard[1] if p.symbol == symbol)
        inside = channel(motion, name)[frame_at(phone.start) : frame_at(phone.end) + 1].max()
        assert inside > 0.5, symbol


def test_the_jaw_stays_lower_than_the_lips_close(heard, motion):
    phone = [p for p in heard[1] if p.symbol == "m"][1]
    middle = frame_at((phone.start + phone.end) / 2 - 0.02)
    assert aperture(motion)[middle] < 0.02
    assert channel(motion, "jawOpen")[middle] > 0.02
    assert channel(motion, "mouthClose")[middle] > 0.02


@settings(max_examples=25, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 130_000), max_size=8),
    groups=st.lists(st.integers(1, 40), max_size=6),
    seed=st.integers(0, 50),
)
def test_any_chunks_give_the_same_motion(cuts, groups, seed):
    wave, phones = speech(SCRIPT)
    whole = perform(Visemes(), wave, phones, seed)
    waves = np.split(wave, sorted({cut for cut in cuts if cut < len(wave)}))
    bounds = sorted({group for group in groups if group < len(phones)})
    parts = [phones[a:b] for a, b in itertools.pairwise([0, *bounds, len(phones)])]
    pieces = np.concatenate(list(Visemes()(iter(parts), iter(waves), seed=seed)))
    assert pieces.shape == whole.shape
    assert np.abs(pieces - whole).max() < 1e-5


def test_frames_come_while_speech_is_still_arriving():
    wave, phones = speech(SCRIPT * 6)
    half = len(phones) // 2
    asked = []

    def sound():
        for index, part in enumerate(np.array_split(wave, 20)):
            asked.append(index)
            yield part

    first = next(Visemes()(iter([phones[:half], phones[half:]]), sound()))
    assert len(first) > 0
    assert max(asked) < 10


def test_the_same_seed_moves_alike_and_another_differs_only_beside_the_mouth(heard, motion):
    assert np.array_equal(perform(Visemes(), *heard, seed=0), motion)
    other = perform(Visemes(), *heard, seed=1)
    assert np.array_equal(aperture(other), aperture(motion))
    assert np.abs(channel(other, "headYaw") - channel(motion, "headYaw")).max() > 0.003


def test_the_first_frame_is_nearly_the_photo(motion):
    head = motion[0, 52:]
    assert np.abs(head).max() < 0.002
    assert channel(motion, "eyeBlinkLeft")[0] == 0


def test_options_change_what_they_say_and_nothing_else(heard, motion):
    still = perform(Visemes(head="still"), *heard)
    assert np.abs(still[:, 52:]).max() == 0
    assert np.array_equal(still[:, :52], motion[:, :52])
    staring = perform(Visemes(gaze="camera"), *heard)
    looks = [index for name, index in MOTION_INDEX.items() if name.startswith("eyeLook")]
    rest = [index for index in range(58) if index not in looks]
    assert np.abs(staring[:, looks]).max() == 0
    assert np.array_equal(staring[:, rest], motion[:, rest])
    wide = perform(Visemes(blinks=False, mouth=1.5), *heard)
    assert np.abs(channel(wide, "eyeBlinkLeft")).max() == 0
    assert aperture(wide).max() > 1.3 * aperture(motion).max()
    lively = perform(Visemes(head="lively"), *heard)
    assert np.abs(lively[:, 52:]).mean() > 1.8 * np.abs(motion[:, 52:]).mean()


@pytest.mark.parametrize("options", [{"fps": 0}, {"fps": 1000}, {"mouth": -1}, {"mouth": 9}])
def test_impossible_options_are_refused(options):
    with pytest.raises(InputError):
        Visemes(**options)


def test_people_blink_ten_to_forty_times_a_minute_and_never_in_bursts():
    wave, phones = speech("m a s a p i _ _ " * 260)
    blinks = channel(perform(Visemes(), wave, phones), "eyeBlinkLeft")
    starts = np.flatnonzero((blinks[1:] > 0.2) & (blinks[:-1] <= 0.2))
    minutes = len(blinks) / 25 / 60
    assert 10 <= len(starts) / minutes <= 40
    assert np.diff(starts).min() / 25 >= 0.6
    assert blinks.max() > 0.9


def test_a_very_short_sound_gives_a_frame():
    wave, phones = speech("a", 0.01)
    assert perform(Visemes(), wave, phones).shape == (1, 58)


def test_phones_that_end_before_the_sound_leave_the_mouth_shut():
    wave, phones = speech("m a m a _ _ _ _ _ _ _ _")
    motion = perform(Visemes(), wave, phones[:4])
    assert len(motion) == round(len(wave) / RATE * 25)
    assert aperture(motion)[-10:].max() < 0.02
