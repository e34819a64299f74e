"""Narrations that are seen while they are made: chunks in Python, and MP4 that plays while it grows."""

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import av
import numpy as np
import pytest
import stories
from stories import FRAMES, TEXT, WORDS

from pfy_core import InputError, broadcast, catalogue, narrate_stream
from pfy_core.errors import Cancelled, OutputError
from pfy_core.media import audio, video

HERE = Path(stories.__file__).parent
SAMPLES = WORDS * 2400


@pytest.fixture(autouse=True)
def _toys(monkeypatch):
    monkeypatch.setattr(catalogue, "_installed", stories.known())
    yield
    stories.STOP.clear()


def playable(data):
    """Frames that a player gets from the beginning of a file."""
    found = []
    try:
        with av.open(io.BytesIO(data)) as file:
            found.extend(file.decode(video=0))
    except av.FFmpegError:  # the last fragment is not whole yet
        pass
    return found


class Growing(io.RawIOBase):
    """A target that remembers how much there was after each write."""

    def __init__(self):
        self.data, self.lengths = b"", []

    def write(self, data):
        self.data += bytes(data)
        self.lengths.append(len(self.data))
        return len(data)


# Chunks in Python -----------------------------------------------------------------------------------


def test_chunks_of_picture_and_sound_keep_step():
    live = narrate_stream(TEXT, graph=stories.graph())
    assert (live.rate, live.wave_rate) == (25, 24_000)
    frames = samples = 0
    for pictures, sound in live:
        assert pictures.shape[1:] == (32, 32, 3)
        assert pictures.dtype == np.uint8
        assert sound.dtype == np.float32
        frames, samples = frames + len(pictures), samples + len(sound)
        if frames < FRAMES:
            assert samples == frames * 24_000 / 25
    assert (frames, samples) == (FRAMES, SAMPLES)


def test_chunks_are_what_a_file_would_have():
    with narrate_stream(TEXT, graph=stories.graph()) as live:
        frames, sounds = zip(*live, strict=True)
    again = list(narrate_stream(TEXT, graph=stories.graph()))
    assert np.array_equal(np.concatenate(frames), np.concatenate([pair[0] for pair in again]))
    expected = np.repeat([np.float32(0.05 * len(word)) for word in TEXT.split()], 2400)
    assert np.array_equal(np.concatenate(sounds), expected)


def test_the_first_chunk_comes_long_before_the_last():
    with narrate_stream("word " * 5000, graph=stories.graph()) as live:
        next(live)
        assert stories.CALLS["painted"] < 100


@pytest.mark.parametrize("how", ["close", "with", "forget"])
def test_closing_it_stops_the_run(how):
    before = threading.active_count()
    live = narrate_stream("word " * 100_000, graph=stories.graph())
    next(live)
    match how:
        case "close":
            live.close()
            assert list(live) == []
        case "with":
            with live:
                pass
        case "forget":
            del live
    assert threading.active_count() == before


def test_what_goes_wrong_comes_out_of_the_iteration():
    with pytest.raises(InputError, match="nothing to say"):
        narrate_stream(graph=stories.graph())
    stories.STOP[:] = [40]
    live = narrate_stream(TEXT, graph=stories.graph())
    with pytest.raises((KeyboardInterrupt, Cancelled)):
        list(live)


# Video that plays while it grows ----------------------------------------------------------------------


def test_a_growing_video_plays_before_it_is_whole():
    out = Growing()
    made = broadcast(out, TEXT, graph=stories.graph())
    assert (made.frames, made.size, made.rate) == (FRAMES, (32, 32), 25)
    counts = [len(playable(out.data[:length])) for length in out.lengths[:: max(1, len(out.lengths) // 8)]]
    assert counts == sorted(counts)
    assert 0 < next(filter(None, counts)) <= FRAMES / 4
    assert len(playable(out.data[: len(out.data) // 2])) > FRAMES // 4
    assert len(playable(out.data)) == FRAMES


def test_a_streamed_video_has_picture_and_sound_in_step(tmp_path):
    broadcast(tmp_path / "a.mp4", TEXT, graph=stories.graph())
    about = video.probe(tmp_path / "a.mp4")
    assert (about["video"]["codec"], about["audio"]["codec"]) == ("h264", "aac")
    assert about["video"]["rate"] == 25
    assert "AI-generated" in about["metadata"]["comment"]
    assert about["video"]["duration"] == pytest.approx(FRAMES / 25, abs=0.01)
    sound = audio.read(tmp_path / "a.mp4", 24_000)
    assert abs(len(sound) - SAMPLES) < 2 * 1024
    # the loudest fall is where the fifth word, a short one, follows the fourth
    falls = sound[:-480] - sound[480:]
    assert int(np.argmax(falls[6000:12_000])) + 6000 + 240 == pytest.approx(4 * 2400, abs=360)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_is_read_while_it_is_written(tmp_path):
    fifo, got = tmp_path / "pipe", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()))
    reader.start()
    broadcast(fifo, TEXT, graph=stories.graph())
    reader.join(30)
    assert len(playable(got[0])) == FRAMES


def test_where_it_cannot_be_written_is_said_before_anything_runs(tmp_path):
    (tmp_path / "old.mp4").write_bytes(b"old")
    places = {"old.mp4": "exists already", ".": "folder", "no/a.mp4": "mkdir"}
    for name, words in places.items():
        with pytest.raises(OutputError, match=words):
            broadcast(tmp_path / name, TEXT, graph=stories.graph())
    assert stories.CALLS["painted"] == 0
    broadcast(tmp_path / "old.mp4", TEXT, graph=stories.graph(), force=True)
    assert video.probe(tmp_path / "old.mp4")["video"]["codec"] == "h264"


def test_what_cannot_be_narrated_leaves_no_file(tmp_path):
    with pytest.raises(InputError):
        broadcast(tmp_path / "a.mp4", graph=stories.graph())
    with pytest.raises(OutputError, match="transparent"):
        broadcast(tmp_path / "a.mp4", TEXT, graph=stories.graph("decoder/glass"))
    assert list(tmp_path.iterdir()) == []


# On the command line --------------------------------------------------------------------------------------


@pytest.fixture
def pfy(tmp_path):
    (tmp_path / "toy.yaml").write_text(stories.graph().to_yaml())

    def start(*arguments):
        command = [sys.executable, str(HERE / "stories.py"), "pfy", "narrate", *arguments]
        command += ["--graph", "toy.yaml", "--cache", "off"]
        env = {**os.environ, "PYTHONPATH": str(HERE)}
        return subprocess.Popen(
            command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    return start


@pytest.mark.parametrize("more", [[], ["--quiet"], ["--json"]])
def test_standard_output_has_the_video_and_nothing_else(pfy, more):
    done = pfy(TEXT, "--stream", "-", *more)
    out, told = done.communicate(timeout=60)
    assert done.returncode == 0, told
    assert out[4:8] == b"ftyp"
    assert len(playable(out)) == FRAMES
    assert b"printed by a library" in told
    if more == ["--json"]:
        assert json.loads(told[told.index(b"{") :])["output"]["frames"] == FRAMES


def test_a_reader_that_goes_away_ends_it_without_a_traceback(pfy):
    done = pfy("word " * 20_000, "--stream", "-")
    assert done.stdout.read(2000)
    done.stdout.close()
    told = done.stderr.read().decode()
    assert done.wait(60) == 1
    assert "Traceback" not in told
    assert "pfy: " not in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--stream", "-", "-o", "a.mp4"], "one of them"),
        (["--stream", "-", "--resume"], "-o NAME.mp4 --resume"),
        (["-o", "-"], "--stream - writes a video to a pipe"),
        (["-o", "a.gif"], ".webm"),
    ],
)
def test_options_that_exclude_each_other_are_refused_with_a_way_out(pfy, arguments, words):
    done = pfy(TEXT, *arguments)
    out, told = done.communicate(timeout=60)
    assert done.returncode == 2
    assert out == b""
    assert words in told.decode()
