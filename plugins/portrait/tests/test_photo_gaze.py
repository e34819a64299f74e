import numpy as np
import pytest
from eye_scenes import noted, photo_of, shapes

from pfy_plugin_portrait.photo_gaze import LIMIT, correction, sideways
from pfy_plugin_portrait.prepare_eyes import prepare_eyes
from pfy_plugin_portrait.render import Portrait


def looking(portrait, encoder, across):
    """A photo that looks aside: across > 0 to the picture's right, as a share of the full gaze."""
    names = ("eyeLookOutLeft", "eyeLookInRight") if across > 0 else ("eyeLookInLeft", "eyeLookOutRight")
    return photo_of(portrait, encoder, **dict.fromkeys(names, abs(across)))


def gaze_of(encoder, image):
    return sideways(shapes(encoder(image).landmarks, image))


def test_a_portrait_that_looks_at_the_viewer_needs_no_correction(astronaut, mesh):
    eyes = shapes(mesh.landmarks, astronaut)
    assert abs(sideways(eyes)) < 0.015
    assert abs(correction(eyes)[0]) < 0.005


def test_the_gaze_of_a_photo_is_measured_with_its_sign(portrait, encoder):
    found = [gaze_of(encoder, looking(portrait, encoder, a)[0]) for a in (-0.9, -0.5, 0.5, 0.9)]
    assert found == sorted(found)
    assert found[0] < -0.025
    assert found[-1] > 0.015


def test_a_mirrored_photo_looks_to_the_other_side(portrait, encoder):
    image = looking(portrait, encoder, 0.8)[0]
    there, back = gaze_of(encoder, image), gaze_of(encoder, np.ascontiguousarray(image[:, ::-1]))
    assert there == pytest.approx(-back, abs=0.008)


@pytest.mark.parametrize("mode", ["camera", "natural"])
@pytest.mark.parametrize("across", [-0.6, 0.8])
def test_sideways_gaze_comes_back_to_the_camera(across, mode, portrait, encoder):
    image, landmarks, matte = looking(portrait, encoder, across)
    prepared = prepare_eyes(image, landmarks, "auto", mode)
    ahead = Portrait(image, landmarks, matte, eye_turn=prepared.turn).frame(np.zeros(58, np.float32))
    before, after = gaze_of(encoder, image), gaze_of(encoder, ahead)
    assert abs(before) > 0.018
    assert abs(after) < 0.012
    assert abs(after) < 0.6 * abs(before)


def test_kept_gaze_stays(portrait, encoder):
    image, landmarks, _ = looking(portrait, encoder, 0.8)
    assert prepare_eyes(image, landmarks, "auto", "keep").turn == 0


def test_correction_is_limited_and_says_so(mesh, astronaut):
    aside = mesh.landmarks.copy()
    aside[468:, 0] -= 4.5
    prepared, notes = noted(lambda: prepare_eyes(np.full_like(astronaut, 128), aside, "keep", "camera"))
    assert 0 < prepared.turn <= LIMIT
    assert "as far as" in notes
