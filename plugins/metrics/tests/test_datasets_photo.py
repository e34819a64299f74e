"""The best frame of a clip: a face from the front with open eyes, where there is one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pfy_core import Graph, InputError, weights
from pfy_core.kinds import MOTION_CHANNELS, MOTION_INDEX
from pfy_core.media import clip, image, video
from pfy_core.testing import faces
from pfy_plugin_metrics.datasets.clips import Clips
from pfy_plugin_metrics.datasets.mini import SPEAKERS, face
from pfy_plugin_metrics.datasets.photo import EYES, best, openness, turned


def rotated(landmarks, axis, angle):
    """Turned about one of the axes x, y and z."""
    one, two = ((1, 2), (2, 0), (0, 1))[axis]
    made, (cos, sin) = landmarks.copy(), (np.cos(angle), np.sin(angle))
    made[:, one] = cos * landmarks[:, one] - sin * landmarks[:, two]
    made[:, two] = sin * landmarks[:, one] + cos * landmarks[:, two]
    return made


@given(st.sampled_from([0, 1, 2]), st.floats(0.05, 1.0), st.sampled_from([-1, 1]))
def test_a_face_that_is_turned_further_is_turned_further(axis, angle, side):
    upright = faces.landmarks(512, 512)
    straight, half, full = (turned(rotated(upright, axis, side * part * angle)) for part in (0, 0.5, 1))
    assert straight < 0.05
    assert straight < half < full == pytest.approx(angle, abs=0.06)


def test_the_eye_that_is_less_open_counts():
    opened = faces.landmarks(512, 512)
    winking = opened.copy()
    winking[EYES[0][2]] = winking[EYES[0][3]]
    assert openness(winking) == pytest.approx(0, abs=1e-6)
    assert 0.2 < openness(opened) < 0.6


@pytest.fixture(scope="module")
def tilted(tmp_path_factory):
    """A second with the head aslant, one without a head, one upright, and one aslant again."""
    portrait = Image.fromarray(image.load(weights.path("demo/astronaut"))).resize((256, 256))
    aslant = np.asarray(portrait.rotate(25, Image.Resampling.BICUBIC))
    still = [aslant, np.zeros_like(aslant), np.asarray(portrait), aslant]
    folder = tmp_path_factory.mktemp("tilted")
    wave = np.full(4 * 16_000, 0.1, np.float32)
    video.write(folder / "a.mp4", [np.repeat(np.stack(still), 25, 0)], 25.0, [wave], 16_000)
    return folder


def test_the_upright_frame_is_the_photo(tilted):
    whole = clip.read(tilted / "a.mp4").frames
    found = Clips(folder=str(tilted), source="best")(0).photo
    assert any(np.array_equal(found, frame) for frame in whole[50:75])
    assert np.array_equal(Clips(folder=str(tilted))(0).photo, whole[0])


def test_a_frame_with_closed_eyes_is_not_the_photo_however_frontal(tmp_path):
    """The embedded default performs it: a second with the eyes shut, then one with the head aslant."""
    motion = np.zeros((50, len(MOTION_CHANNELS)), np.float32)
    motion[:25, [MOTION_INDEX["eyeBlinkLeft"], MOTION_INDEX["eyeBlinkRight"]]] = 1
    motion[25:, MOTION_INDEX["headRoll"]] = 0.12
    wave = np.full(2 * 24_000, 0.1, np.float32)
    given = {"motion": motion, "speech": (wave, 24_000), "face": face(SPEAKERS[0])}
    with Graph.load("portrait-motion").choose(size=256).run(**given) as run:
        video.write(tmp_path / "a.mp4", run.chunks("frames"), 25.0, [wave], 24_000)
    whole = clip.read(tmp_path / "a.mp4").frames
    found = best(tmp_path / "a.mp4", 2.0)
    assert any(np.array_equal(found, frame) for frame in whole[27:])


def test_a_clip_without_a_face_has_no_best_frame(tmp_path):
    video.write(tmp_path / "a.mp4", [np.zeros((25, 64, 64, 3), np.uint8)], 25.0, [np.zeros(16_000)], 16_000)
    with pytest.raises(InputError, match="no face in its first 1 s"):
        best(tmp_path / "a.mp4", 1.0)
