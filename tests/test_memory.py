"""Long narrations take no more memory than short ones."""

import subprocess
import sys
from pathlib import Path

import homes
import numpy as np
import pytest
import stories

from pfy_core import Graph, Runner, weights

pytestmark = pytest.mark.slow

MEASURE = """
import sys
import stories
from pfy_core import catalogue, narrate
if sys.argv[1] == "toys":
    catalogue._installed = stories.known()
    made = stories.story(sys.argv[2], "word " * int(sys.argv[3]), overrides=["move.fps=5"])
else:
    text = "This is a sentence that is said again and again, to be long. " * int(sys.argv[3])
    made = narrate(text, out=sys.argv[2], overrides=["video.size=96", "speech.voice=light"])
print(made.duration, made.record["peak_memory_mb"])
"""


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path):
    monkeypatch.setenv("PFY_HOME", str(homes.with_weights(tmp_path)))


def peak(folder, what, count):
    """Seconds of a narration and the peak memory, in MB, of the process that made it."""
    out = folder / f"{what}-{count}.mp4"
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, what, str(out), str(count)],
        capture_output=True,
        text=True,
        cwd=Path(stories.__file__).parent,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def test_ten_minutes_of_sound_are_not_held(tmp_path):
    """Held, they would be 58 MB."""
    short, long = peak(tmp_path, "toys", 300), peak(tmp_path, "toys", 6_000)
    assert long[0] == 20 * short[0] == 600
    assert long[1] - short[1] < 25


def test_the_pictures_of_a_portrait_are_not_held(tmp_path):
    """Held, they would be 30 MB."""
    short, long = peak(tmp_path, "portrait", 3), peak(tmp_path, "portrait", 13)
    assert long[0] > 4 * short[0] > 40
    assert long[1] - short[1] < 15


def test_a_portrait_goes_on_in_the_middle_with_the_very_same_frames():
    runner = Runner(Graph.load("portrait").set("video.size=96", "speech.voice=light"))
    assert runner.resolved.specs["video"].framewise

    def frames(skip):
        given = {"text": "Hello. This is said twice.", "face": weights.path("demo/astronaut")}
        with runner(given, outputs=["frames"], skip=lambda run: {"frames": skip}) as run:
            return np.concatenate(list(run["frames"]))

    whole = frames(0)
    for skip in (1, 30):
        assert np.array_equal(frames(skip), whole[skip:])
