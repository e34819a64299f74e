import cv2
import numpy as np
import pytest
from portrait_scenes import pose

from pfy_core.kinds import APERTURE_SPAN
from pfy_plugin_portrait.look import LUMA, Look
from pfy_plugin_portrait.pulls import Pose
from pfy_plugin_portrait.render import Portrait
from pfy_plugin_portrait.teeth import UPPER, Arch


def closed(portrait):
    """The same person as a photo with closed lips (rendered), with its landmarks."""
    return portrait.frame(pose())


@pytest.fixture(scope="module")
def quiet(portrait, encoder):
    """A photo with closed lips: everything between them is painted."""
    photo = closed(portrait)
    found = encoder(photo)
    return Portrait(photo, found.landmarks, found.matte)


def inside(portrait, frame, row):
    """Pixels (n 3) between the lips of a frame."""
    points = portrait.face.flat.copy()
    names = portrait.deformer.names
    points[names] = portrait.deformer.at(portrait.deformer.controls(Pose(row)), names)
    mask = cv2.erode(portrait.mouth.inner_mask(frame.shape, points), np.ones((3, 3), np.uint8))
    return frame[mask > 250].astype(np.float32)


def test_painted_teeth_stay_within_the_lightness_of_the_photo(quiet):
    row = pose(jawOpen=0.4, mouthUpperUp=0.4)
    found = inside(quiet, quiet.frame(row), row) @ LUMA
    low, high = quiet.face.flat.min(0).astype(int), quiet.face.flat.max(0).astype(int)
    face = quiet.image[low[1] : high[1], low[0] : high[0]] @ LUMA
    assert np.percentile(found, 97) > 0.75 * np.median(face)
    assert found.max() <= np.percentile(face, 99.5) * 1.1


def test_an_open_mouth_is_not_a_flat_shape(quiet):
    """Teeth, tongue and the dark between them: wide range, and colour in the lower half."""
    row = pose(jawOpen=0.75)
    found = inside(quiet, quiet.frame(row), row)
    grey = found @ LUMA
    assert np.percentile(grey, 95) - np.percentile(grey, 5) > 60
    assert grey.std() > 20


def test_the_mouth_of_a_grey_photo_is_grey(astronaut, mesh):
    grey = np.repeat((astronaut @ LUMA)[..., None], 3, -1).astype(np.uint8)
    portrait = Portrait(grey, mesh.landmarks, mesh.matte)
    row = pose(jawOpen=0.8)
    found = inside(portrait, portrait.frame(row), row)
    assert np.ptp(found, axis=1).mean() < 6


def test_a_darker_photo_has_a_darker_mouth(astronaut, mesh):
    row = pose(jawOpen=0.8)
    means = []
    for gain in (1.0, 0.45):
        photo = (astronaut * gain).astype(np.uint8)
        portrait = Portrait(photo, mesh.landmarks, mesh.matte)
        means.append(float((inside(portrait, portrait.frame(row), row) @ LUMA).mean()))
    assert means[1] < 0.7 * means[0]


def test_light_from_one_side_is_measured_as_such(portrait, astronaut):
    ramp = np.linspace(0.4, 1.0, 512)[None, :, None] ** 3
    lit = Look(portrait.face, (astronaut * ramp).astype(np.uint8))
    assert lit.slope > Look(portrait.face, astronaut).slope + 0.05


def test_a_blurred_photo_is_measured_as_blurred(portrait, astronaut):
    found = [
        Look(portrait.face, cv2.GaussianBlur(astronaut, (0, 0), sigma)).sharpness for sigma in (0.5, 1.5, 3.0)
    ]
    assert found == sorted(found)
    assert found[2] == pytest.approx(3.0, abs=1.0)


def test_a_turned_head_shows_more_of_the_near_side_of_the_arch():
    u = np.linspace(-0.5, 0.5, 1001)
    front, turned = (Arch(UPPER, 0.0, turn).at(u) for turn in (0.0, 0.5))
    assert front[0][700] == pytest.approx(-front[0][300], abs=1e-6)
    middle = u[np.abs(turned[0]).argmin()]
    assert middle < 0
    shown = u[turned[2] > 0.5]
    assert middle - shown[0] > 1.5 * (shown[-1] - middle)


def test_the_tongue_comes_forward(quiet):
    rows = [pose(jawOpen=0.35), pose(jawOpen=0.35, tongueOut=0.5)]
    still, out = (inside(quiet, quiet.frame(row), row) for row in rows)
    redness = [float((part[:, 0] - part[:, 1:].mean(1)).mean()) for part in (still, out)]
    assert redness[1] > redness[0] + 3


def test_the_photos_own_teeth_keep_their_place(portrait, astronaut):
    """Opened a little further, the upper teeth are where the photo shows them."""
    rest = float(portrait.face.gap[4]) / APERTURE_SPAN
    frame = portrait.frame(pose(jawOpen=rest + 0.12)).astype(float)
    x, y = (0.7 * portrait.face.flat[13] + 0.3 * portrait.face.flat[14]).astype(int)
    part = np.s_[y - 1 : y + 2, x - 10 : x + 10]
    assert np.abs(frame[part] - astronaut[part]).mean() < 20
