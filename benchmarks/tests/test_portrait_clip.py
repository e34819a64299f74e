"""The whole measurement: on videos whose truth is known, and on a narration."""

import copy
import json
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from pfy_bench.portrait import clip, sheets
from pfy_bench.portrait.narrations import Installation, narrate
from pfy_bench.portrait.protocol import Portrait, Text
from pfy_core import weights
from pfy_core.kinds import Phone
from pfy_core.media import image, video

pytestmark = pytest.mark.slow

FPS, SIDE, FRAMES = 25, 384, 25


@pytest.fixture(scope="module", autouse=True)
def _home(tmp_path_factory):
    """A home that shares only the weights with the user's."""
    from pfy_core import paths

    theirs = paths.home() / "weights"
    theirs.mkdir(parents=True, exist_ok=True)
    ours = tmp_path_factory.mktemp("home")
    (ours / "weights").symlink_to(theirs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PFY_HOME", str(ours))
        yield


@pytest.fixture(scope="module")
def tools():
    return clip.Instruments()


@pytest.fixture(scope="module")
def eyes_only(tools):
    """The instruments but those that take seconds."""
    fewer = copy.copy(tools)
    fewer.identity = fewer.quality = fewer.recogniser = None
    return fewer


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """Head and shoulders of the demo portrait."""
    whole = Image.fromarray(image.load(weights.path("demo/astronaut")))
    file = tmp_path_factory.mktemp("face") / "face.png"
    whole.crop((60, 0, 390, 330)).resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(file)
    return file


def filmed(photo, file, moves):
    """A video of the photo shifted by pixels (t 2), with silence."""
    still = image.load(photo)
    size = {"dsize": (SIDE, SIDE), "flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REFLECT}
    frames = [cv2.warpAffine(still, np.array([[1, 0, x], [0, 1, y]]), **size) for x, y in moves]
    wave = np.zeros(round(24_000 * len(frames) / FPS), np.float32)
    video.write(file, [np.stack(frames)], FPS, [wave], 24_000)
    return file


@pytest.fixture(scope="module")
def still(photo, tools, tmp_path_factory):
    """What the instrument itself adds: a photo that does not move at all."""
    file = filmed(photo, tmp_path_factory.mktemp("still") / "still.mp4", np.zeros((FRAMES, 2)))
    return clip.measure(file, photo, tools, phones=[Phone("", 0.0, 1.0)]).values


def test_a_photo_that_stands_still_is_measured_as_still(still):
    assert still["face found"] == 1
    assert still["head speed"] < 0.1
    assert still["head range"] < 0.5
    assert still["jitter at rest"] < 0.2
    assert still["blinks"] == 0
    assert still["gaze spread"] < 0.01
    assert still["lip speed"] < 0.1


def test_a_photo_that_stands_still_is_the_photo(still):
    assert still["colour drift"] < 1
    assert still["shape distance"] < 1
    assert 0.8 < still["sharpness face"] < 1.2
    assert still["background moves"] < 0.5
    assert still["background differs"] < 3
    if "identity distance" in still:
        assert still["identity distance"] < 0.2


def test_a_photo_that_is_carried_about_is_measured_as_moving(photo, eyes_only, tmp_path, still):
    moves = 3 * np.sin(np.arange(FRAMES)[:, None] * (0.5, 0.0))
    moved = clip.measure(filmed(photo, tmp_path / "moved.mp4", moves), photo, eyes_only)
    iod = float(np.median(moved.track.iod))
    true = 100 * np.abs(np.diff(moves[:, 0])).mean() / iod
    assert moved.values["head speed"] == pytest.approx(true, rel=0.15)
    assert moved.values["background moves"] > still["background moves"] + 1
    assert moved.values["shape distance"] < 1


def test_filmed_footage_is_measured_against_its_first_frame(photo, eyes_only, tmp_path):
    found = clip.measure(filmed(photo, tmp_path / "footage.mp4", np.zeros((10, 2))), None, eyes_only).values
    assert found["shape distance"] < 1
    assert "closed" not in found


def test_a_narration_is_made_by_another_process_and_measured(photo, tools, tmp_path):
    by = Installation("this", sys.executable)
    told = Text("short", "My baby, a map, and many more people.")
    made = narrate(by, Portrait("demo", "", photo, weights.sha256(photo)), told, tmp_path / "made.mp4")
    assert {"m", "b", "p"} <= {phone.symbol for phone in made.phones}
    assert 0 < made.first < made.wall
    assert made.peak_mb > 100
    seen = clip.measure(made.video, photo, tools, phones=made.phones, text=told.text)
    assert seen.values["closed"] > 0.8
    assert abs(seen.values["offset to phones"]) < 80
    assert -30 < seen.values["loudness"] < -10
    sheet = sheets.sheet(seen, made.video)
    assert sheet.shape[1:] == (sheets.WIDTH, 3)
    assert sheet.std() > 20
    when = made.video.stat().st_mtime_ns
    again = narrate(by, Portrait("demo", "", photo, weights.sha256(photo)), told, tmp_path / "made.mp4")
    assert again == made
    assert made.video.stat().st_mtime_ns == when
    assert json.loads((tmp_path / "made.json").read_text())["seconds"] == made.seconds
