"""The person moves; the background does not."""

import cv2
import numpy as np
import pytest
from portrait_scenes import pose

from pfy_core.kinds import APERTURE_SPAN
from pfy_plugin_portrait import layer


@pytest.fixture(scope="module")
def cover(portrait, astronaut, mesh):
    return layer.cover(portrait.face, mesh.matte, astronaut)


def rest(portrait, **more):
    return portrait.frame(pose(jawOpen=float(portrait.face.gap[4]) / APERTURE_SPAN, **more))


def test_the_layer_covers_the_person_and_little_else(cover, mesh, portrait):
    assert (cover[mesh.matte > 0.95] > 250).mean() > 0.97
    away = cv2.dilate((mesh.matte > 0.4).astype(np.uint8), np.ones((45, 45), np.uint8)) == 0
    assert (cover[away] == 0).mean() > 0.99
    assert (
        cover[portrait.face.flat[:468, 1].astype(int), portrait.face.flat[:468, 0].astype(int)] == 255
    ).all()


def test_the_same_photo_has_the_same_layer(cover, portrait, mesh, astronaut):
    assert np.array_equal(layer.cover(portrait.face, mesh.matte, astronaut), cover)


def test_what_is_behind_is_the_photo_where_it_shows_and_background_where_not(cover, astronaut):
    behind = layer.behind(astronaut, cover)
    assert np.array_equal(behind[cover == 0], astronaut[cover == 0])
    hair = behind[60:80, 210:230].astype(float).mean((0, 1))
    wall = astronaut[10:30, 130:160].astype(float).mean((0, 1))
    assert np.abs(hair - wall).max() < 45
    assert np.abs(hair - astronaut[60:80, 210:230].astype(float).mean((0, 1))).max() > 60


@pytest.mark.parametrize("moves", [{"headYaw": 0.2, "headX": 0.15}, {"headRoll": -0.15}, {"headY": -0.1}])
def test_the_background_does_not_move_at_all(portrait, astronaut, cover, moves):
    """Not where the layer neither is nor was."""
    frame = rest(portrait, **moves).astype(float)
    reach = round(0.5 * portrait.face.iod)
    free = cv2.dilate(cover, np.ones((2 * reach + 1,) * 2, np.uint8)) == 0
    assert free.mean() > 0.05
    assert np.array_equal(frame[free], astronaut[free].astype(float))
    # Up to the layer's soft edge at rest: nothing but what the head now covers differs.
    left = np.abs(frame - rest(portrait))[:200, :150]
    assert np.median(left) < 1


def test_hair_moves_with_the_head(portrait, astronaut):
    """Rigidly: a patch of hair is found again, shifted by as much as was asked."""
    shift = 0.15
    frame = rest(portrait, headX=shift)
    hair = astronaut[50:80, 190:230]
    found = cv2.matchTemplate(frame[30:100, 160:270], hair, cv2.TM_SQDIFF)
    y, x = np.unravel_index(np.argmin(found), found.shape)
    assert abs(x + 160 - 190 - shift * portrait.face.iod) < 1.5
    assert abs(y + 30 - 50) < 1.5


def test_the_shoulders_stay_and_the_neck_gives(portrait):
    """Down the body the field fades without folding, which a slope of 1 would."""
    field = portrait.head.field(pose(headYaw=0.3, headX=0.2, headRoll=0.2))
    along = field[:, portrait.head.grid.columns // 2, 0]
    assert np.abs(np.diff(along)).max() < 0.6 * portrait.head.grid.cell
    assert np.abs(field[-1]).max() < 0.5


def test_a_picture_that_is_all_person_has_nothing_behind(portrait, astronaut):
    whole = np.full(astronaut.shape[:2], 255, np.uint8)
    assert np.array_equal(layer.behind(astronaut, whole), astronaut)
    assert (layer.cover(portrait.face, np.ones(astronaut.shape[:2], np.float32), astronaut) == 255).all()
