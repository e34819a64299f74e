from itertools import pairwise

import cv2
import numpy as np
import pytest
from eye_scenes import around_eyes, openings
from portrait_scenes import pose

from pfy_core.kinds import APERTURE_SPAN
from pfy_plugin_portrait.eye_shape import EyeShape, luminance
from pfy_plugin_portrait.face import Face
from pfy_plugin_portrait.in_front import crossed
from pfy_plugin_portrait.render import Portrait


def frame(portrait, **channels):
    mouth = float(portrait.face.gap[4]) / APERTURE_SPAN
    return portrait.frame(pose(jawOpen=mouth, **channels))


def light(picture, shape, along, down):
    """Luma of a picture at a place in an eye's axes, relative to half its width."""
    x, y = np.rint(shape.world(np.array([along * shape.half, down * shape.half]))).astype(int)
    return float(luminance(picture[y, x].astype(np.float32)))


@pytest.fixture(scope="module")
def eyes(portrait):
    return [EyeShape(portrait.face, eye, portrait.image) for eye in (0, 1)]


def test_the_iris_is_where_the_picture_has_it(eyes):
    for shape in eyes:
        assert 0.05 < shape.radius < 0.08
        assert np.linalg.norm(shape.iris) < 0.06


def test_lids_meet_at_the_corners_and_nowhere_cross(eyes):
    for shape in eyes:
        assert (shape.lower >= shape.upper).all()
        ends = np.abs(shape.s) >= 1
        assert np.abs(shape.lower - shape.upper)[ends].max() < 1e-9
        assert 0.08 < shape.opening < 0.13


def test_a_full_blink_shuts_both_eyes(portrait, encoder):
    assert (openings(encoder, frame(portrait, eyeBlink=1.0)) < 0.03).all()


def test_a_closed_lid_shows_skin_where_the_eye_was(portrait, eyes):
    shut = frame(portrait, eyeBlink=1.0)
    for shape in eyes:
        iris = shape.iris / shape.half
        skin = light(portrait.image, shape, 0.0, 0.75)
        assert light(portrait.image, shape, *iris) < 0.6 * skin
        assert light(shut, shape, *iris) > 0.75 * skin


def test_one_eye_blinks_alone(portrait, eyes):
    rest, wink = frame(portrait), frame(portrait, eyeBlinkLeft=1.0)
    changed = np.abs(rest.astype(int) - wink).max(-1) > 2
    x0, y0, x1, y1 = eyes[0].box
    assert not changed[y0:y1, x0:x1].any()
    x0, y0, x1, y1 = eyes[1].box
    assert changed[y0:y1, x0:x1].mean() > 0.1


def test_lids_come_down_without_jumps(portrait):
    """Equal steps of closure change the picture by similar amounts: no patch pops in."""
    frames = [frame(portrait, eyeBlink=k / 20).astype(float) for k in range(21)]
    near = around_eyes(portrait, 0.2)
    steps = np.array([np.abs(a - b)[near].mean() for a, b in pairwise(frames)])
    assert steps.max() < 3.5 * np.median(steps)


def test_nothing_flickers_beyond_the_outer_corner(portrait, eyes):
    rest = frame(portrait).astype(int)
    for blink in (0.3, 0.7, 1.0):
        shut = frame(portrait, eyeBlink=blink).astype(int)
        for shape in eyes:
            for down in (-0.1, 0.1):
                place = np.array([-shape.nasal * 1.55 * shape.half, down * shape.half])
                x, y = np.rint(shape.world(place)).astype(int)
                assert np.abs(shut - rest)[y - 1 : y + 2, x - 1 : x + 2].max() <= 6


def test_looking_aside_moves_irises_and_uncovers_white(portrait, eyes):
    rest = frame(portrait)
    aside = frame(portrait, eyeLookOutLeft=0.7, eyeLookInRight=0.7)
    for shape in eyes:
        left = (shape.iris - (0.85 * shape.radius, 0)) / shape.half
        assert light(aside, shape, *left) > light(rest, shape, *left) + 12
        right = (shape.iris + (1.25 * shape.radius, 0)) / shape.half
        assert light(aside, shape, *right) < light(rest, shape, *right) - 12


def test_looking_leaves_lids_and_skin_alone(portrait, eyes):
    rest = frame(portrait).astype(int)
    aside = frame(portrait, eyeLookInLeft=1.0, eyeLookOutRight=1.0).astype(int)
    y, x = np.mgrid[: rest.shape[0], : rest.shape[1]]
    outside = np.ones(rest.shape[:2], bool)
    for shape in eyes:
        local = shape.local(np.stack([x, y], -1).astype(np.float64))
        row = shape.index(local[..., 0])
        below, above = shape.lower[row] - local[..., 1], local[..., 1] - shape.upper[row]
        outside &= (np.minimum(below, above) < -0.02) | (np.abs(local[..., 0]) > shape.half)
    assert np.abs(aside - rest)[outside].max() <= 1


def test_eyes_may_converge(portrait, encoder):
    def apart(**channels):
        points = encoder(frame(portrait, **channels)).landmarks
        return float(np.linalg.norm(points[468, :2] - points[473, :2]))

    assert apart(eyeLookIn=0.5) < apart() - 0.015 * portrait.face.iod
    assert apart(eyeLookOut=0.5) > apart() + 0.015 * portrait.face.iod


def test_wide_eyes_are_wider_and_squinting_ones_narrower(portrait, encoder):
    rest = openings(encoder, frame(portrait))
    assert (openings(encoder, frame(portrait, eyeWide=1.0)) > rest + 0.003).all()
    assert (openings(encoder, frame(portrait, eyeSquint=1.0)) < rest - 0.006).all()


@pytest.fixture(scope="module")
def with_glasses(astronaut, mesh):
    worn = astronaut.copy()
    face = Face(mesh.landmarks.astype(np.float64))
    frames = np.zeros(worn.shape[:2], np.uint8)
    for eye in (0, 1):
        shape = EyeShape(face, eye)
        x, y = shape.world(np.array([0, 0.02]))
        size = (2.5 * shape.half * shape.iod, 2.1 * shape.half * shape.iod)
        cv2.ellipse(frames, ((float(x), float(y)), size, 0.0), 255, 2)
    bridge = [tuple(int(v) for v in np.rint(face.flat[i])) for i in (193, 417)]
    cv2.line(frames, *bridge, 255, 3)
    worn[frames > 0] = (25, 22, 20)
    return worn, frames > 0, Portrait(worn, mesh.landmarks, mesh.matte)


def test_glasses_are_noticed_and_bare_noses_are_not(astronaut, mesh, with_glasses):
    face = Face(mesh.landmarks.astype(np.float64))
    assert crossed(face, with_glasses[0])
    assert not crossed(face, astronaut)


def test_frames_of_glasses_stay_in_front_of_closing_lids(with_glasses):
    worn, frames, portrait = with_glasses
    shut = frame(portrait, eyeBlink=1.0).astype(float)
    assert np.abs(shut - worn)[around_eyes(portrait)].max() > 60
    assert np.mean(luminance(shut.astype(np.float32))[frames] < 90) > 0.85
