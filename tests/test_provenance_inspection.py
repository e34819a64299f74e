"""Inspecting: what a video says of itself, told apart from what it does not."""

import hashlib
import json
from pathlib import Path

import av
import numpy as np
import pytest
import signing
import toys
from hypothesis import given
from hypothesis import strategies as st
from installing import pfy
from PIL import Image
from scipy.io import wavfile

import pfy_core
from pfy_core import InputError, catalogue, inspect, narrate, record
from pfy_core.media import video
from pfy_core.provenance import credentials

WORDS = "good morning everybody"


@pytest.fixture(autouse=True)
def _toys(monkeypatch):
    monkeypatch.setattr(catalogue, "_installed", toys.catalogue())


@pytest.fixture
def consent(tmp_path):
    file = tmp_path / "Jane Doe.txt"
    file.write_text("I, Jane Doe, agree.")
    return file


@pytest.fixture
def voice(tmp_path):
    wavfile.write(tmp_path / "Jane.wav", 16_000, np.full(16_000, 0.1, np.float32))
    return tmp_path / "Jane.wav"


@pytest.fixture
def made(tmp_path, consent, voice):
    return narrate(
        WORDS, voice=voice, graph=toys.speech(), out=tmp_path / "a.mp4", seed=5, consent=consent
    ).path


def retagged(path, target, **tags):
    """A copy of the streams with other container tags, as an editor would write it."""
    with (
        av.open(str(path)) as source,
        av.open(str(target), "w", options={"movflags": "use_metadata_tags"}) as copy,
    ):
        copy.metadata.update(tags)
        streams = {item.index: copy.add_stream_from_template(item) for item in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                copy.mux(packet)
    return target


def test_a_video_says_all_of_its_making_and_it_verifies(made, consent, voice):
    seen = inspect(made)
    assert (seen.generated, seen.stated, seen.broken) == (True, ["credentials", "tag"], False)
    assert (seen.credentials.state, seen.credentials.own) == ("trusted", True)
    assert seen.made["seed"] == 5
    assert seen.made["inputs"]["text"] == {"text": WORDS}
    assert seen.made["inputs"]["voice"]["sha256"] == hashlib.sha256(voice.read_bytes()).hexdigest()
    assert seen.made["digest"] == toys.speech().digest()
    digest = hashlib.sha256(consent.read_bytes()).hexdigest()
    assert seen.consent["sha256"] == seen.credentials.record["consent"] == digest
    assert Path(seen.consent["file"]).read_text() == consent.read_text()
    assert seen.notes == []
    assert seen.media["duration"] > 0.2
    json.dumps(seen.as_dict())


def test_the_signed_statement_refers_to_the_record_and_to_every_input(made, voice):
    found = inspect(made).credentials.record
    tag = inspect(made).made
    assert found["record"] == tag["record"] == next(iter(record.read()))["id"]
    assert (found["digest"], found["seed"], found["graph"]) == (tag["digest"], 5, "toy")
    assert found["inputs"] == {"voice": hashlib.sha256(voice.read_bytes()).hexdigest()}


def test_neither_file_names_nor_folders_nor_the_consent_go_into_the_video(made, tmp_path):
    data = made.read_bytes()
    for private in (b"Jane", b"agree", str(tmp_path).encode(), tmp_path.name.encode()):
        assert private not in data


def test_the_consent_can_be_compared(made, consent, tmp_path):
    assert inspect(made, consent=consent).consent["file"] == str(consent)
    consent.write_text("I, Jane Doe, disagree.")
    with pytest.raises(InputError, match="not the statement"):
        inspect(made, consent=consent)
    plain = narrate(WORDS, graph=toys.speech(), out=tmp_path / "b.mp4").path
    assert inspect(plain).consent is None
    with pytest.raises(InputError, match="not the statement"):
        inspect(plain, consent=consent)


def test_a_changed_video_is_broken_and_says_why(made, tmp_path):
    seen = inspect(signing.tampered(made, tmp_path, b"mdat", at=300))
    assert seen.broken
    assert seen.credentials.faults


def test_without_its_credentials_a_video_still_has_its_tag(made, tmp_path):
    tags = video.probe(made)["metadata"]
    seen = inspect(retagged(made, tmp_path / "b.mp4", **tags))
    assert (seen.credentials, seen.stated, seen.generated) == (None, ["tag"], True)
    assert seen.made["seed"] == 5


def test_a_foreign_video_says_nothing(made, tmp_path):
    seen = inspect(retagged(made, tmp_path / "b.mp4", comment="my holidays"))
    assert (seen.credentials, seen.stated, seen.generated, seen.made) == (None, [], False, None)
    assert not seen.broken


@pytest.mark.parametrize("suffix", [".mkv", ".webm"])
def test_containers_that_cannot_be_signed_carry_the_tag_and_a_note_says_so(tmp_path, suffix):
    made = narrate(WORDS, graph=toys.speech(), out=tmp_path / f"a{suffix}")
    assert any("no content credentials" in note for note in made.notes)
    seen = inspect(made.path)
    assert (seen.credentials, seen.stated) == (None, ["tag"])
    assert seen.made["inputs"]["text"]["text"] == WORDS


def test_without_the_library_a_video_carries_the_tag_and_a_note_says_how_to_get_it(
    made, tmp_path, monkeypatch
):
    monkeypatch.setattr(credentials, "available", lambda: False)
    plain = narrate(WORDS, graph=toys.speech(), out=tmp_path / "b.mp4")
    assert any("pip install c2pa-python" in note for note in plain.notes)
    assert inspect(plain.path).stated == ["tag"]
    seen = inspect(made)
    assert (seen.credentials.state, seen.broken) == ("unchecked", False)
    with pytest.raises(InputError, match="nothing to sign with"):
        narrate(WORDS, graph=toys.speech(), out=tmp_path / "c.mp4", certificate="a", key="b")
    assert not (tmp_path / "c.mp4").exists()


def test_a_users_certificate_signs(tmp_path):
    certificate, key, root = signing.pair(tmp_path)
    made = narrate(WORDS, graph=toys.speech(), out=tmp_path / "a.mp4", certificate=certificate, key=key)
    seen = inspect(made.path)
    assert (seen.credentials.state, seen.credentials.signer) == ("valid", "Ada")
    assert inspect(made.path, trust=root).credentials.state == "trusted"
    assert made.record["credentials"]["signer"] == "Ada"
    (tmp_path / "roots").write_text("none")
    with pytest.raises(InputError, match="no PEM certificates"):
        inspect(made.path, trust=tmp_path / "roots")


@pytest.mark.parametrize(
    "more",
    [
        {"consent": "absent.txt"},
        {"certificate": "absent.pem", "key": "absent.pem"},
        {"certificate": "server.pem", "key": "key.pem"},
    ],
)
def test_what_cannot_seal_a_video_is_refused_before_anything_runs(tmp_path, more, monkeypatch):
    monkeypatch.chdir(tmp_path)
    certificate, _, _ = signing.pair(tmp_path, purpose=signing.SERVER)
    certificate.rename("server.pem")
    with pytest.raises(InputError):
        narrate(WORDS, graph=toys.speech(), out=tmp_path / "a.mp4", **more)
    assert toys.CALLS == {}
    assert not list(tmp_path.glob("*.mp4")) + list(tmp_path.glob(".*"))


def test_no_video_appears_when_it_cannot_be_signed(tmp_path, monkeypatch):
    monkeypatch.setattr(credentials, "_write", lambda *_: "as if")
    with pytest.raises(pfy_core.PfyError, match="cannot be signed: as if"):
        narrate(WORDS, graph=toys.speech(), out=tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_what_is_no_video_is_refused(tmp_path, made):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "cut.mp4").write_bytes(made.read_bytes()[:600])
    for name in ("a.txt", "empty.mp4", "cut.mp4", "absent.mp4", "."):
        with pytest.raises(InputError):
            inspect(tmp_path / name)


@given(
    st.text(max_size=60)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["schema", "graph", "inputs", "seed"]), inner, max_size=4)
        ),
        max_leaves=4,
    ).map(json.dumps)
)
def test_any_tag_is_read_or_passed_over(text):
    found = record.made({record.TAG: text})
    assert found is None or isinstance(found["schema"], int)


def test_a_deeply_nested_tag_is_passed_over():
    assert record.made({record.TAG: "[" * 100_000}) is None


# The command


def test_the_command_tells_and_json_has_all(made):
    done = pfy("inspect", str(made))
    assert done.returncode == 0
    for words in (
        "AI-generated  yes",
        "intact, signed by pfy ",
        "(this installation)",
        repr(WORDS),
        "sha256 ",
    ):
        assert words in done.stdout
    told = json.loads(pfy("inspect", str(made), "--json").stdout)
    assert told["credentials"]["state"] == "trusted"
    assert told["made"]["graph"]["nodes"].keys() == toys.speech().nodes.keys()


def test_the_command_fails_on_a_changed_video_and_not_on_a_foreign_one(made, tmp_path):
    done = pfy("inspect", str(signing.tampered(made, tmp_path, b"mdat", at=300)))
    assert done.returncode == 1
    assert "BROKEN" in done.stdout
    done = pfy("inspect", str(retagged(made, tmp_path / "b.mp4")))
    assert done.returncode == 0
    assert "it does not say so, which proves nothing" in done.stdout
    assert "credentials   none" in done.stdout


def test_a_hostile_tag_does_not_steer_the_terminal(made, tmp_path):
    tag = json.dumps(
        {"schema": 2, "seed": "\x1b[2J\x1b]0;owned\x07", "inputs": [], "graph": 3, "plugins": "x"}
    )
    done = pfy("inspect", str(retagged(made, tmp_path / "b.mp4", pfy=tag)))
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "owned" in done.stdout


def test_the_command_refuses_what_is_no_video(tmp_path):
    (tmp_path / "a.txt").write_text("text")
    done = pfy("inspect", str(tmp_path / "a.txt"))
    assert done.returncode == 2
    assert done.stderr.startswith("pfy: ")
    assert "Traceback" not in done.stderr
