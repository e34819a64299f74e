"""Motion files: what is written reads back, as Live Link Face's columns, and bad files are refused."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_core import InputError
from pfy_core.errors import OutputError
from pfy_core.kinds import ARKIT_CHANNELS, MOTION_CHANNELS, MOTION_INDEX
from pfy_core.media import load, motion


def made(count, seed=0):
    random = np.random.default_rng(seed)
    found = random.uniform(0, 1, (count, len(MOTION_CHANNELS))).astype(np.float32)
    found[:, len(ARKIT_CHANNELS) :] = random.uniform(-0.3, 0.3, (count, 6))
    return found


@pytest.fixture
def file(tmp_path):
    motion.write(tmp_path / "face.csv", [made(30), made(45, 1)], 25)
    return tmp_path / "face.csv"


def rows(file):
    with file.open(newline="") as text:
        return list(csv.reader(text))


def changed(file, change):
    table = rows(file)
    change(table)
    with file.open("w", newline="") as text:
        csv.writer(text).writerows(table)
    return file


def refusal(file, rate=25.0):
    with pytest.raises(InputError) as caught:
        motion.load(file, rate)
    return caught.value.sends + " " + caught.value.fix


def test_a_file_has_the_columns_of_live_link_face(file):
    header, first, *_ = rows(file)
    assert header[:4] == ["Timecode", "BlendShapeCount", "EyeBlinkLeft", "EyeLookDownLeft"]
    assert header[54:63] == [
        *("HeadYaw", "HeadPitch", "HeadRoll"),
        *("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll"),
    ]
    assert first[:2] == ["00:00:00:00.000", "61"]
    assert rows(file)[27][0] == "00:00:01:01.000"


def test_eyes_that_look_to_the_picture_s_right_both_turn_that_way(tmp_path):
    look = np.zeros((1, 58), np.float32)
    look[0, MOTION_INDEX["eyeLookOutLeft"]] = look[0, MOTION_INDEX["eyeLookInRight"]] = 0.5
    motion.write(tmp_path / "a.csv", [look], 25)
    row = dict(zip(*rows(tmp_path / "a.csv"), strict=True))
    assert float(row["LeftEyeYaw"]) == pytest.approx(0.22)
    assert float(row["RightEyeYaw"]) == pytest.approx(0.22)


@pytest.mark.parametrize("rate", [25, 30, 50, 60])
@pytest.mark.parametrize("count", [1, 2, 59, 151])
def test_motion_reads_back_as_it_was_written(tmp_path, rate, count):
    assert motion.write(tmp_path / "a.csv", [made(count)], rate) == count
    again = motion.load(tmp_path / "a.csv", rate)
    assert again.shape == (count, 58)
    assert np.abs(again - made(count)).max() < 1e-5


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 120), st.sampled_from([24, 25, 30, 60]), st.sampled_from([24.0, 25.0, 50.0, 60.0]))
def test_another_rate_keeps_the_length_and_the_curve(tmp_path_factory, seconds, rate, wanted):
    count = seconds * 4 + 2 * rate
    curve = np.zeros((count, 58), np.float32)
    curve[:, MOTION_INDEX["jawOpen"]] = 0.5 + 0.5 * np.sin(np.arange(count) / rate)
    path = tmp_path_factory.mktemp("motion") / "a.csv"
    motion.write(path, [curve], rate)
    found = motion.load(path, wanted)
    assert len(found) == pytest.approx(count * wanted / rate, abs=1)
    inside = np.arange(len(found))[: int((count - 1) * wanted / rate)]
    jaw = found[inside, MOTION_INDEX["jawOpen"]]
    assert np.abs(jaw - (0.5 + 0.5 * np.sin(inside / wanted))).max() < 0.01


def test_columns_are_found_by_name_in_any_order_and_case(file):
    def turn(table):
        for row in table:
            row[:] = row[::-1]
        table[0] = [name.upper() for name in table[0]]

    before = motion.load(file, 25)
    assert (motion.load(changed(file, turn), 25) == before).all()


def test_columns_that_phones_do_not_write_are_not_needed(file):
    def phone(table):
        for row in table:
            del row[57:]

    found = motion.load(changed(file, phone), 25)
    assert np.abs(found[:, -3:]).max() == 0
    assert np.abs(found[:, :55] - np.r_[made(30), made(45, 1)][:, :55]).max() < 1e-5


def test_missing_columns_are_named(file):
    def drop(table):
        for row in table:
            del row[2:12]

    assert "EyeBlinkLeft, EyeLookDownLeft" in (told := refusal(changed(file, drop)))
    assert "and 4 more" in told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda table: table[5].__setitem__(20, "wide"), "line 6"),
        (lambda table: table[5].__setitem__(20, "nan"), "line 6"),
        (lambda table: table[5].__delitem__(np.s_[30:]), "is no number"),
        (lambda table: table[0].__setitem__(0, "Time"), "no column Timecode"),
        (lambda table: table.__delitem__(np.s_[1:]), "no rows"),
        (lambda table: table[3].__setitem__(0, "soon"), "timecode 'soon'"),
        (lambda table: table[3].__setitem__(0, table[2][0]), "do not increase"),
        (lambda table: table[3].__setitem__(54, "25.0"), "turns the head by 25"),
    ],
)
def test_a_file_with_a_fault_is_refused_with_its_place(file, change, words):
    assert words in refusal(changed(file, change))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_any_file_is_motion_or_an_input_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_bytes(data)
    with pytest.raises(InputError):
        motion.load(path, 25)


def test_values_out_of_range_are_brought_into_it(file):
    loud = changed(file, lambda table: table[2].__setitem__(19, "1.4"))
    assert motion.load(loud, 25)[:, : len(ARKIT_CHANNELS)].max() == 1


def test_an_array_is_taken_as_it_is():
    assert (load("motion.face", made(5), 25.0) == made(5)).all()
    with pytest.raises(InputError, match="58"):
        load("motion.face", np.zeros((5, 52)), 25.0)


def test_a_place_that_cannot_be_written_is_an_output_error_and_nothing_is_left(tmp_path):
    with pytest.raises(OutputError):
        motion.write(tmp_path / "none" / "a.csv", [made(3)], 25)

    def broken():
        yield made(3)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        motion.write(tmp_path / "a.csv", broken(), 25)
    assert not list(tmp_path.iterdir())
