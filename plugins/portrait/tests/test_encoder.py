import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from turned_faces import turned

from pfy_core import InputError
from pfy_core.errors import WeightsError
from pfy_core.events import watching
from pfy_plugin_portrait import face as anatomy
from pfy_plugin_portrait.encoder import FaceMeshEncoder

GOLDEN = Path(__file__).parent / "golden/astronaut-mediapipe-0.10.14.json"
LIPS = [
    *anatomy.UPPER_INNER,
    *anatomy.LOWER_INNER,
    *anatomy.UPPER_OUTER,
    *anatomy.LOWER_OUTER,
    78,
    308,
    61,
    291,
]
LIDS = [i for lid in (*anatomy.UPPER_LIDS, *anatomy.LOWER_LIDS) for i in lid]


def notes_of(encoder, photo):
    notes = []
    with watching(lambda event: notes.append(event.text)):
        found = encoder(photo)
    return found, notes


def eyes(points):
    return float(np.linalg.norm(points[33, :2] - points[263, :2]))


def test_landmarks_agree_with_mediapipes_own_pipeline(mesh):
    reference = np.array(json.loads(GOLDEN.read_text())["landmarks"])
    off = np.linalg.norm(mesh.landmarks[:, :2] - reference[:, :2], axis=1) / eyes(reference)
    assert off[LIPS].mean() < 0.012
    assert off[LIDS].mean() < 0.012
    assert off[468:].mean() < 0.015
    assert off.mean() < 0.02


def test_depth_has_the_nose_in_front_of_the_ears(mesh):
    assert mesh.landmarks[1, 2] < mesh.landmarks[234, 2] - 10
    assert mesh.landmarks[1, 2] < mesh.landmarks[454, 2] - 10


def test_the_matte_holds_the_face_and_not_the_corner(mesh, astronaut):
    assert mesh.matte.shape == astronaut.shape[:2]
    x, y = mesh.landmarks[1, :2].astype(int)
    assert mesh.matte[y, x] > 0.9
    assert mesh.matte[:20, -20:].max() < 0.3
    assert 0 <= mesh.matte.min() <= mesh.matte.max() <= 1


@pytest.mark.parametrize("angle", [-25, 15, 40])
def test_a_tilted_head_is_found_where_it_went(encoder, astronaut, mesh, angle):
    centre = mesh.landmarks[1, :2].astype(float)
    turn = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), angle, 1.0)
    tilted = cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    expected = mesh.landmarks[:, :2] @ turn[:, :2].T + turn[:, 2]
    off = np.linalg.norm(encoder(tilted).landmarks[:, :2] - expected, axis=1) / eyes(mesh.landmarks)
    assert off.mean() < 0.03


def test_scale_does_not_matter(encoder, astronaut, mesh):
    large = cv2.resize(astronaut, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    back = (encoder(large).landmarks[:, :2] + 0.5) / 3 - 0.5
    assert np.linalg.norm(back - mesh.landmarks[:, :2], axis=1).mean() / eyes(mesh.landmarks) < 0.02


def test_the_result_is_deterministic_and_the_photo_untouched(encoder, astronaut):
    before = astronaut.copy()
    first, second = encoder(astronaut), encoder(astronaut)
    assert np.array_equal(first.landmarks, second.landmarks)
    assert np.array_equal(astronaut, before)


def test_grey_pixels_are_a_photo_too(encoder, astronaut, mesh):
    grey = np.repeat(astronaut.mean(2, keepdims=True).astype(np.uint8), 3, axis=2)
    off = np.linalg.norm(encoder(grey).landmarks[:, :2] - mesh.landmarks[:, :2], axis=1)
    assert off.mean() / eyes(mesh.landmarks) < 0.03


def test_no_face_is_said_so(encoder, coffee):
    with pytest.raises(InputError, match="no face was found") as caught:
        encoder(coffee)
    assert "front" in caught.value.wants


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_profile_is_said_to_be_one(encoder, astronaut, mesh, mirrored):
    profile = turned(astronaut, mesh.landmarks, 80)
    with pytest.raises(InputError, match="seen from the side") as caught:
        encoder(np.ascontiguousarray(profile[:, ::-1]) if mirrored else profile)
    assert "front" in caught.value.wants


def test_a_face_turned_a_little_is_none(encoder, astronaut, mesh):
    assert encoder(turned(astronaut, mesh.landmarks, 30)).landmarks.shape == (478, 3)


def test_a_photo_smaller_than_any_face_is_said_so_with_its_size(encoder):
    with pytest.raises(InputError, match="too small: 20x10 pixels"):
        encoder(np.zeros((10, 20, 3), np.uint8))


@pytest.mark.parametrize("option", ["mesh", "near", "far", "person"])
def test_a_file_that_is_no_model_is_said_so(tmp_path, option):
    (tmp_path / "text.tflite").write_text("hello")
    with pytest.raises(WeightsError, match=r"text\.tflite"):
        FaceMeshEncoder(**{option: str(tmp_path / "text.tflite")})


@pytest.mark.parametrize(
    "photo", [np.zeros((300, 300, 3)), np.full((80, 500, 3), 255), np.zeros((30, 30, 3))]
)
def test_plain_pictures_have_no_face(encoder, photo):
    with pytest.raises(InputError, match="no face"):
        encoder(photo.astype(np.uint8))


def test_noise_has_no_face(encoder):
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    with pytest.raises(InputError, match="no face"):
        encoder(noise)


def test_a_face_too_small_to_animate_is_refused_with_its_size(encoder, astronaut):
    small = cv2.resize(astronaut, (150, 150), interpolation=cv2.INTER_AREA)
    with pytest.raises(InputError, match=r"too small: 1\d pixels"):
        encoder(small)


def test_of_several_faces_the_largest_is_taken_with_a_note(encoder, crowd):
    found, notes = notes_of(encoder, crowd)
    assert any("6 faces found" in note for note in notes)
    others = [eyes(FaceMeshEncoder(face=index)(crowd).landmarks) for index in (1, 3)]
    assert eyes(found.landmarks) >= 0.8 * max(others)


def test_another_face_can_be_chosen_and_a_missing_one_is_said_so(crowd):
    first, second = (FaceMeshEncoder(face=index)(crowd).landmarks[1, :2] for index in (0, 1))
    assert np.linalg.norm(first - second) > 50
    with pytest.raises(InputError, match="no face 9"):
        FaceMeshEncoder(face=9)(crowd)
    with pytest.raises(InputError, match="face -1"):
        FaceMeshEncoder(face=-1)
