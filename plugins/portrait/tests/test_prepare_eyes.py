import numpy as np
import pytest
from eye_scenes import around_eyes, noted, openings, photo_of
from portrait_scenes import pose

from pfy_plugin_portrait.eye_shape import luminance
from pfy_plugin_portrait.prepare_eyes import prepare_eyes
from pfy_plugin_portrait.render import Portrait

HUMAN = (0.066, 0.142)
"""Opening of open eyes in iod: least and greatest of 38 portraits."""


@pytest.fixture(scope="module")
def shut(portrait, encoder):
    return photo_of(portrait, encoder, eyeBlink=1.0)


@pytest.fixture(scope="module")
def opened(shut):
    image, landmarks, _ = shut
    return noted(lambda: prepare_eyes(image, landmarks, "auto", "natural"))


def animated(prepared, matte):
    return Portrait(
        prepared.image, prepared.landmarks, matte, still_eyes=prepared.still, eye_turn=prepared.turn
    )


def test_open_eyes_are_left_alone(astronaut, mesh):
    prepared, notes = noted(lambda: prepare_eyes(astronaut, mesh.landmarks, "auto", "natural"))
    assert prepared.image is astronaut
    assert prepared.landmarks is mesh.landmarks
    assert prepared.still == (False, False)
    assert notes == ""


def test_closed_eyes_open_equally_wide_as_people_open_them(opened, encoder):
    prepared, notes = opened
    found = openings(encoder, prepared.image)
    assert (found > HUMAN[0]).all()
    assert (found < HUMAN[1]).all()
    assert abs(found[0] - found[1]) < 0.02
    assert "were painted" in notes


def test_opened_eyes_blink_and_look(opened, shut, encoder):
    portrait = animated(opened[0], shut[2])
    assert (openings(encoder, portrait.frame(pose(eyeBlink=1.0))) < 0.03).all()
    rest = portrait.frame(pose())
    aside = portrait.frame(pose(eyeLookOutLeft=0.6, eyeLookInRight=0.6))
    moved = [(encoder(f).landmarks[[468, 473], 0]).mean() for f in (rest, aside)]
    assert moved[1] - moved[0] > 0.008 * portrait.face.iod


def test_opening_changes_nothing_but_the_eyes(opened, shut, portrait):
    changed = np.abs(opened[0].image.astype(int) - shut[0]).max(-1) > 0
    assert changed[around_eyes(portrait)].mean() > 0.1
    assert not changed[~around_eyes(portrait)].any()


def test_opened_eyes_look_like_the_persons_own(opened, shut, portrait, astronaut):
    """Around the eyes the opened photo is nearer to the one with open eyes than the closed one is."""
    near = around_eyes(portrait, 0.15)
    real, ours, closed = (
        luminance(p.astype(np.float32))[near] for p in (astronaut, opened[0].image, shut[0])
    )
    assert np.corrcoef(real, ours)[0, 1] > np.corrcoef(real, closed)[0, 1] + 0.15
    assert np.corrcoef(real, ours)[0, 1] > 0.75


def test_a_grey_photo_gets_grey_eyes(shut):
    grey = np.repeat(luminance(shut[0].astype(np.float32))[..., None], 3, 2).astype(np.uint8)
    prepared = prepare_eyes(grey, shut[1], "auto", "natural")
    assert np.abs(prepared.image.astype(int) - grey).max() > 40
    assert np.ptp(prepared.image.astype(int), axis=2).max() <= 3


def test_the_same_photo_gives_the_same_eyes(opened, shut):
    again = prepare_eyes(shut[0], shut[1], "auto", "natural")
    assert np.array_equal(again.image, opened[0].image)


def test_kept_eyes_stay_closed_and_never_blink(shut):
    image, landmarks, matte = shut
    prepared, notes = noted(lambda: prepare_eyes(image, landmarks, "keep", "natural"))
    assert prepared.image is image
    assert "stay closed" in notes
    portrait = animated(prepared, matte)
    still = portrait.frame(pose())
    for row in (pose(eyeBlink=1.0), pose(eyeLookUp=1.0), pose(eyeSquint=1.0), pose(eyeWide=1.0)):
        assert np.array_equal(portrait.frame(row), still)


@pytest.mark.parametrize("eye", [0, 1])
def test_a_winking_eye_opens_like_the_other(eye, portrait, encoder, astronaut):
    side = ("Right", "Left")[eye]
    image, landmarks, _ = photo_of(portrait, encoder, **{"eyeBlink" + side: 1.0})
    prepared, notes = noted(lambda: prepare_eyes(image, landmarks, "auto", "keep"))
    assert "opened like the other" in notes
    found = openings(encoder, prepared.image)
    assert abs(found[0] - found[1]) < 0.025
    # The iris has the other's colour.
    x, y = (prepared.landmarks[(468, 473)[eye], :2]).astype(int)
    u, v = (prepared.landmarks[(473, 468)[eye], :2]).astype(int)
    there, here = (prepared.image[b - 1 : b + 3, a - 2 : a + 3].mean((0, 1)) for a, b in ((u, v), (x, y)))
    assert np.abs(there - here).max() < 45


def test_half_closed_eyes_open_with_their_own_iris(portrait, encoder):
    image, landmarks, _ = photo_of(portrait, encoder, eyeBlink=0.6)
    prepared, notes = noted(lambda: prepare_eyes(image, landmarks, "auto", "natural"))
    assert "half closed" in notes
    before, after = openings(encoder, image), openings(encoder, prepared.image)
    assert (after > before + 0.012).all()
    assert (after < HUMAN[1]).all()


def test_open_asks_for_more_than_auto_does(portrait, encoder):
    image, landmarks, _ = photo_of(portrait, encoder, eyeBlink=0.35)
    assert prepare_eyes(image, landmarks, "auto", "keep").image is image
    wider = prepare_eyes(image, landmarks, "open", "keep").image
    assert (openings(encoder, wider) > openings(encoder, image) + 0.005).all()
