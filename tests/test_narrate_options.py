"""``pfy narrate`` with its options: every one reaches the graph, every file beside the video is there."""

from __future__ import annotations

import json

import homes
import numpy as np
import pytest
import stories
from commands import pfy
from scipy.io import wavfile

from pfy_core import narrate
from pfy_core.media import formats, motion, video

pytestmark = pytest.mark.slow

TEXT = "<speak>Good <emphasis>morning</emphasis>.</speak>"
SMALL = ("--size", "128")


@pytest.fixture(autouse=True, scope="module")
def _home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PFY_HOME", str(homes.with_weights(tmp_path_factory.mktemp("home"))))
        for option, value in stories.EXACT.items():
            patch.setitem(formats.X264.options, option, value)
        yield


@pytest.fixture(autouse=True)
def _alone():
    """These tests share a home: a replay looks for what was made in it."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a narration of an SSML file, and everything that can lie beside it."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "script.ssml").write_text(TEXT, encoding="utf-8")
    beside = ("--captions", "--subtitles", "a.vtt", "--timings", "a.json", "--motion-out", "a.csv")
    moves = ("--head", "lively", "--motion", "1.2", "--emotion", "happy:0.9", "--blink", "30")
    looks = ("--gaze", "camera", "--eyes", "keep", "--fps", "30", "--size", "96x128", "--crop", "face")
    told, _ = pfy(
        folder, "narrate", "script.ssml", "-o", "a.mp4", *beside, *moves, *looks,
        "--background", "#00ff00", "--language", "en", "--seed", "2", "--json",
    )  # fmt: skip
    return folder, json.loads(told)


def test_every_option_reaches_the_component_that_it_is_for(made):
    nodes = made[1]["graph"]["nodes"]
    assert nodes["speech"]["with"] == {"language": "en"}
    assert nodes["motion"]["with"] == {
        "head": "lively",
        "motion": 1.2,
        "emotion": "happy",
        "strength": 0.9,
        "blink": 30,
        "gaze": "camera",
        "fps": 30,
    }
    assert nodes["video"]["with"] == {
        "gaze": "camera",
        "eyes": "keep",
        "size": "96x128",
        "crop": "face",
        "background": "#00ff00",
    }
    assert made[1]["seed"] == 2


def test_the_picture_is_as_it_was_asked_for(made):
    about = video.probe(made[0] / "a.mp4")["video"]
    assert (about["width"], about["height"], about["rate"]) == (96, 128, 30)
    corner = next(video.read(made[0] / "a.mp4"))[:6, :6].reshape(-1, 3).mean(0)
    assert np.abs(corner - (0, 255, 0)).max() < 24


def test_the_files_beside_it_tell_of_the_same_words_and_frames(made):
    folder, record = made
    timings = json.loads((folder / "a.json").read_text())
    assert [word["text"] for word in timings["words"]] == ["Good", "morning."]
    assert timings["seconds"] == record["output"]["seconds"]
    assert "Good morning." in (folder / "a.vtt").read_text()
    assert len((folder / "a.csv").read_text().splitlines()) == 1 + record["output"]["frames"]
    assert sorted(file.name for file in folder.iterdir() if file.suffix != ".mp4") == [
        *("a.csv", "a.json", "a.vtt", "script.ssml")
    ]


def test_captions_are_drawn_into_the_picture(made):
    """Against the motion alone, performed without them: where they stand, and nowhere above."""
    folder, _ = made
    with_words = np.stack(list(video.read(folder / "a.mp4"))).astype(float)
    options = {"size": "96x128", "crop": "face", "background": "#00ff00", "gaze": "camera", "eyes": "keep"}
    bare = narrate(
        speech=folder / "a.mp4",
        motion_in=folder / "a.csv",
        fps=30,
        out=folder / "bare.mp4",
        force=True,
        **options,
    )
    without = np.stack(list(video.read(bare.path))).astype(float)
    assert with_words.shape == without.shape
    changed = np.abs(with_words - without).mean((0, 3))
    assert changed[80:].max() > 20
    assert changed[:64].mean() < 2


def test_motion_that_was_written_is_performed_again_frame_by_frame(made):
    folder, record = made
    pfy(
        folder, "narrate", "--speech", "a.mp4", "--motion-in", "a.csv", "--fps", "30", *SMALL,
        "--motion-out", "b.csv", "-o", "b.mp4", "--force",
    )  # fmt: skip
    first, again = (motion.load(folder / name, 30.0) for name in ("a.csv", "b.csv"))
    assert np.array_equal(first, again)
    assert video.probe(folder / "b.mp4")["video"]["frames"] == record["output"]["frames"]


def test_a_video_with_captions_is_replayed_to_the_last_bit(made):
    folder, _ = made
    assert "identical: " in pfy(folder, "replay", "a.mp4", "-o", "again.mp4", "--force")[0]


def test_webm_can_be_transparent(tmp_path):
    pfy(tmp_path, "narrate", "Hi.", "--background", "transparent", *SMALL, "-o", "a.webm")
    alpha = next(video.read(tmp_path / "a.webm"))[..., 3]
    assert alpha.min() < 16
    assert alpha.max() > 240


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Files that are not what they should be, beside a recording and a motion that are."""
    folder = tmp_path_factory.mktemp("given")
    random = np.random.default_rng(0)
    wavfile.write(folder / "noise.wav", 16_000, random.normal(0, 0.05, 16_000).astype(np.float32))
    motion.write(folder / "face.csv", [np.zeros((25, 58), np.float32)], 25)
    header, *rows = (folder / "face.csv").read_text().splitlines()
    (folder / "narrow.csv").write_text("\n".join(line.rsplit(",", 20)[0] for line in (header, *rows)))
    (folder / "bad.ssml").write_text("<speak>Good <emphasis>day</speak>")
    (folder / "text.pem").write_text("no certificate")
    return folder


PERFORM = ("--speech", "noise.wav", "--motion-in")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Hi.", "--background", "transparent"], "-o z.webm"),
        (["Hi.", "--size", "12"], "size"),
        (["Hi.", "--emotion", "hapy"], "happy"),
        (["Hi.", "--emotion", "happy:very"], "--emotion happy:0.9"),
        (["Hi.", "--language", "xx"], "language 'xx'"),
        (["bad.ssml"], "SSML, line 1"),
        (["Hi.", "--consent", "absent.pdf"], "consent: there is no file absent.pdf"),
        (["Hi.", "--certificate", "text.pem", "--key", "text.pem"], "is not a PEM certificate"),
        (["--speech", "noise.wav", "--language", "en"], "no option 'language'"),
        ([*PERFORM, "face.csv", "--head", "lively"], "no option 'head'"),
        ([*PERFORM, "face.csv", "--captions"], "no output 'words'"),
        ([*PERFORM, "narrow.csv"], "narrow.csv"),
        (["Hi.", "--motion-in", "face.csv"], "speech"),
        (["Hi.", "--subtitles", "a.txt"], ".srt"),
    ],
)
def test_what_cannot_be_is_refused_with_one_message_and_leaves_nothing(given, arguments, words):
    before = sorted(given.iterdir())
    _, told = pfy(
        given, "narrate", *arguments, *(() if "--size" in arguments else SMALL), "-o", "z.mp4", status=2
    )
    assert words in told
    assert "Traceback" not in told
    assert sum(line.startswith("pfy: ") for line in told.splitlines()) == 1
    assert sorted(given.iterdir()) == before
