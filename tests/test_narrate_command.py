"""``pfy narrate`` through its entry point: what it prints, and every kind of bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import homes
import numpy as np
import pytest
from PIL import Image
from scipy.io import wavfile

from pfy_core import weights
from pfy_core.media import image, video

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def _home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PFY_HOME", str(homes.with_weights(tmp_path_factory.mktemp("home"))))
        yield


@pytest.fixture(autouse=True)
def _alone():
    """These tests share a home: what is told of the store is part of what they look at."""


@pytest.fixture(scope="module")
def photo():
    return image.load(weights.path("demo/astronaut"))


@pytest.fixture
def pfy(tmp_path):
    def run(*arguments, given=None, env=None, check=None):
        command = [
            sys.executable,
            "-m",
            "pfy_core",
            *(a if isinstance(a, bytes) else str(a) for a in arguments),
        ]
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **(env or {})},
            timeout=300,
        )
        if check is not None:
            assert done.returncode == check, done.stderr
        return done

    return run


def wav(path, wave, rate=16_000):
    wavfile.write(path, rate, wave.astype(np.float32))
    return path


def test_it_writes_a_video_and_says_where_the_time_went(pfy, tmp_path):
    done = pfy("narrate", "Hello, I am glad you came.", "-o", "hello.mp4", check=0)
    line = done.stdout.strip()
    assert line.startswith("hello.mp4  ")
    assert "512x512, 25 fps" in line
    assert "x real time: " in line
    assert "video" in line
    assert video.probe(tmp_path / "hello.mp4")["video"]["frames"] > 25
    assert [file.name for file in tmp_path.iterdir()] == ["hello.mp4"]


def test_json_is_the_record(pfy):
    done = pfy("narrate", "Hello.", "-o", "a.mp4", "--json", check=0)
    told = json.loads(done.stdout)
    assert told["output"]["frames"] > 10
    assert told["graph"]["name"] == "portrait"


@pytest.mark.parametrize("how", ["argument", "file", "pipe"])
def test_text_comes_from_an_argument_a_file_or_a_pipe(pfy, tmp_path, how):
    (tmp_path / "script.txt").write_text("Good day.", encoding="utf-8")
    text = {"argument": "Good day.", "file": "script.txt", "pipe": "-"}[how]
    done = pfy("narrate", text, "-o", "a.mp4", "--json", given="Good day.", check=0)
    assert json.loads(done.stdout)["inputs"]["text"]["text"] == "Good day."


def test_an_existing_video_is_kept_unless_forced(pfy, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"mine")
    done = pfy("narrate", "Hello.", "-o", "a.mp4", check=2)
    assert "exists already" in done.stderr
    assert "--force" in done.stderr
    assert (tmp_path / "a.mp4").read_bytes() == b"mine"
    pfy("narrate", "Hello.", "-o", "a.mp4", "--force", check=0)
    assert (tmp_path / "a.mp4").stat().st_size > 1000


def test_ctrl_c_leaves_nothing_behind(pfy, tmp_path):
    command = [sys.executable, "-m", "pfy_core", "narrate", "One sentence. " * 300, "-o", "long.mp4"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob(".long*")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    error = process.stderr.read()
    assert "cancelled" in error
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


def test_a_polite_kill_leaves_nothing_behind_either(pfy, tmp_path):
    command = [sys.executable, "-m", "pfy_core", "narrate", "One sentence. " * 300, "-o", "long.mp4"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob(".long*")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.terminate()
    assert process.wait(60) == 130
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(pfy, tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / f".a.{gone.pid}.part.mp4").write_bytes(b"half")
    (tmp_path / f".a.{os.getpid()}.part.mp4").write_bytes(b"at work")
    (tmp_path / f".b.{gone.pid}.part.mp4").write_bytes(b"another's")
    pfy("narrate", "Hi.", "-o", "a.mp4", check=0)
    assert {file.name for file in tmp_path.iterdir()} == {
        "a.mp4",
        f".a.{os.getpid()}.part.mp4",
        f".b.{gone.pid}.part.mp4",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Hi.", "-o", "x" * 300 + ".mp4"], "a shorter name"),
        ([b"Hi \xe9.", "-o", "a.mp4"], "not UTF-8"),
        (["Hi.", "-o", "a.mp4", "--set", "video.size=5"], "video: size 5"),
        (["Hi.", "-o", "a.mp4", "--cache", "of"], "did you mean"),
        (["Hi.", "-o", "a.mp4", "--speech", "a.wav", "--voice", "b.wav"], "leave voice out"),
    ],
)
def test_odd_requests_get_one_message_with_a_way_out(pfy, tmp_path, arguments, words):
    for name in ("a.wav", "b.wav"):
        wav(tmp_path / name, np.sin(np.arange(32_000) / 20) * 0.1)
    done = pfy("narrate", *arguments, check=2)
    refused(done, tmp_path, words, "  fix    ")


def test_a_long_text_may_end_in_the_name_of_a_file(pfy):
    pfy("narrate", "word " * 60 + "see readme.txt", "-o", "a.mp4", "--set", "video=decoder/portrait", check=0)


def test_a_colon_in_a_file_name_is_no_protocol(pfy, tmp_path):
    pfy("narrate", "Hi.", "-o", "a:b.mp4", check=0)
    assert (tmp_path / "a:b.mp4").exists()


def test_a_record_that_cannot_be_kept_is_a_note(pfy, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "weights").symlink_to(homes.THEIRS / "weights")
    (home / "records").write_text("in the way")
    done = pfy("narrate", "Hi.", "-o", "a.mp4", env={"PFY_HOME": str(home)}, check=0)
    assert "record of this run was not kept" in done.stderr


BAD_TEXTS = {
    "": "empty",
    "   \n ": "empty",
    "?!... --": "only punctuation",
    "😀 🎉": "only emoji",
    "Привет, как дела? Сегодня хорошая погода.": "Cyrillic",
    "今天天气很好，我们去公园散步吧。": "Chinese",
    "مرحبا كيف حالك اليوم": "Arabic",
}


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_text_that_cannot_be_spoken(pfy, tmp_path, text):
    done = pfy("narrate", text, "-o", "a.mp4", check=2)
    refused(done, tmp_path)
    assert BAD_TEXTS[text] in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "It costs $3.50, or 1,250 yen; 50% off on 3/4/2026!",
        "Smile 😀 and go on.",
        "Café, naïve, Zoë.",
        "NASA, U.S.A. and e.g. Dr. Smith.",
    ],
)
def test_text_with_numbers_money_emoji_and_accents_is_spoken(pfy, text):
    pfy("narrate", text, "-o", "a.mp4", check=0)


def refused(done, folder, *words):
    """One clear message, no traceback, nothing half-written."""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(("pfy: ", "note: ", "fetching ")), done.stderr
    assert "pfy: " in done.stderr
    for word in words:
        assert word in done.stderr
    assert not list(folder.glob("*.mp4")) + list(folder.glob(".*.mp4"))


def faces(folder, photo):
    """Bad photos by name: the file, and words of the message."""
    small = Image.fromarray(photo).resize((120, 120))
    small.save(folder / "small.png")
    Image.new("RGB", (400, 300), "navy").save(folder / "empty.png")
    (folder / "words.png").write_text("not an image at all")
    whole = folder / "whole.jpg"
    Image.fromarray(photo).save(whole, quality=95)
    (folder / "cut.jpg").write_bytes(whole.read_bytes()[:9000])
    Image.new("L", (20_000, 20_000)).save(folder / "huge.png")
    (folder / "nothing.png").write_bytes(b"")
    return {
        "small.png": "too small",
        "empty.png": "no face",
        "words.png": "not an image",
        "cut.jpg": "damaged",
        "huge.png": "400000000 pixels",
        "nothing.png": "empty",
        "absent.png": "no file",
        ".": "folder",
    }


@pytest.mark.parametrize(
    "name", ["small.png", "empty.png", "words.png", "cut.jpg", "huge.png", "nothing.png", "absent.png", "."]
)
def test_photos_that_cannot_be_used(pfy, tmp_path, photo, name):
    words = faces(tmp_path, photo)[name]
    refused(pfy("narrate", "Hello.", "--face", name, "-o", "a.mp4", check=2), tmp_path, words)


@pytest.mark.parametrize("kind", ["alpha", "grey", "cmyk", "turned"])
def test_photos_of_every_colour_and_orientation_work(pfy, tmp_path, photo, kind):
    picture = Image.fromarray(photo).crop((100, 0, 360, 260)).resize((400, 400))
    if kind == "alpha":
        picture.putalpha(Image.new("L", picture.size, 255))
        picture.putpixel((0, 0), (0, 0, 0, 0))
        picture.save(tmp_path / "a.png")
    elif kind == "grey":
        picture.convert("L").save(tmp_path / "a.png")
    elif kind == "cmyk":
        picture.convert("CMYK").save(tmp_path / "a.jpg")
    else:
        exif = Image.Exif()
        exif[0x0112] = 6
        picture.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "a.jpg", exif=exif)
    name = "a.png" if kind in ("alpha", "grey") else "a.jpg"
    done = pfy("narrate", "Hi.", "--face", name, "-o", "a.mp4", check=0)
    assert ("transparent" in done.stderr) == (kind == "alpha")


def voices(folder):
    random = np.random.default_rng(0)
    wav(folder / "silent.wav", np.zeros(32_000))
    wav(folder / "short.wav", random.normal(0, 0.1, 3_200))
    (folder / "words.wav").write_text("not a sound")
    Image.new("RGB", (64, 64)).save(folder / "picture.png")


@pytest.mark.parametrize("name", ["silent.wav", "short.wav", "words.wav", "picture.png", "absent.wav"])
def test_recordings_that_cannot_be_used(pfy, tmp_path, name):
    voices(tmp_path)
    refused(pfy("narrate", "Hello.", "--voice", name, "-o", "a.mp4", check=2), tmp_path)


def test_the_sound_of_a_video_is_a_voice(pfy, tmp_path):
    pfy(
        "narrate",
        "This is the voice that I would like to have, for a while at least.",
        "-o",
        "first.mp4",
        check=0,
    )
    pfy("narrate", "Hello.", "--voice", "first.mp4", "-o", "second.mp4", check=0)


@pytest.mark.parametrize(
    ("output", "words"),
    [("a.txt", ".mp4"), ("no/such/a.mp4", "does not exist"), (".", "a name ending in"), ("a", ".mp4")],
)
def test_outputs_that_cannot_be_written(pfy, tmp_path, output, words):
    (tmp_path / "folder.mp4").mkdir()
    done = pfy("narrate", "Hello.", "-o", output, check=2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_said_so_and_leaves_nothing(pfy, tmp_path):
    """A tmpfs of 300 kB, where the system lets us make one."""
    room = tmp_path / "room"
    room.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(room)], capture_output=True
    )
    if made.returncode:
        pytest.skip("no right to mount a tmpfs")
    try:
        done = pfy(
            "narrate", "A long enough sentence to fill a very small disk. " * 4, "-o", "room/a.mp4", check=2
        )
        assert "No space left" in done.stderr
        assert "Traceback" not in done.stderr
        assert list(room.iterdir()) == []
    finally:
        subprocess.run(["umount", str(room)], check=True)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("video=decoder/portrat", "did you mean 'decoder/portrait'"),
        ("vidoe=decoder/portrait", "did you mean 'video'"),
        ("motion.fsp=30", "did you mean: 'fps'"),
        ("motion.fps=fast", "fps"),
        ("motion.head=wild", "wild"),
        ("video=encoder/face-mesh", "E20"),
        ("motion.fps", "NODE.OPTION=VALUE"),
    ],
)
def test_wrong_settings_say_what_was_meant(pfy, tmp_path, setting, words):
    done = pfy("narrate", "Hello.", "--set", setting, "-o", "a.mp4", check=2)
    refused(done, tmp_path)
    assert words.lower() in done.stderr.lower()


def test_an_unknown_graph_or_option_is_refused_with_a_hint(pfy):
    assert "did you mean 'portrait'" in pfy("narrate", "Hi.", "--graph", "potrait", check=2).stderr
    assert "No such option" in pfy("narrate", "Hi.", "--fcae", "x.png", check=2).stderr


GRAPH = """pfy: 1
inputs: {text: text}
nodes:
  speech: {use: decoder/speech, take: {text: $text}}
  motion: {use: decoder/visemes, take: {phones: speech.phones, wave: speech.wave}}
outputs: {wave: speech.wave, frames: motion}
"""


LOW = "low: {use: adapter/resample, take: {wave: speech.wave}, with: {source: 16000, rate: 24000}}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("text: $text}}\n", "text: $text\n"), "E001"),
        (("phones: speech.phones", "phones: motion"), "E301"),
        (("use: decoder/visemes", "ues: decoder/visemes"), "did you mean 'use'"),
        (
            (
                "wave: speech.wave}}",
                f"wave: low}}}}\n  {LOW}",
            ),
            "E206",
        ),
    ],
)
def test_graphs_with_faults_are_explained_by_line(pfy, tmp_path, change, words):
    assert change[0] in GRAPH
    (tmp_path / "g.yaml").write_text(GRAPH.replace(*change))
    done = pfy("narrate", "Hello.", "--graph", "g.yaml", "-o", "a.mp4", check=2)
    refused(done, tmp_path, words, "line ")


def test_debug_shows_the_traceback(pfy):
    assert "Traceback" in pfy("narrate", "", "--debug").stderr


def test_errors_can_be_json(pfy):
    done = pfy("narrate", "Hello.", "--set", "motion.fps=fast", "--json", check=2)
    told = json.loads(done.stderr.splitlines()[-1])
    assert told["error"] == "GraphError"
    assert told["problems"][0]["code"] == "E401"
