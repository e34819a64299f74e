"""Values that the kit makes for ports, and how it cuts and compares them."""

import math
from collections.abc import Iterator
from typing import Annotated

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from pfy_core import Encoder, Fuser, Port
from pfy_core.kinds import Phone, VoiceProfile, Word
from pfy_core.testing import cuts, faces, sounds
from pfy_core.testing.subject import Subject
from pfy_core.testing.values import copied, difference, joined

Number = Annotated[int, Port("number")]


class Many(Fuser, name="many"):
    """Takes one of everything that the kit knows."""

    def __init__(self, *, width: int = 5, fps: float = 50.0):
        pass

    def __call__(
        self,
        *latents: Annotated[np.ndarray, Port("latent.toy", "_ width", dtype="float32")],
        text: Annotated[str, Port("text")],
        wave: Annotated[np.ndarray, Port("audio.wave", "s", rate=24_000, dtype="float32", range=(-1, 1))],
        phones: Annotated[list[Phone], Port("speech.phones")],
        words: Annotated[list[Word], Port("speech.words")],
        profile: Annotated[VoiceProfile, Port("voice.profile")],
        face: Annotated[np.ndarray, Port("image.rgb", "h w 3", dtype="uint8")],
        matte: Annotated[np.ndarray, Port("image.matte", "h w", dtype="float32")],
        landmarks: Annotated[np.ndarray, Port("face.landmarks", "478 3", dtype="float32")],
        motion: Annotated[np.ndarray, Port("motion.face", "t 58", rate="fps", dtype="float32")],
        frames: Annotated[np.ndarray, Port("video.frames", "t h w 3", rate="fps", dtype="uint8")],
        tokens: Annotated[np.ndarray, Port("text.tokens", "n", dtype="int64", range=(0, 99))],
        level: Annotated[float, Port("audio.level", range=(2, 4))],
        mood: Annotated[np.ndarray | None, Port("latent.mood", "n width", dtype="float16")] = None,
    ) -> Number:
        return 0


SUBJECT = Subject(Many)


@pytest.mark.parametrize("size", [1, 13, 24, 40])
def test_values_fit_their_ports_and_each_other(size):
    made = SUBJECT.inputs(size)
    seconds = size / 25
    assert made["wave"].shape == (round(24_000 * seconds),)
    assert made["motion"].shape == (2 * size, 58)
    assert made["frames"].shape == (2 * size, *made["face"].shape)
    assert made["face"].shape[:2] == made["matte"].shape
    assert [made["phones"][0].start, made["phones"][-1].end] == [0.0, pytest.approx(seconds)]
    assert all(a.end == b.start for a, b in zip(made["phones"], made["phones"][1:], strict=False))
    assert made["words"][-1].end <= seconds + 1e-9
    assert [latent.shape[1] for latent in made["latents"]] == [5, 5]
    assert made["mood"].shape == (len(made["tokens"]), 5)
    assert made["text"].split()
    assert made["profile"].spectrum.shape == (48,)


def test_values_have_the_dtypes_and_ranges_that_are_declared():
    made = SUBJECT.inputs(24)
    for port in SUBJECT.spec.inputs:
        values = made[port.name] if port.variadic else [made[port.name]]
        for value in values:
            if port.port.dtype:
                assert value.dtype == port.port.dtype, port.name
            if port.port.range:
                assert np.min(value) >= port.port.range[0]
                assert np.max(value) <= port.port.range[1]


def test_an_empty_input_has_no_rows():
    made = SUBJECT.inputs(0)
    assert [
        len(made[name]) for name in ("wave", "motion", "frames", "phones", "words", "tokens", "text")
    ] == [0] * 7
    assert made["face"].shape[2] == 3


def test_the_same_seed_gives_the_same_values_and_another_others():
    assert not difference(SUBJECT.inputs(24), Subject(Many).inputs(24))
    assert difference(SUBJECT.inputs(24)["latents"], SUBJECT.inputs(24, seed=1)["latents"])
    assert difference(SUBJECT.inputs(24)["wave"], SUBJECT.inputs(24, seed=1)["wave"])


def test_values_that_an_author_gives_set_the_lengths_of_the_others():
    told = {"face": np.zeros((50, 70, 3), np.uint8), "wave": np.zeros(48_000, np.float32)}
    made = Subject(Many, samples=told).inputs(24)
    assert made["matte"].shape == (50, 70)
    assert made["landmarks"][:, 0].max() < 70
    assert made["motion"].shape == (100, 58)
    assert made["phones"][-1].end == pytest.approx(2.0)


def test_the_face_has_its_features_where_the_picture_shows_them():
    points, matte = faces.landmarks(480, 360), faces.matte(480, 360)
    assert points.shape == (faces.COUNT, 3)
    assert (points[:, 0] > 0).all()
    assert (points[:, 0] < 360).all()
    assert matte[points[:, 1].astype(int), points[:, 0].astype(int)].min() > 0.9
    right, left, nose, chin = points[33], points[263], points[1], points[152]
    assert right[0] < nose[0] < left[0]
    assert right[1] < nose[1] < points[13][1] < chin[1]
    assert nose[2] == pytest.approx(points[:, 2].min(), abs=1.0)
    assert points[159][1] < points[145][1]
    picture = faces.photo(480, 360)
    lips = picture[int(points[0][1] + 2), int(points[0][0])]
    cheek = picture[int(points[50][1]), int(points[50][0])]
    assert int(lips[0]) - int(lips[1]) > int(cheek[0]) - int(cheek[1])


def test_the_sound_is_voiced_has_pauses_and_never_clips():
    wave = sounds.wave(48_000, 16_000, 0)
    loud = np.abs(wave[: 48_000 // 160 * 160]).reshape(-1, 160).max(1)
    assert 0.2 < loud.max() <= 1
    assert (loud < 0.02).mean() > 0.1
    spectrum = np.abs(np.fft.rfft(wave))
    assert spectrum[:12_000].sum() > 10 * spectrum[12_000:].sum()


RATES = {"one": 25.0, "two": 100.0}


@given(
    some.integers(0, 40),
    some.sampled_from([cuts.whole, cuts.rows(1), cuts.rows(3), cuts.rows(7), cuts.uneven, cuts.apart]),
)
def test_pieces_make_the_whole(rows, cut):
    values = {"one": np.arange(rows), "two": np.arange(4 * rows), "phones": sounds.phones(rows / 25)}
    pieces = cut(values, RATES)
    assert not difference(values, {name: joined(chunks) for name, chunks in pieces.items()})


def test_pieces_of_all_streams_are_cut_at_the_same_times():
    values = {"one": np.arange(20), "two": np.arange(80), "phones": sounds.phones(0.8)}
    pieces = cuts.rows(5)(values, RATES)
    assert [len(chunk) for chunk in pieces["one"]] == [5] * 4
    assert [len(chunk) for chunk in pieces["two"]] == [20] * 4
    starts = [chunk[0].start for chunk in pieces["phones"]]
    assert all(start >= 0.2 * index - 1e-6 for index, start in enumerate(starts))


def test_uneven_pieces_have_an_empty_one_among_them():
    lengths = [len(chunk) for chunk in cuts.uneven({"one": np.arange(24)}, RATES)["one"]]
    assert 0 in lengths[1:-1]
    assert len(set(lengths)) > 3


values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_a_copy_is_not_different(value):
    assert not difference(value, copied(value))


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (np.zeros(3), np.zeros(4), "shapes (3,) and (4,)"),
        (np.zeros(3), np.zeros(3, np.float32), "dtypes float64 and float32"),
        (np.array([0.0, 1, 2]), np.array([0.0, 1, 3]), "2 and 3 at [2], 1 of 3 items"),
        (np.array([np.nan]), np.array([1.0]), "nan and 1 at [0]"),
        ([1, 2], [1], "2 items and 1"),
        ({"a": [1]}, {"a": [2]}, "['a'][0]: 1 and 2"),
        (Word("a", 0, 1), Word("b", 0, 1), ".text: 'a' and 'b'"),
        (1.0, 1, "a float and a int"),
    ],
)
def test_a_difference_says_where_and_what(one, other, told):
    assert told in difference(one, other)


def test_a_difference_may_be_as_small_as_allowed():
    one = np.array([0.0, 1000.0])
    assert not difference(one, one + 0.001, within=1e-6)
    assert difference(one, one + 0.01, within=1e-6)
    assert not difference(np.array([3], np.uint8), np.array([4], np.uint8), steps=1)
    assert not difference(np.array([np.nan, np.inf]), np.array([np.nan, np.inf]))
    assert not difference(math.nan, math.nan)


class Opened(Encoder, name="opened"):
    """Leaves its rates open."""

    def __call__(
        self,
        wave: Iterator[Annotated[np.ndarray, Port("audio.wave", "s", rate="r", dtype="float32")]],
        motion: Iterator[Annotated[np.ndarray, Port("motion.face", "t 58", rate="fps", dtype="float32")]],
    ) -> Iterator[Annotated[np.ndarray, Port("motion.face", "t 58", rate="fps", dtype="float32")]]:
        yield from motion


def test_open_rates_are_filled_and_shared():
    assert Subject(Opened).rates == {"wave": 16_000.0, "motion": 25.0, "-> out": 25.0}
