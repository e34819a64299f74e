import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portrait_scenes import RATE, speech, voice

from pfy_core import InputError
from pfy_core.kinds import APERTURE_SPAN, MOTION_INDEX
from pfy_plugin_portrait.emotion import EMOTIONS
from pfy_plugin_portrait.looks import FULL, HELD
from pfy_plugin_portrait.motion import Visemes

SCRIPT = "_ _ m a m a s a p a p i t u l a _ _ _ b o b a k i w e f a v a _ _"


def perform(component, wave, phones, seed=0):
    return np.concatenate(list(component(iter([phones]), iter([wave]), seed=seed)))


def channel(motion, name):
    return motion[:, MOTION_INDEX[name]]


def indices(*starts):
    """Columns of the channels whose names start so."""
    return [index for name, index in MOTION_INDEX.items() if name.startswith(starts)]


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
    assert np.abs(motion[:, 52:]).max() < 0.31


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
    options = {"emotion": "happy", "blink": 30, "head": "lively"}
    whole = perform(Visemes(**options), wave, phones, seed)
    waves = np.split(wave, sorted({cut for cut in cuts if cut < len(wave)}))
    bounds = sorted({group for group in groups if group < len(phones)})
    parts = [phones[a:b] for a, b in itertools.pairwise([0, *bounds, len(phones)])]
    pieces = np.concatenate(list(Visemes(**options)(iter(parts), iter(waves), seed=seed)))
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
    assert np.abs(channel(other, "headYaw") - channel(motion, "headYaw")).max() > 0.01


def test_the_first_and_the_last_frame_are_nearly_the_photo(heard):
    for seed in range(4):
        motion = perform(Visemes(head="lively"), *heard, seed=seed)
        assert np.abs(motion[[0, -1], 52:]).max() < 0.002
        assert channel(motion, "eyeBlinkLeft")[[0, -1]].max() < 0.02
        assert np.abs(motion[[0, -1]][:, LOOKS]).max() < 0.1


HEAD = range(52, 58)
BROWS = indices("brow")
LOOKS, LIDS = indices("eyeLook"), indices("eyeBlink", "eyeWide")
LIPS = [*indices("jaw", "mouth"), *indices("tongue")]


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        ({"head": "still"}, [*HEAD, *LOOKS, *LIDS]),
        ({"head": "lively"}, [*HEAD, *LOOKS, *LIDS]),
        ({"head": "lively", "gaze": "keep"}, [*HEAD, *LOOKS, *LIDS]),
        ({"motion": 2.0}, [*HEAD, *BROWS, *LOOKS, *LIDS]),
        ({"motion": 0.0}, [*HEAD, *BROWS, *LOOKS, *LIDS]),
        ({"blink": 0}, indices("eyeBlink")),
        ({"blink": 40}, indices("eyeBlink")),
        ({"gaze": "camera"}, [*LOOKS, *LIDS, *HEAD]),
        ({"gaze": "keep"}, [*LOOKS, *LIDS, *HEAD]),
        ({"mouth": 1.5}, indices("jawOpen", "mouthClose")),
        ({"strength": 1.0}, []),
        *(
            (
                {"emotion": name},
                [
                    *(*HEAD, *LOOKS, *LIDS),
                    *indices("jawOpen", "mouthClose"),
                    *map(MOTION_INDEX.get, emotion.channels),
                ],
            )
            for name, emotion in EMOTIONS.items()
        ),
    ],
    ids=str,
)
def test_an_option_changes_what_it_says_and_nothing_else(heard, motion, options, changed):
    other = perform(Visemes(**options), *heard)
    rest = [index for index in range(58) if index not in changed]
    assert np.array_equal(other[:, rest], motion[:, rest])
    neutral = options in ({"strength": 1.0}, {"emotion": "neutral"})
    assert neutral == np.array_equal(other, motion)


def test_a_still_head_is_still_and_looks_and_blinks(heard, motion):
    still = perform(Visemes(head="still", motion=3.0), *heard)
    assert np.abs(still[:, HEAD]).max() == 0
    assert np.abs(still[:, LOOKS]).max() > 0.1
    assert np.array_equal(still[:, LIPS], motion[:, LIPS])


def test_eyes_hold_the_viewer_while_the_head_turns(heard):
    turning = perform(Visemes(gaze="camera", head="lively"), *heard)
    right, down = (
        channel(turning, "eyeLookOutLeft") - channel(turning, "eyeLookInLeft"),
        channel(turning, "eyeLookDownLeft") - channel(turning, "eyeLookUpLeft"),
    )
    for look, turn in ((right, channel(turning, "headYaw")), (down, channel(turning, "headPitch"))):
        assert np.abs(turn).max() > 0.1
        assert np.degrees(turn) * HELD == pytest.approx(-FULL * look, abs=0.01)


@pytest.mark.parametrize(("gaze", "head"), [("camera", "still"), ("keep", "lively")])
def test_without_wandering_the_eyes_only_blink(heard, motion, gaze, head):
    straight = perform(Visemes(gaze=gaze, head=head), *heard)
    assert np.abs(straight[:, LOOKS]).max() == 0
    begins = [np.flatnonzero(np.diff(channel(m, "eyeBlinkLeft")) > 0.3) for m in (straight, motion)]
    assert np.array_equal(*begins)


def test_motion_scales_head_and_brows_and_expression():
    wave, phones = voice("_ a a B a a B a a _ B a a a _", B=(6.0, 1.5))
    small, large = (perform(Visemes(motion=m, emotion="happy"), wave, phones) for m in (0.5, 1.0))
    for name in ("browInnerUp", "mouthSmileLeft", "cheekSquintLeft"):
        assert channel(large, name).max() == pytest.approx(2 * channel(small, name).max(), rel=0.02)
    assert 1.5 < np.abs(large[:, HEAD]).mean() / np.abs(small[:, HEAD]).mean() < 2.2


def test_every_rate_samples_the_same_motion(heard, motion):
    """25 frames a second are the 75 of which every third is looked at, but for the lips' smoothing."""
    fine = perform(Visemes(fps=75), *heard)[1::3]
    count = min(len(fine), len(motion))
    beside = [*HEAD, *BROWS, *LOOKS, *LIDS]
    assert np.abs(fine[:count, beside] - motion[:count, beside]).max() < 1e-5
    assert np.abs(aperture(fine)[:count] - aperture(motion)[:count]).mean() < 0.01


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_lips_close_in_every_mood(heard, emotion):
    motion = perform(Visemes(emotion=emotion, strength=1.5), *heard)
    for phone in heard[1]:
        if phone.symbol in ("m", "p", "b"):
            frames = aperture(motion)[frame_at(phone.start - 0.03) : frame_at(phone.end) + 1]
            assert frames.min() < 1e-6, phone


def test_a_stressed_syllable_brings_a_nod_and_brows_where_it_is_heard():
    wave, phones = voice("_ a a a a B a a a a _ _", B=(6.0, 1.6))
    motion = perform(Visemes(head="still"), wave, phones)
    middle = 5.65 * 0.18
    assert np.argmax(channel(motion, "browInnerUp")) / 25 == pytest.approx(middle, abs=0.08)
    plain, stressed = (
        perform(Visemes(head="lively"), *voice("_ a a a a B a a a a _ _", B=height))[:, HEAD]
        for height in ((0.0, 1.0), (6.0, 1.6))
    )
    moved = np.abs(stressed - plain).max(1)
    assert np.argmax(moved) / 25 == pytest.approx(middle + 0.04, abs=0.08)
    assert moved.max() > 0.03


def test_the_mouth_rests_in_a_pause_though_the_room_is_loud():
    """Nothing trembles: second differences are nil."""
    wave, phones = speech("m a m a _ _ _ _ _ _ _ _ m a")
    noise = np.random.default_rng(1).normal(0, 0.03, len(wave)).astype(np.float32)
    motion = perform(Visemes(), np.clip(wave + noise, -1, 1), phones)
    pause = motion[frame_at(4 * 0.12 + 0.22) : frame_at(12 * 0.12 - 0.22)]
    assert len(pause) > 8
    assert np.abs(np.diff(pause[:, LIPS], 2, axis=0)).max() < 1e-5
    assert aperture(pause).max() < 1e-6


@pytest.mark.parametrize(
    "options",
    [
        *({"fps": fps} for fps in (0, 1000)),
        *({"mouth": mouth} for mouth in (-1, 9)),
        *({"motion": motion} for motion in (-0.1, 3.5)),
        *({"blink": blink} for blink in (-1, 61)),
        *({"strength": strength} for strength in (-0.1, 1.6)),
    ],
)
def test_impossible_options_are_refused(options):
    with pytest.raises(InputError):
        Visemes(**options)


def test_a_very_short_sound_gives_a_frame():
    wave, phones = speech("a", 0.01)
    assert perform(Visemes(), wave, phones).shape == (1, 58)


def test_phones_that_end_before_the_sound_leave_the_mouth_shut():
    wave, phones = speech("m a m a _ _ _ _ _ _ _ _")
    motion = perform(Visemes(), wave, phones[:4])
    assert len(motion) == round(len(wave) / RATE * 25)
    assert aperture(motion)[-10:].max() < 0.02
