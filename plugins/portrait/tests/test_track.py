"""The face that is followed: on a photo carried about in known ways."""

import cv2
import numpy as np
import pytest

from pfy_plugin_portrait.track import FaceTrack

FRAMES = 6


@pytest.fixture(scope="module")
def head(astronaut):
    """Head and shoulders of the demo portrait, 256 pixels."""
    return cv2.resize(astronaut[0:330, 60:390], (256, 256), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def track():
    return FaceTrack()


def carried(still, moves):
    """The picture (h w 3) shifted by pixels (t 2) to the right and down."""
    size = still.shape[1::-1]
    return np.stack(
        [
            cv2.warpAffine(
                still,
                np.array([[1, 0, x], [0, 1, y]]),
                size,
                flags=cv2.INTER_CUBIC,
                borderMode=cv2.BORDER_REFLECT,
            )
            for x, y in moves
        ]
    )


def followed(track, *chunks):
    return np.concatenate(list(track(iter(chunks))))


def iod(points):
    return float(np.linalg.norm(points[33, :2] - points[263, :2]))


def test_a_still_photo_has_a_still_face_where_the_encoder_sees_it(track, encoder, head):
    points = followed(track, carried(head, np.zeros((FRAMES, 2))))
    assert points.shape == (FRAMES, 478, 3)
    assert points.dtype == np.float32
    seen = encoder(head).landmarks
    off = np.linalg.norm(points[-1, :468, :2] - seen[:468, :2], axis=1) / iod(seen)
    assert off.mean() < 0.02
    settled = points[3:, 13, 1] - points[3:, 14, 1]
    assert np.ptp(settled) / iod(seen) < 0.005


def test_the_face_moves_as_the_picture_does(track, head):
    moves = np.stack([2.0 * np.arange(FRAMES), -1.5 * np.arange(FRAMES)], 1)
    points = followed(track, carried(head, moves))
    went = (points[:, :468, :2] - points[0, :468, :2]).mean(1)
    assert went[-1] == pytest.approx(moves[-1], abs=1.0)


def test_frames_without_a_face_are_nan_and_the_face_is_found_again(track, head):
    frames = carried(head, np.zeros((FRAMES, 2)))
    frames[2:4] = 40
    points = followed(track, frames)
    assert np.isnan(points[2:4]).all()
    assert np.isfinite(points[[0, 1, 4, 5]]).all()


def test_a_face_of_a_handful_of_pixels_is_none(track, head):
    tiny = np.full((128, 128, 3), 128, np.uint8)
    tiny[40:80, 40:80] = cv2.resize(head, (40, 40), interpolation=cv2.INTER_AREA)
    assert np.isnan(followed(track, tiny[None])).all()


def test_a_picture_smaller_than_a_face_has_none(track):
    assert np.isnan(followed(track, np.zeros((2, 8, 8, 3), np.uint8))).all()
