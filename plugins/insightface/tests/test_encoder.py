from pathlib import Path

import networks
import numpy as np
import pytest
import torch

from pfy_core import InputError
from pfy_core.errors import WeightsError
from pfy_core.events import watching
from pfy_plugin_insightface import topology
from pfy_plugin_insightface.encoder import LandmarksEncoder


@pytest.fixture
def whole(models):
    return LandmarksEncoder(detector=models["detector"], points=models["points"], identity=models["identity"])


def notes(call):
    heard = []
    with watching(heard.append):
        call()
    return " ".join(event.text for event in heard if event.kind == "note")


# With a mesh, without any network -----------------------------------------------------------------


def test_a_mesh_is_enough_for_every_output(image, mesh):
    found = LandmarksEncoder()(image(480, 640), mesh())
    assert np.array_equal(found.landmarks, mesh())
    assert found.masks.shape == (3, 480, 640)
    assert found.box.shape == (480, 640)
    assert found.identity.shape == (512,)
    assert found.tokens.shape == (9, 512)
    assert set(np.unique(found.box)) == {0.0, 1.0}


def test_the_box_is_the_outline_a_fifth_larger(image, mesh):
    points = mesh((320, 300), 200)
    rows, columns = np.nonzero(LandmarksEncoder()(image(), points).box)
    outline = points[list(topology.OVAL)]
    size = outline[:, :2].max(axis=0) - outline[:, :2].min(axis=0)
    assert np.ptp(columns) + 1 == pytest.approx(1.2 * size[0], abs=2)
    assert np.ptp(rows) + 1 == pytest.approx(1.2 * size[1], abs=2)
    wider = np.nonzero(LandmarksEncoder(face_expansion=2.0)(image(), points).box)[1]
    assert np.ptp(wider) + 1 == pytest.approx(2 * size[0], abs=2)


def test_the_lips_are_where_the_mesh_has_them(image, mesh):
    found = LandmarksEncoder()(image(), mesh((320, 300), 200))
    row, column = np.unravel_index(found.masks[2].argmax(), found.masks[2].shape)
    assert abs(column - 320) < 30
    assert abs(row - 350) < 30


def test_without_an_identity_network_it_is_zeros_and_the_user_is_told(image, mesh):
    encoder = LandmarksEncoder()
    assert torch.equal(encoder(image(), mesh()).identity, torch.zeros(512))
    assert "identity is zeros" in notes(lambda: encoder(image(), mesh()))


def test_tokens_are_the_box_at_64_and_the_identity(image, mesh, models):
    found = LandmarksEncoder(identity=models["identity"])(image(), mesh())
    small = found.tokens[:8].reshape(64, 64).numpy()
    np.testing.assert_allclose(small, found.box.reshape(64, 10, 64, 10).mean(axis=(1, 3)), atol=1e-5)
    assert torch.equal(found.tokens[8], found.identity)


def test_a_profile_is_refused(image, mesh):
    with pytest.raises(InputError, match="from the side"):
        LandmarksEncoder()(image(), mesh(turn=0.8))
    LandmarksEncoder()(image(), mesh(turn=0.2))


@pytest.mark.parametrize("bad", [np.zeros((68, 3)), np.full((478, 3), np.nan), np.zeros((478, 2))])
def test_what_is_no_mesh_is_refused(image, bad):
    with pytest.raises(InputError, match="landmarks"):
        LandmarksEncoder()(image(), bad.astype(np.float32))


def test_a_mesh_of_another_picture_is_refused(image, mesh):
    with pytest.raises(InputError, match="outside the picture"):
        LandmarksEncoder()(image(200, 200), mesh())


@pytest.mark.parametrize("shape", [(640, 640), (640, 640, 4), (1, 640, 3)])
def test_what_is_no_picture_is_refused(mesh, shape):
    with pytest.raises(InputError, match="image"):
        LandmarksEncoder()(np.zeros(shape, np.uint8), mesh())


def test_neither_mesh_nor_networks_is_refused_with_what_to_connect(image, models):
    for encoder in (LandmarksEncoder(), LandmarksEncoder(detector=models["detector"])):
        with pytest.raises(InputError, match="no landmarks") as caught:
            encoder(image())
        assert "encoder/face-mesh" in caught.value.wants


@pytest.mark.parametrize("option", [{"face": -1}, {"face_expansion": 0.1}, {"lip_expansion": float("nan")}])
def test_an_option_out_of_range_is_refused(option):
    with pytest.raises(InputError):
        LandmarksEncoder(**option)


# With InsightFace's networks ----------------------------------------------------------------------


def test_the_networks_fill_the_same_contract(whole, image):
    found = whole(image())
    assert found.landmarks.shape == (68, 3)
    assert found.masks.shape == (3, 640, 640)
    assert found.tokens.shape == (9, 512)
    _, columns = np.nonzero(found.box)
    assert 190 <= columns.min() + columns.max() - 440 <= 210  # around the larger face, 200 to 440
    assert columns.min() < 200
    assert columns.max() > 440


def test_of_several_faces_the_largest_is_taken_with_a_note(whole, image):
    assert "2 faces found" in notes(lambda: whole(image()))


def test_another_face_can_be_chosen(models, image):
    second = LandmarksEncoder(face=1, detector=models["detector"], points=models["points"])
    _, columns = np.nonzero(second(image()).box)
    assert columns.max() < 200
    with pytest.raises(InputError, match="no face 2"):
        LandmarksEncoder(face=2, detector=models["detector"], points=models["points"])(image())


def test_no_face_is_refused(models, image):
    with pytest.raises(InputError, match="no face was found"):
        LandmarksEncoder(detector=models["blind"], points=models["points"])(image())


def test_the_identity_is_that_of_insightface_itself(models, image, tmp_path):
    """FaceAnalysis over a folder of models, as Hallo calls it, gives the same 512 numbers."""
    import shutil

    from insightface.app import FaceAnalysis

    for name in ("detector", "identity"):
        shutil.copy(models[name], tmp_path)
    theirs = FaceAnalysis(name=str(tmp_path), providers=["CPUExecutionProvider"])
    theirs.prepare(ctx_id=-1, det_size=(640, 640))
    faces = theirs.get(image()[..., ::-1].copy())
    largest = max(faces, key=lambda face: (face.bbox[2] - face.bbox[0]) * (face.bbox[3] - face.bbox[1]))
    ours = LandmarksEncoder(detector=models["detector"], points=models["points"], identity=models["identity"])
    # insightface aligns in float32: of a thousand pixels one is off by 1 of 255
    np.testing.assert_allclose(ours(image()).identity.numpy(), largest.embedding, rtol=1e-3, atol=1e-3)


def test_beside_a_mesh_the_detector_aligns_the_identity(models, image, mesh):
    box = (200, 160, 440, 460)
    aligned = LandmarksEncoder(detector=models["detector"], identity=models["identity"])
    alone = LandmarksEncoder(
        detector=models["detector"], points=models["points"], identity=models["identity"]
    )
    assert torch.equal(aligned(image(), mesh()).identity, alone(image()).identity)
    by_mesh = LandmarksEncoder(identity=models["identity"])(image(), mesh()).identity
    assert not torch.allclose(by_mesh, aligned(image(), mesh()).identity)
    assert networks.keypoints(box).shape == (5, 2)


def test_a_mesh_aligns_by_eyes_nose_and_mouth(models, image, mesh):
    points = mesh()
    encoder = LandmarksEncoder(identity=models["identity"])
    one = encoder(image(), points).identity
    points[topology.NOSE_TIP, 0] += 40
    assert not torch.allclose(encoder(image(), points).identity, one)


def test_the_same_picture_gives_the_same_and_is_left_as_it_is(whole, image):
    picture = image()
    one, again = whole(picture), whole(picture)
    assert torch.equal(one.tokens, again.tokens)
    assert np.array_equal(picture, image())


def test_a_network_in_the_wrong_place_is_said_so(models):
    with pytest.raises(WeightsError, match="network for recognition"):
        LandmarksEncoder(detector=models["identity"])
    with pytest.raises(WeightsError, match=r"takes .*640.*\n.*network for recognition"):
        LandmarksEncoder(identity=models["detector"])


def test_an_identity_of_another_width_is_refused(tmp_path):
    networks.identity(tmp_path / "narrow.onnx", width=128)
    with pytest.raises(WeightsError, match="128"):
        LandmarksEncoder(identity=str(tmp_path / "narrow.onnx"))


def test_a_damaged_network_is_said_so(models, tmp_path):
    (tmp_path / "cut.onnx").write_bytes(Path(models["identity"]).read_bytes()[:1000])
    with pytest.raises(WeightsError, match="cannot be read"):
        LandmarksEncoder(identity=str(tmp_path / "cut.onnx"))


def test_weights_that_are_not_here_say_where_they_come_from():
    with pytest.raises(WeightsError, match="non-commercial"):
        LandmarksEncoder(detector="antelopev2/detector")


def test_masks_are_not_those_of_a_square_when_the_picture_is_none(image, mesh):
    found = LandmarksEncoder()(image(400, 640), mesh((320, 200), 160))
    tall = LandmarksEncoder()(image(640, 400), mesh((200, 320), 160))
    assert found.masks.shape == (3, 400, 640)
    assert tall.masks.shape == (3, 640, 400)


# Tokens as released, and none at all --------------------------------------------------------------


def test_released_tokens_are_the_box_of_each_colour_and_the_identity(image, mesh):
    found = LandmarksEncoder(layout="released")(image(512, 512), mesh())
    assert found.tokens.shape == (3073 - 1536, 512)
    for colour in found.tokens[:-1].view(3, 512, 512):
        assert np.array_equal(colour, found.box)
    assert torch.equal(found.tokens[-1], found.identity)


def test_released_tokens_need_whole_rows(image, mesh):
    with pytest.raises(InputError, match="640x481") as caught:
        LandmarksEncoder(layout="released")(image(481, 640), mesh())
    assert "adapter/square" in caught.value.fix


def test_a_neutral_face_is_everywhere_and_nobodys(image, mesh, models):
    told = LandmarksEncoder(identity=models["identity"])(image(480, 640), mesh())
    found = LandmarksEncoder(identity=models["identity"], neutral=True)(image(480, 640), mesh())
    assert told.identity.any()
    assert (found.masks.shape, found.box.shape, found.tokens.shape) == ((3, 480, 640), (480, 640), (9, 512))
    assert found.masks.min() == found.box.min() == 1
    assert torch.allclose(found.tokens[:8], torch.ones(8, 512))
    assert not found.identity.any()
    assert not found.tokens[8].any()
