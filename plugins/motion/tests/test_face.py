import numpy as np
import pytest
import torch

from pfy_core import InputError
from pfy_plugin_motion.face import PARTS, FaceTokensEncoder


@pytest.fixture(scope="module")
def encoder():
    return FaceTokensEncoder()


def test_there_is_a_token_for_each_part(encoder, landmarks):
    assert encoder(landmarks).shape == (len(PARTS), 512)


@pytest.mark.parametrize(("scale", "angle", "move"), [(0.3, 0.0, 0), (4.0, 0.5, 100), (1.0, -2.8, -40)])
def test_place_size_and_roll_do_not_matter(encoder, landmarks, scale, angle, move):
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    moved = (scale * landmarks @ turn.T + [move, 2 * move, 0]).astype(np.float32)
    assert torch.allclose(encoder(moved), encoder(landmarks), atol=1e-3)


def test_the_face_does_matter(encoder, landmarks):
    wide = landmarks * np.array([1.2, 1, 1], np.float32)
    assert not torch.allclose(encoder(wide), encoder(landmarks), atol=1e-2)


def test_a_batch_is_its_clips(encoder, landmarks):
    other = landmarks * np.array([1.2, 1, 1], np.float32)
    learnt = encoder.learn(torch.from_numpy(np.stack([landmarks, other]))).detach()
    assert torch.allclose(learnt[1], encoder(other), atol=1e-5)


def test_neutral_sees_no_face(landmarks):
    assert (FaceTokensEncoder(neutral=True)(landmarks) == 0).all()


def test_points_are_of_one_part_each_and_left_mirrors_right():
    listed = [point for rows in PARTS.values() for point in rows]
    assert len(listed) == len(set(listed))
    assert len(PARTS["left-eye"]) == len(PARTS["right-eye"])


@pytest.mark.parametrize("spoil", [np.nan, None])
def test_what_is_no_face_is_refused(encoder, landmarks, spoil):
    bad = np.zeros_like(landmarks) if spoil is None else landmarks * spoil
    with pytest.raises(InputError):
        encoder(bad)
