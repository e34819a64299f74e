"""The main job, end to end, judged by what the video shows and sounds like."""

from __future__ import annotations

import itertools
import json
import re

import homes
import numpy as np
import pytest
from scipy.io import wavfile

from pfy_core import Graph, InputError, Store, narrate, record, weights
from pfy_core.errors import OutputError
from pfy_core.kinds import APERTURE_SPAN, MOTION_INDEX
from pfy_core.media import audio, image, video

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def _home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PFY_HOME", str(homes.with_weights(tmp_path_factory.mktemp("home"))))
        yield


@pytest.fixture(autouse=True)
def _alone():
    """These tests share a home: what is told of the store is part of what they look at."""


TEXT = "Hello. My mother bought five purple balloons for the big party on Monday, and we ate some apple pie."
FPS = 25
UPPER, LOWER, EYES = 13, 14, (33, 263)


@pytest.fixture(scope="module")
def encoder():
    from pfy_plugin_portrait.encoder import FaceMeshEncoder

    return FaceMeshEncoder()


@pytest.fixture(scope="module")
def face(tmp_path_factory):
    """Head and shoulders of the demo portrait, large enough to measure lips on."""
    from PIL import Image

    whole = Image.fromarray(image.load(weights.path("demo/astronaut")))
    file = tmp_path_factory.mktemp("face") / "face.png"
    whole.crop((100, 0, 350, 250)).resize((640, 640), Image.Resampling.LANCZOS).save(file)
    return file


@pytest.fixture(scope="module")
def made(face, tmp_path_factory):
    return narrate(TEXT, face, out=tmp_path_factory.mktemp("made") / "hello.mp4", seed=3)


@pytest.fixture(scope="module")
def openings(made, encoder):
    """Gap of the lips in every frame, in interocular distances, measured on the decoded video."""
    found = []
    for frame in made.pictures():
        points = encoder(frame).landmarks[:, :2]
        eyes = np.linalg.norm(points[EYES[0]] - points[EYES[1]])
        found.append(float(np.linalg.norm(points[UPPER] - points[LOWER]) / eyes))
    return np.array(found)


def frames_of(phone):
    return slice(int(phone.start * FPS), int(phone.end * FPS) + 1)


def test_the_video_has_picture_and_sound_of_the_right_kind(made):
    about = video.probe(made.path)
    assert (about["video"]["codec"], about["video"]["rate"]) == ("h264", FPS)
    assert (about["video"]["width"], about["video"]["height"]) == made.size == (640, 640)
    assert (about["audio"]["codec"], about["audio"]["rate"]) == ("aac", 48_000)


def test_picture_sound_and_phones_have_the_same_length_within_a_frame(made):
    frames = sum(1 for _ in made.pictures())
    assert frames == made.frames
    heard = len(made.wave()) / 24_000
    assert abs(frames / FPS - made.duration) <= 1 / FPS
    assert abs(heard - made.duration) <= 1 / FPS + 1024 / 48_000
    assert abs(made.phones[-1].end - made.duration) <= 1 / FPS


def test_phones_follow_each_other_without_gaps(made):
    for one, other in itertools.pairwise(made.phones):
        assert one.end == pytest.approx(other.start, abs=1e-6)
    spoken = {phone.symbol for phone in made.phones}
    assert {"m", "b", "p", "f"} <= spoken


def test_lips_are_closed_on_bilabials(made, openings):
    closed = [
        openings[frames_of(phone)].min() < 0.025 for phone in made.phones if phone.symbol in ("p", "b", "m")
    ]
    assert len(closed) > 8
    assert np.mean(closed) > 0.9


def test_lips_are_closed_in_silence(made, openings):
    silent = [phone for phone in made.phones if not phone.symbol and phone.end - phone.start > 0.25]
    assert silent
    for phone in silent:
        middle = int((phone.start + phone.end) / 2 * FPS)
        assert openings[min(middle, len(openings) - 1)] < 0.03


def test_open_vowels_open_the_mouth_wider_than_other_sounds(made, openings):
    def mean(symbols):
        middles = [(phone.start + phone.end) / 2 for phone in made.phones if phone.symbol in symbols]
        return np.mean([openings[int(middle * FPS)] for middle in middles])

    assert mean({"æ", "aɪ", "ɑ", "ɔ"}) > 1.4 * mean({"u", "s", "z", "t", "n", "ɹ"})


def test_the_measured_opening_follows_the_phones(made, openings):
    """What the phones call for, by class, against what a landmark detector sees in the video."""
    classes = {
        0.0: ("", "p", "b", "m"),
        0.3: ("f", "v", "s", "z", "t", "d", "n", "u"),
        1.0: ("æ", "aɪ", "ɑ", "ɔ"),
    }
    called = {symbol: share for share, symbols in classes.items() for symbol in symbols}
    pairs = [
        (called[phone.symbol], openings[min(int((phone.start + phone.end) / 2 * FPS), len(openings) - 1)])
        for phone in made.phones
        if phone.symbol in called
    ]
    assert len(pairs) > 25
    assert np.corrcoef(np.array(pairs).T)[0, 1] > 0.7


def test_the_measured_opening_follows_the_motion_without_delay(made, openings, face):
    graph = Graph.load("portrait")
    with graph.run(text=TEXT, face=face) as run:
        run.drop("frames")
        motion = np.concatenate(list(run["motion"]))
    wanted = APERTURE_SPAN * (motion[:, MOTION_INDEX["jawOpen"]] - motion[:, MOTION_INDEX["mouthClose"]])
    count = min(len(wanted), len(openings))
    correlations = {
        lag: np.corrcoef(wanted[5 : count - 5], openings[5 + lag : count - 5 + lag])[0, 1]
        for lag in range(-4, 5)
    }
    assert max(correlations, key=correlations.get) == 0
    assert correlations[0] > 0.85


def test_the_sound_is_speech_at_a_steady_level(made):
    wave = made.wave()
    assert np.abs(wave).max() <= 1.0
    loud = wave[np.abs(wave) > 0.01]
    assert -24 < 20 * np.log10(np.sqrt(np.mean(loud**2))) < -12


def test_the_background_does_not_move(made):
    first, *others = itertools.islice(made.pictures(), 0, None, 20)
    corner = np.stack([frame[:40, :40].astype(int) for frame in others])
    assert np.abs(corner - first[:40, :40]).mean() < 1.0


def test_the_same_seed_gives_the_same_video_and_another_differs(face, tmp_path):
    first, again, other = (
        narrate("A short one.", face, out=tmp_path / f"{name}.mp4", seed=seed)
        for name, seed in (("first", 3), ("again", 3), ("other", 4))
    )
    assert all(np.array_equal(a, b) for a, b in zip(first.pictures(), again.pictures(), strict=True))
    assert np.array_equal(first.wave(), again.wave())
    assert any(not np.array_equal(a, b) for a, b in zip(first.pictures(), other.pictures(), strict=False))


def test_a_second_run_takes_what_it_can_from_the_store(face, tmp_path):
    store = Store(tmp_path / "store")
    first = narrate("A short one.", face, store=store)
    second = narrate("A short one.", face, store=store)
    states = {name: node["state"] for name, node in second.record["nodes"].items()}
    assert states == {"speech": "reused", "mesh": "reused", "motion": "reused", "video": "not stored"}
    assert all(np.array_equal(a, b) for a, b in zip(first.pictures(), second.pictures(), strict=True))


def test_the_record_says_how_to_repeat_it(made):
    kept = made.record
    assert kept["seed"] == 3
    assert (
        Graph.from_dict({k: v for k, v in kept["graph"].items() if k != "digest"}).digest()
        == kept["graph"]["digest"]
    )
    assert {"pfy-plugin-speech", "pfy-plugin-portrait"} <= set(kept["plugins"])
    assert kept["weights"]["face-mesh/attention"]["commercial"] is True
    assert re.fullmatch(r"[0-9a-f]{64}", kept["inputs"]["face"]["digest"])
    assert kept["inputs"]["face"]["file"] == "face.png"
    assert kept["output"]["sha256"] == weights.sha256(made.path)
    json.dumps(kept)


def test_the_video_says_that_it_is_generated(made):
    tags = video.probe(made.path)["metadata"]
    assert tags["comment"] == record.NOTICE
    told = record.made(tags)
    assert told["graph"]["name"] == "portrait"
    assert told["record"] == made.record["id"]


def test_without_a_place_the_video_is_temporary_and_can_be_saved(tmp_path):
    made = narrate("Yes.")
    temporary = made.path
    assert temporary.exists()
    made.save(tmp_path / "kept.mp4")
    assert (tmp_path / "kept.mp4").read_bytes() == temporary.read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        made.save(tmp_path / "kept.mp4")
    made.save(tmp_path / "kept.mp4", force=True)
    assert "<video" in made._repr_html_()
    assert "data:video/mp4;base64," in made._repr_html_()


def test_an_array_a_picture_and_a_path_are_the_same_face(face):
    from PIL import Image

    frames = [
        next(iter(narrate("Yes.", given).pictures())) for given in (face, Image.open(face), image.load(face))
    ]
    assert np.array_equal(frames[0], frames[1])
    assert np.array_equal(frames[0], frames[2])


def test_a_slot_can_be_swapped_and_edited(face):
    still = narrate("Hello there.", face, graph="portrait+still-head+no-blinks")
    assert still.record["graph"]["name"] == "portrait+still-head+no-blinks"
    frames = list(still.pictures())
    assert np.abs(frames[-1][:200].astype(int) - frames[0][:200]).mean() < 1.0


def test_a_recording_can_speak_itself(face, made, tmp_path):
    file = tmp_path / "said.wav"
    wavfile.write(file, 24_000, made.wave())
    spoken = narrate(TEXT, face, speech=file)
    assert abs(spoken.duration - made.duration) < 0.1
    assert {"m", "b", "p"} <= {phone.symbol for phone in spoken.phones}
    heard = audio.read(spoken.path, 24_000)
    count = min(len(heard), len(made.wave()))
    assert np.corrcoef(heard[:count], made.wave()[:count])[0, 1] > 0.9


def test_nothing_to_say_is_said_so():
    with pytest.raises(InputError, match="nothing to say"):
        narrate()


def test_a_graph_without_frames_is_refused():
    graph = Graph.load("portrait").set("outputs.frames=motion")
    graph = Graph.from_dict({**graph.as_dict(), "outputs": {"wave": "speech.wave"}})
    with pytest.raises(InputError, match="no output 'frames'"):
        narrate("Hello.", graph=graph)
