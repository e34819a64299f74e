import numpy as np
import pytest

from pfy_bench import controls
from pfy_bench.sides import Side
from pfy_bench.suite import ClipProtocol, Measure
from pfy_core.errors import InputError
from pfy_core.graph_file import Node
from pfy_core.kinds import Phone
from pfy_core.testing import sounds

PROTOCOL = ClipProtocol()
FRAMES = np.random.default_rng(0).integers(0, 255, (12, 64, 64, 3)).astype(np.uint8)
SIDE = Side(FRAMES, sounds.wave(12 * 640, 16_000, 0), text="a")
OTHER = Side(FRAMES, sounds.wave(5 * 640, 16_000, 1))


def measure(better="low", sees=(), unit=""):
    return Measure(Node("metric/x"), unit=unit, better=better, digits=1, sees=tuple(sees))


def of_a_clip(values):
    return {control: {"a": value} for control, value in values.items()}


def apart(one, other):
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def test_rows_are_wanted_for_what_measures_see_only():
    assert controls.wanted({"a": measure()}) == []
    assert controls.wanted({"a": measure(sees=["blur"]), "b": measure(sees=["frozen"])}) == [
        "same", "frozen-1", "blur-1", "blur-2", "blur-3",
    ]  # fmt: skip
    with pytest.raises(InputError, match="no control is named blurr"):
        controls.wanted({"a": measure(sees=["blurr"])})


@pytest.mark.parametrize("name", ["noise", "blur", "jpeg"])
def test_pictures_get_worse_by_steps_and_stay_pictures(name):
    steps = [controls.spoiled(f"{name}-{k}", SIDE, PROTOCOL, None) for k in (1, 2, 3)]
    errors = [apart(step.frames, FRAMES) for step in steps]
    assert 0 < errors[0] < errors[1] < errors[2]
    for step in steps:
        assert step.frames.dtype == np.uint8
        assert step.frames.shape == FRAMES.shape
        assert step.wave is SIDE.wave


def test_sound_gets_worse_by_steps_and_says_the_snr_it_has():
    power = np.mean(np.square(SIDE.wave, dtype=np.float64))
    for step, snr in zip((1, 2, 3), controls.FAULTS["noise-sound"].steps, strict=True):
        noisy = controls.spoiled(f"noise-sound-{step}", SIDE, PROTOCOL, None).wave
        left = np.mean(np.square(noisy - SIDE.wave, dtype=np.float64))
        assert 10 * np.log10(power / left) == pytest.approx(snr, abs=1)


def test_a_shift_makes_the_sound_late_and_keeps_its_length():
    late = controls.spoiled("shift-2", SIDE, PROTOCOL, None).wave
    assert len(late) == len(SIDE.wave)
    assert not late[: 5 * 640].any()
    np.testing.assert_array_equal(late[5 * 640 :], SIDE.wave[: -5 * 640])


def test_frozen_holds_the_first_frame():
    assert (controls.spoiled("frozen-1", SIDE, PROTOCOL, None).frames == FRAMES[0]).all()


PHONES = [Phone("", 0.0, 0.2), Phone("m", 0.2, 0.4)]
MOVED = Side(wave=SIDE.wave, motion=np.arange(12 * 58, dtype=np.float32).reshape(12, 58), phones=PHONES)
"""A clip that is motion alone."""


def test_frozen_and_shift_work_on_motion_alone():
    held = controls.spoiled("frozen-1", MOVED, PROTOCOL, None)
    assert held.frames is None
    assert (held.motion == MOVED.motion[0]).all()
    late = controls.spoiled("shift-2", MOVED, PROTOCOL, None)
    assert late.motion is MOVED.motion
    assert not late.wave[: 5 * 640].any()
    assert late.phones == [Phone("", 0.0, 0.2), Phone("", 0.2, 0.4), Phone("m", 0.4, pytest.approx(0.6))]


def test_shuffled_is_the_motion_of_another_clip_for_as_long_with_the_sound_of_this():
    other = Side(wave=OTHER.wave, motion=MOVED.motion[:5] + 1, phones=PHONES[:1])
    spoiled = controls.spoiled("shuffled-1", MOVED, PROTOCOL, other)
    np.testing.assert_array_equal(spoiled.motion, MOVED.motion[[0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]] + 1)
    assert (spoiled.wave is MOVED.wave, spoiled.phones) == (True, PHONES)
    frames = controls.spoiled("shuffled-1", SIDE, PROTOCOL, Side(FRAMES[:5] // 2)).frames
    np.testing.assert_array_equal(frames[5:7], FRAMES[:2] // 2)
    with pytest.raises(InputError, match="no other clip"):
        controls.spoiled("shuffled-1", MOVED, PROTOCOL, None)
    with pytest.raises(InputError, match="motion is not known"):
        controls.spoiled("shuffled-1", MOVED, PROTOCOL, SIDE)


@pytest.mark.parametrize("name", ["noise-1", "blur-1", "jpeg-1", "wrong-face-1"])
def test_a_picture_cannot_be_spoiled_where_there_is_none(name):
    with pytest.raises(InputError, match="no picture"):
        controls.spoiled(name, MOVED, PROTOCOL, MOVED)


def test_a_wrong_speaker_needs_another_person_and_speaks_as_long():
    spoiled = controls.spoiled("wrong-speaker-1", SIDE, PROTOCOL, OTHER)
    assert len(spoiled.wave) == len(SIDE.wave)
    np.testing.assert_array_equal(spoiled.wave[: len(OTHER.wave)], OTHER.wave)
    with pytest.raises(InputError, match="of one person"):
        controls.spoiled("wrong-speaker-1", SIDE, PROTOCOL, None)


def test_a_wrong_face_is_another_persons_for_as_long():
    other = Side(FRAMES[:5] // 2, OTHER.wave)
    spoiled = controls.spoiled("wrong-face-1", SIDE, PROTOCOL, other)
    assert spoiled.frames.shape == FRAMES.shape
    np.testing.assert_array_equal(spoiled.frames[5:7], other.frames[:2])
    assert spoiled.wave is SIDE.wave


def test_a_control_is_scored_by_the_measures_that_see_it():
    measures = {"a": measure(sees=["blur"]), "b": measure(sees=["noise"]), "c": measure()}
    assert controls.seeing("blur-2", measures) == ["a"]
    assert controls.seeing("noise-1", measures) == ["b"]
    assert controls.seeing("same", measures) == ["a", "b"]


def test_sound_cannot_be_spoiled_where_there_is_none():
    with pytest.raises(InputError, match="no sound"):
        controls.spoiled("noise-sound-1", Side(FRAMES), PROTOCOL, None)


@pytest.mark.parametrize(
    ("better", "ladder", "good"),
    [
        ("low", [0, 1, 2, 3], True),
        ("low", [0, 2, 1, 3], False),
        ("high", [1, 0.9, 0.5, 0.1], True),
        ("high", [1, 0.9, 0.9, 0.1], False),
        ("zero", [0, -1, 2, -3], True),
        ("human", [5, 4, 7, 9], True),
        ("human", [5, 4, 5, 9], False),
    ],
)
def test_a_measure_is_calibrated_when_every_step_is_worse(better, ladder, good):
    values = dict(zip(["same", "blur-1", "blur-2", "blur-3"], ladder, strict=True))
    verdict, why = controls.calibrated(measure(better, ["blur"]), of_a_clip(values), {"a": 5}, 25)
    assert verdict is good
    assert why.startswith("blur: ")
    assert ("not in order" in why) is not good


@pytest.mark.parametrize(("unit", "frame"), [("frames", 1), ("ms", 40), ("s", 0.04)])
def test_an_offset_must_recover_the_shift(unit, frame):
    steps = controls.FAULTS["shift"].steps
    right = {f"shift-{k}": -step * frame for k, step in enumerate(steps, 1)} | {"same": 0.0}
    wrong = right | {"shift-3": 6 * frame}
    assert controls.calibrated(measure("zero", ["shift"], unit), of_a_clip(right), {}, 25)[0] is True
    assert controls.calibrated(measure("zero", ["shift"], unit), of_a_clip(wrong), {}, 25)[0] is False


def test_a_clip_whose_lag_is_any_does_not_hide_that_shifts_are_found():
    values = {"same": {"a": 0.0, "b": 20.0, "c": 0.0}}
    for k, step in enumerate(controls.FAULTS["shift"].steps, 1):
        values[f"shift-{k}"] = {"a": -40.0 * step, "b": 390.0, "c": -40.0 * step}
    assert controls.calibrated(measure("zero", ["shift"], "ms"), values, {}, 25)[0] is True


def test_what_no_control_scored_is_not_called_calibrated():
    told = controls.calibrated(measure("low", ["blur"]), of_a_clip({"same": 0.0}), {}, 25)
    assert told == (None, "blur: not scored")


def test_a_ladder_is_of_the_clips_that_have_all_its_steps():
    values = of_a_clip({"same": 0.0, "blur-1": 1.0, "blur-2": 2.0, "blur-3": 3.0})
    values["same"]["b"], values["blur-1"]["b"] = 50.0, 60.0  # its heavier steps could not be scored
    told = controls.calibrated(measure("low", ["blur"]), values, {}, 25)
    assert told == (True, "blur: 0.0 1.0 2.0 3.0")
