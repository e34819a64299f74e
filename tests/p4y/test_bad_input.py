"""The graph p4y from the command line, small: what it bears, and how it refuses what it cannot use."""

from __future__ import annotations

import json
import math

import pytest
from commands import pfy

from pfy_core import Graph
from pfy_core.media import video

pytestmark = pytest.mark.slow

GRAPH = ("--graph", "p4y-tiny", "--cache", "off")
FAST = ("motion.steps=1", "motion.guidance=1", "audio.max_codes=2")
BOTH = ("--face", "face.png", "--voice", "voice.wav")


def narrate(folder, *arguments, status=0):
    """What ``pfy narrate`` prints (output, errors) with the graph p4y-tiny and as few steps as can be."""
    small = [part for setting in FAST for part in ("--set", setting)]
    return pfy(folder, "narrate", *GRAPH, *small, *arguments, status=status)


@pytest.fixture(autouse=True)
def _no_library_speaks(caplog):
    """What a library logs is not for the user."""
    yield
    assert [record.getMessage() for record in caplog.get_records("call")] == []


# What works ---------------------------------------------------------------------------------------


def made(folder, target, *arguments):
    """A video with as many frames as its speech lasts, and its sound as long within one: (frames, notes)."""
    out, _ = narrate(folder, *arguments, "--json", "-o", target)
    record = json.loads(out)
    frames, seconds = record["output"]["frames"], record["output"]["seconds"]
    about = video.probe(target)
    assert frames == about["video"]["frames"] == math.ceil(seconds * 25 - 1e-3)
    assert abs(about["video"]["duration"] - about["audio"]["duration"]) <= 1 / 25
    return frames, record["notes"]


@pytest.mark.parametrize(
    ("text", "face", "voice", "note"),
    [
        ("Hm.", "grey.png", "8k.wav", ""),
        ("Hm.", "cmyk.jpg", "192k.wav", ""),
        ("Hm.", "alpha.png", "six.wav", "the transparent background is filled with white"),
        ("Hm.", "turned.jpg", "voice.wav", ""),
        ("A sentence of some words. " * 120, "huge.jpg", "voice.wav", "sentence 13 did not end by itself"),
    ],
)
def test_photos_voices_and_texts_of_every_sort_become_a_video(given, tmp_path, text, face, voice, note):
    frames, notes = made(given, tmp_path / "a.mp4", text, "--face", face, "--voice", voice)
    assert frames >= 1
    assert note in " ".join(notes)


def test_speech_that_ends_at_once_is_a_video_of_a_frame_or_two(given, tmp_path):
    terse = ("--set", "audio.weights=./terse.safetensors", "--set", "voice.weights=./terse.safetensors")
    frames, notes = made(given, tmp_path / "a.mp4", "Good day.", *BOTH, *terse)
    assert 1 <= frames <= 3
    assert "did not end by itself" not in " ".join(notes)


def test_checkpoints_of_every_part_are_read_from_files(given, tmp_path):
    parts = {"visual": "vae", "video": "vae", "voice": "xtts", "audio": "xtts", "fusion": "ete"}
    parts |= {"heard": "wav2vec2", "speech": "wav2vec2", "motion": "hallo"}
    named = [
        part for node, file in parts.items() for part in ("--set", f"{node}.weights=./{file}.safetensors")
    ]
    frames, notes = made(given, tmp_path / "a.mp4", "Hm.", *BOTH, *named)
    assert frames >= 1
    assert "no weights" not in " ".join(notes)


def test_of_several_faces_the_largest_is_shown_with_a_note_and_every_note_is_told_once(given, tmp_path):
    faces = ("--face", "two.png", "--voice", "voice.wav")
    _, told = narrate(given, "Hm.", *faces, "-o", tmp_path / "a.mp4")
    notes = [line for line in told.splitlines() if line.startswith("note: ")]
    assert "note: 2 faces found; the largest is used (choose with --face-index 1 ...)" in notes
    assert any("wav2vec2 has no weights" in line for line in notes)
    assert len(notes) == len(set(notes))


def test_language_and_face_are_options_of_the_graph():
    nodes = Graph.load("p4y-tiny").choose(language="es", face_index=1).nodes
    assert nodes["text"].config["language"] == "es"
    assert nodes["mesh"].config["face"] == 1


# What is refused ----------------------------------------------------------------------------------


def refused(folder, *arguments, words):
    """One clear message with exit status 2, nothing written and nothing run from a file."""
    before = sorted(folder.iterdir())
    out, told = narrate(folder, *arguments, "-o", "z.mp4", status=2)
    for word in words:
        assert word in told
    assert sum(line.startswith("pfy: ") for line in told.splitlines()) == 1
    for word in ("Traceback", "Warning", "weights_only"):
        assert word not in told
    assert "  wants  " in told
    assert "  fix    " in told
    assert out == ""
    assert sorted(folder.iterdir()) == before
    return told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["the text is empty"]),
        ("?!... 🎉", ["the text has no words"]),
        ("Привет, как дела?", ["Cyrillic", "--language ru"]),
        ("今天天气很好", ["Chinese", "translate it"]),
        ("x" * 1_000_001, ["1,000,001 characters", "split the text"]),
    ],
)
def test_texts_that_cannot_be_spoken(given, text, words):
    refused(given, text, *BOTH, words=words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--language", "xx"], ["language 'xx'", "one of en, es"]),
        (["--language", "zh"], ["pinyin"]),
        (["--face-index", "1"], ["there is no face 1", "--face-index 0"]),
        (["--face-index", "-1"], ["face -1", "--face-index 0"]),
        (["--emotion", "happy"], ["no option 'emotion'", "language, face_index"]),
    ],
)
def test_options_that_cannot_be(given, arguments, words):
    refused(given, "Hm.", *BOTH, *arguments, words=words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty.png", ["no face was found", "another photo"]),
        ("profile.png", ["seen from the side", "seen from the front"]),
        ("tiny.png", ["the photo is too small: 20x20 pixels"]),
        ("vast.png", ["400000000 pixels", "make it smaller"]),
        ("words.wav", ["not an image"]),
        ("absent.png", ["no file absent.png"]),
    ],
)
def test_photos_that_cannot_be_used(given, name, words):
    refused(given, "Hm.", "--face", name, "--voice", "voice.wav", words=words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("silent.wav", ["the recording of the voice is silent"]),
        ("short.wav", ["the recording of the voice lasts 0.10 s", "3 to 30 seconds"]),
        ("nan.wav", ["NaN", "export the sound again"]),
        ("words.wav", ["words.wav cannot be decoded"]),
        ("face.png", ["face.png has no sound"]),
    ],
)
def test_recordings_that_cannot_be_used(given, name, words):
    refused(given, "Hm.", "--face", "face.png", "--voice", name, words=words)


def test_a_voice_is_needed_and_the_flag_for_it_is_named(given):
    refused(given, "Hm.", "--face", "face.png", words=["input 'voice'", "--voice FILE"])


# Weights ------------------------------------------------------------------------------------------


MISFITS = [
    ("visual.weights", "less.pth", ["less.pth", "missing: quant_conv.weight (8 8 1 1)", "exactly 176 keys"]),
    (
        "visual.weights",
        "hifigan.safetensors",
        ["visual: ", "unexpected: ", "encoder.conv_in.weight (128 3 3 3)"],
    ),
    ("voice.weights", "vae.safetensors", ["voice: ", "mel_stats (80)", "unexpected: ", "XTTS-v2"]),
    ("audio.weights", "hifigan.safetensors", ["audio: ", "gpt.mel_embedding.weight (1026 1024)"]),
    ("heard.weights", "vae.safetensors", ["heard: ", "missing: feature_extractor", "wav2vec2-base-960h"]),
    ("fusion.weights", "vae.safetensors", ["fusion: ", "audio.attention.in_proj_weight (1536 512)"]),
    ("motion.weights", "vae.safetensors", ["motion: ", "missing: ", "unexpected: ", "Hallo's net.pth"]),
    ("motion.weights", "wide.safetensors", ["3840"]),
    ("heard.projection", "vae.safetensors", ["'weight' (512 64)"]),
    ("text.vocabulary", "text.pth", ["text.pth"]),
    ("text.embedding", "vae.safetensors", ["gpt.text_embedding.weight"]),
    ("landmarks.identity", "words.wav", ["words.wav is no ONNX file"]),
    ("mesh.mesh", "text.tflite", ["text.tflite", "TFLite"]),
]


@pytest.mark.parametrize(("option", "file", "words"), MISFITS)
def test_a_checkpoint_of_another_part_names_what_is_missing_and_what_is_wanted(given, option, file, words):
    refused(given, "Hm.", *BOTH, "--set", f"{option}=./{file}", words=words)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("cut-vae.safetensors", ["ends after", "bytes", "fetch or copy it again"]),
        ("cut-vae.pth", ["cut short", "fetch or copy it again"]),
        ("zip.pth", ["archive of something else"]),
        ("text.pth", ["is no checkpoint", "safetensors"]),
        ("nothing.pth", ["nothing.pth is empty"]),
        ("absent.pth", ["'./absent.pth'", "there is no such file"]),
    ],
)
def test_damaged_files_are_told_by_line_before_anything_runs(given, file, words):
    told = refused(given, "Hm.", *BOTH, "--set", f"video.weights=./{file}", words=words)
    assert "nodes.video.with.weights" in told
    assert "note: " not in told


@pytest.mark.parametrize("option", ["visual.weights", "voice.weights", "heard.weights", "fusion.weights"])
@pytest.mark.parametrize("file", ["hostile.pth", "plain.pth"])
def test_what_a_pickle_would_run_is_never_run(given, option, file):
    refused(given, "Hm.", *BOTH, "--set", f"{option}=./{file}", words=[file])
    assert not (given / "executed").exists()


def test_missing_weights_are_all_named_with_size_licence_and_how_to_get_them(given, monkeypatch):
    monkeypatch.setenv("PFY_OFFLINE", "1")
    named = ("--set", "video.weights=sd-vae/ft-mse", "--set", "motion.weights=hallo/net")
    told = refused(given, "Hm.", *BOTH, *named, words=["PFY_OFFLINE", "pfy weights pull sd-vae/ft-mse"])
    assert "pfy weights pull hallo/net" in told
    assert "MB, MIT" in told
