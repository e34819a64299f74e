import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from portrait_scenes import pose

from pfy_core import InputError
from pfy_plugin_portrait.background import composed, cut_out, extended, parse_background
from pfy_plugin_portrait.render import Portrait


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("keep", "keep"),
        (" Blur ", "blur"),
        ("#00ff00", (0, 255, 0)),
        ("102030", (16, 32, 48)),
        ("white", (255,) * 3),
    ],
)
def test_backgrounds_are_read(text, found):
    assert parse_background(text) == found


@given(st.text(max_size=10))
def test_any_background_is_read_or_refused(text):
    try:
        found = parse_background(text)
    except InputError:
        return
    assert found in ("keep", "transparent", "blur") or all(0 <= part <= 255 for part in found)


@pytest.fixture(scope="module")
def cut(astronaut, mesh):
    return Portrait(astronaut, mesh.landmarks, mesh.matte, "transparent")


def test_the_person_is_opaque_and_the_background_clear(cut, astronaut, mesh):
    frame = cut.frame(pose(jawOpen=0.4))
    assert frame.shape == (512, 512, 4)
    alpha = frame[..., 3]
    x, y = mesh.landmarks[1, :2].astype(int)
    assert alpha[y - 30 : y + 60, x - 30 : x + 30].min() == 255
    assert alpha[mesh.matte < 0.02].mean() < 3
    assert alpha[:60, :40].max() == 0


def test_the_matte_moves_with_the_head(cut):
    still = cut.frame(pose())[..., 3].astype(int)
    aside = cut.frame(pose(headX=0.15))[..., 3].astype(int)
    rows = slice(60, 130)
    across = np.arange(512)
    centre = [(alpha[rows] * across).sum() / alpha[rows].sum() for alpha in (still, aside)]
    assert centre[1] - centre[0] > 0.08 * cut.face.iod


def test_the_edge_holds_no_colour_of_the_background():
    """A grey disc with a soft edge before pure green."""
    y, x = np.mgrid[:200, :200]
    matte = np.clip((70 - np.hypot(x - 100, y - 100)) / 6 + 0.5, 0, 1).astype(np.float32)
    picture = 120 * matte[..., None] + np.array([0, 255, 0]) * (1 - matte[..., None])
    person = cut_out(picture.astype(np.uint8), matte)
    edge = (person[..., 3] > 30) & (person[..., 3] < 225)
    assert edge.sum() > 100
    found = person[edge].astype(int)
    assert np.abs(found[:, 1] - found[:, 0]).mean() < 12


def test_a_colour_fills_the_background_and_leaves_the_face(astronaut, mesh):
    frame = Portrait(astronaut, mesh.landmarks, mesh.matte, (0, 255, 0)).frame(pose(headYaw=0.05))
    assert np.array_equal(frame[5, 5], [0, 255, 0])
    x, y = mesh.landmarks[1, :2].astype(int)
    assert (
        np.abs(frame[y - 8 : y, x - 4 : x + 4].astype(int) - astronaut[y - 8 : y, x - 4 : x + 4]).mean() < 40
    )


def test_a_blurred_background_has_lost_its_detail_and_keeps_its_colours(astronaut, mesh):
    frame = Portrait(astronaut, mesh.landmarks, mesh.matte, "blur").frame(pose()).astype(float)
    flag = np.s_[20:160, 10:80]
    assert (
        np.abs(np.diff(frame[flag], axis=1)).mean()
        < 0.3 * np.abs(np.diff(astronaut[flag].astype(float), axis=1)).mean()
    )
    assert np.abs(frame[flag].mean((0, 1)) - astronaut[flag].mean((0, 1))).max() < 25


def test_unknown_pixels_take_the_colour_of_known_ones():
    picture = np.zeros((64, 64, 3), np.float32)
    picture[:, :20] = (10, 200, 30)
    known = np.zeros((64, 64), np.float32)
    known[:, :20] = 1
    assert np.abs(extended(picture, known) - (10, 200, 30)).max() < 1


def test_composing_mixes_by_alpha():
    person = np.full((2, 2, 4), 200, np.uint8)
    person[..., 3] = [[0, 255], [128, 128]]
    made = composed(person, np.full((2, 2, 3), 100, np.uint8))
    assert made[0, 0, 0] == 100
    assert made[0, 1, 0] == 200
    assert abs(int(made[1, 0, 0]) - 150) <= 1
