"""Replaying: the same video from what it carries, or one clear reason why not."""

import json
from collections.abc import Iterator
from pathlib import Path

import homes
import numpy as np
import pytest
import signing
import toys
from installing import pfy
from scipy.io import wavfile
from test_provenance_inspection import retagged

from pfy_core import Decoder, InputError, Seed, catalogue, inspect, narrate, paths, record, replay
from pfy_core.errors import OutputError
from pfy_core.media import video

WORDS = "good morning everybody"


class Speckle(Decoder, name="speckle"):
    """Random pictures, as long as the sound; ``look`` is a file whose length is the least brightness."""

    def __init__(self, *, fps: float = 25.0, look: str = ""):
        self.least = len(Path(look).read_bytes()) if look else 0

    def __call__(self, motion: Iterator[toys.Motion], *, seed: Seed = 0) -> Iterator[toys.Frames]:
        random = np.random.default_rng(seed)
        for rows in motion:
            yield random.integers(self.least, 255, (len(rows), 128, 128, 3), dtype=np.uint8)


GRAPH = toys.speech().set("film=decoder/speckle")


@pytest.fixture(autouse=True)
def _toys(monkeypatch):
    monkeypatch.setattr(catalogue, "_installed", toys.catalogue(Speckle))


@pytest.fixture
def voice(tmp_path):
    wavfile.write(tmp_path / "Jane.wav", 16_000, np.full(16_000, 0.1, np.float32))
    return tmp_path / "Jane.wav"


@pytest.fixture
def made(tmp_path, voice):
    return narrate(WORDS, voice=voice, graph=GRAPH, out=tmp_path / "a.mp4", seed=5).path


def elsewhere(monkeypatch, tmp_path):
    """From now on as on another machine, which has no record of anything."""
    monkeypatch.setenv("PFY_HOME", str(tmp_path / "another-home"))


def test_a_video_comes_out_again_to_the_last_bit(made, tmp_path):
    again = replay(made)
    assert again.identical
    assert again.likeness.encoded
    assert again.changed == {}
    assert again.narration.path == tmp_path / "a-replay.mp4"
    assert all(
        np.array_equal(a, b) for a, b in zip(video.read(made), again.narration.pictures(), strict=True)
    )
    first, second = inspect(made), inspect(tmp_path / "a-replay.mp4")
    assert second.credentials.state == "trusted"
    for key in ("graph", "digest", "seed", "inputs"):
        assert first.made[key] == second.made[key]
    assert first.made["record"] != second.made["record"]


def test_a_replay_can_be_replayed(made, tmp_path):
    replay(made, tmp_path / "b.mp4")
    assert replay(tmp_path / "b.mp4", tmp_path / "c.mp4").identical


def test_another_seed_is_told_apart(made, tmp_path):
    """The comparison can fail: the same tag on pictures of another seed."""
    other = narrate(WORDS, voice=tmp_path / "Jane.wav", graph=GRAPH, out=tmp_path / "b.mp4", seed=6).path
    tag = {**video.probe(made)["metadata"], "comment": "x"}
    again = replay(retagged(other, tmp_path / "c.mp4", **tag), tmp_path / "d.mp4")
    assert not again.identical
    assert again.likeness.psnr < 20


def test_an_input_is_found_where_it_was_or_where_it_was_used_since(made, voice, tmp_path):
    moved = voice.rename(tmp_path / "moved.wav")
    with pytest.raises(InputError) as error:
        replay(made, tmp_path / "b.mp4")
    digest = inspect(made).made["inputs"]["voice"]["sha256"]
    for words in ("voice: ", "not found on this machine", "Jane.wav", digest, "--voice FILE"):
        assert words in str(error.value)
    assert not (tmp_path / "b.mp4").exists()
    narrate("other words", voice=moved, graph=GRAPH)
    assert replay(made, tmp_path / "b.mp4").identical


def test_a_file_that_has_changed_since_is_not_taken(made, voice, tmp_path):
    wavfile.write(voice, 16_000, np.full(16_000, 0.2, np.float32))
    with pytest.raises(InputError, match="not found on this machine"):
        replay(made, tmp_path / "b.mp4")


def test_a_given_input_is_verified_by_its_content(made, tmp_path, monkeypatch):
    elsewhere(monkeypatch, tmp_path)
    with pytest.raises(InputError, match="not found on this machine"):
        replay(made)
    wavfile.write(tmp_path / "wrong.wav", 16_000, np.full(16_000, 0.2, np.float32))
    with pytest.raises(InputError, match="is not what the video was made from"):
        replay(made, voice=tmp_path / "wrong.wav")
    with pytest.raises(InputError, match="no file"):
        replay(made, voice=tmp_path / "absent.wav")
    assert sorted(item.name for item in tmp_path.glob("*.mp4")) == ["a.mp4"]
    assert replay(made, voice=tmp_path / "Jane.wav").identical
    assert replay(made, tmp_path / "b.mp4", voice=(np.full(16_000, 0.1, np.float32), 16_000)).identical


def test_an_input_that_was_not_used_is_refused(tmp_path, voice):
    plain = narrate(WORDS, graph=GRAPH, out=tmp_path / "a.mp4").path
    assert replay(plain, tmp_path / "b.mp4").identical
    with pytest.raises(InputError, match="made without one"):
        replay(plain, tmp_path / "c.mp4", voice=voice)


def test_consent_goes_with_it(tmp_path, monkeypatch):
    (tmp_path / "c.txt").write_text("I agree.")
    made = narrate(WORDS, graph=GRAPH, out=tmp_path / "a.mp4", consent=tmp_path / "c.txt").path
    replay(made, tmp_path / "b.mp4")
    assert inspect(tmp_path / "b.mp4").consent["sha256"] == inspect(made).consent["sha256"]


@pytest.mark.slow
def test_words_of_any_length_and_script_are_carried_whole(tmp_path):
    text = "naïve “quotes” 日本 \n" + "word " * 300
    made = narrate(text, graph=GRAPH.set("film.fps=1", "move.fps=1"), out=tmp_path / "a.mp4").path
    assert inspect(made).made["inputs"]["text"]["text"] == text
    assert replay(made).identical


def test_matroska_is_replayed_too(tmp_path):
    made = narrate(WORDS, graph=GRAPH, out=tmp_path / "a.mkv").path
    assert replay(made).identical
    assert replay(made, tmp_path / "b.mp4").identical


def test_what_differs_in_versions_is_told(made, tmp_path):
    tags = video.probe(made)["metadata"]
    tag = json.loads(tags["pfy"])
    tag["packages"]["numpy"] = "1.0"
    tag["packages"]["gone"] = "3"
    tag["weights"]["voice/old"] = "ab" * 32
    copy = retagged(made, tmp_path / "b.mp4", **{**tags, "pfy": json.dumps(tag)})
    changed = replay(copy).changed
    assert changed["numpy"] == ("1.0", np.__version__)
    assert changed["gone"] == ("3", None)
    assert changed["voice/old"] == ("ab" * 32, None)
    assert len(changed) == 3


def test_files_that_a_graph_names_stay_on_the_machine(tmp_path, monkeypatch):
    look = tmp_path / "look.txt"
    look.write_text("x" * 100)
    made = narrate(WORDS, graph=GRAPH.set(f"film.look={look}"), out=tmp_path / "a.mp4").path
    assert str(tmp_path).encode() not in made.read_bytes()
    assert inspect(made).made["graph"]["nodes"]["film"]["with"]["look"] == "look.txt"
    assert replay(made, tmp_path / "b.mp4").identical
    elsewhere(monkeypatch, tmp_path)
    with pytest.raises(InputError, match="named files of the machine") as error:
        replay(made, tmp_path / "c.mp4")
    assert "--set" in error.value.fix
    again = replay(made, tmp_path / "c.mp4", overrides=[f"film.look={look}"])
    assert again.identical


@pytest.mark.parametrize("look", ["/etc/passwd", "~/.ssh/id", "../secret", "C:\\Users\\x"])
def test_a_strangers_graph_cannot_name_files_of_this_machine(made, tmp_path, monkeypatch, look):
    tags = video.probe(made)["metadata"]
    tag = json.loads(tags["pfy"])
    tag["graph"]["nodes"]["film"]["with"] = {"look": look}
    copy = retagged(made, tmp_path / "b.mp4", **{**tags, "pfy": json.dumps(tag)})
    elsewhere(monkeypatch, tmp_path)
    with pytest.raises(InputError, match="names the file"):
        replay(copy, voice=tmp_path / "Jane.wav")


def bad(made, tmp_path):
    """Videos that cannot be replayed, and words of the message."""
    tags = video.probe(made)["metadata"]
    tag = json.loads(tags["pfy"])

    def tagged(name, **changes):
        return retagged(made, tmp_path / name, **{**tags, "pfy": json.dumps(tag | changes)})

    (tmp_path / "text.mp4").write_text("text")
    return {
        "tampered": (signing.tampered(made, tmp_path, b"mdat", at=300), "changed after it was signed"),
        "foreign": (retagged(made, tmp_path / "b.mp4"), "does not say how it was made"),
        "stripped": (
            retagged(made, tmp_path / "c.mp4", comment=tags["comment"]),
            "lost what it said of its making",
        ),
        "newer": (tagged("d.mp4", schema=99), "schema 99"),
        "damaged": (tagged("e.mp4", inputs=[]), "damaged tag"),
        "odd graph": (tagged("f.mp4", graph={"nodes": 3}), "problem"),
        "odd input": (tagged("g.mp4", inputs={"__class__": {"text": "x"}}), "an input '__class__'"),
        "argument": (tagged("h.mp4", inputs={"out": {"text": "/tmp/x"}}), "an input 'out'"),
        "local text": (tagged("i.mp4", inputs={"text": {"text": "/home/jane/diary.txt"}}), "names the file"),
        "standard input": (tagged("j.mp4", inputs={"text": {"text": "-"}}), "names the file"),
        "text": (tmp_path / "text.mp4", "cannot be decoded"),
        "absent": (tmp_path / "absent.mp4", "no file"),
    }


@pytest.mark.parametrize(
    "case",
    [
        "tampered",
        "foreign",
        "stripped",
        "newer",
        "damaged",
        "odd graph",
        "odd input",
        "argument",
        "local text",
        "standard input",
        "text",
        "absent",
    ],
)
def test_what_cannot_be_replayed_is_refused_and_leaves_nothing(made, tmp_path, monkeypatch, case):
    file, words = bad(made, tmp_path)[case]
    elsewhere(monkeypatch, tmp_path)
    before = sorted(tmp_path.iterdir())
    from pfy_core import PfyError

    with pytest.raises(PfyError, match=words):
        replay(file, tmp_path / "z.mp4", voice=tmp_path / "Jane.wav")
    assert sorted(tmp_path.iterdir()) == before


def test_the_first_video_is_never_overwritten(made):
    with pytest.raises(InputError, match="is the video to be replayed"):
        replay(made, made, force=True)
    replay(made)
    with pytest.raises(OutputError, match="exists already"):
        replay(made)
    assert replay(made, force=True).identical


def test_the_local_record_knows_where_things_lie_and_the_given_one_does_not(made, voice):
    kept = list(record.read())[-1]
    assert kept["local"] == {"files": {"voice": str(voice)}, "output": str(made)}
    shown = narrate(WORDS, voice=voice, graph=GRAPH).record
    assert "local" not in shown
    shown.pop("argv")
    assert str(voice.parent) not in json.dumps(shown)


def test_half_a_record_does_not_hide_the_others(made):
    with (paths.home() / "records" / "runs.jsonl").open("a") as out:
        out.write('{"id": "ab\n[]\nnull\n{"local": 3, "inputs": 4}\n')
    assert len(list(record.read())) == 2
    assert replay(made).identical


# The real thing, through the command


@pytest.mark.slow
def test_a_narration_is_replayed_by_the_command(tmp_path):
    home = homes.with_weights(tmp_path)
    more = {"home": home, "cwd": tmp_path}
    (tmp_path / "consent.txt").write_text("I agree.")
    size = ("--set", "video.size=256")
    done = pfy(
        "narrate", "Good day.", "-o", "a.mp4", "--consent", "consent.txt", "--seed", "3", *size, **more
    )
    assert done.returncode == 0, done.stderr
    done = pfy("replay", "a.mp4", **more)
    assert done.returncode == 0, done.stderr
    assert "identical: " in done.stdout
    told = json.loads(pfy("inspect", "a-replay.mp4", "--json", **more).stdout)
    assert told["credentials"]["state"] == "trusted"
    assert told["made"]["seed"] == 3
    assert told["consent"]["file"].endswith(".txt")
    done = pfy("replay", "a.mp4", "--face", "consent.txt", "-o", "b.mp4", **more)
    assert done.returncode == 2
    assert "face: " in done.stderr
    assert "Traceback" not in done.stderr
    done = pfy("replay", "a.mp4", "--set", "motion.head=lively", "-o", "b.mp4", "--json", **more)
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["identical"] is False
    assert "graph" in told["changed"]
