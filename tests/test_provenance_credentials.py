"""Content credentials in real files: what is signed verifies, and nothing else does."""

import json
import os
import signal
import subprocess
import sys
import time

import av
import numpy as np
import pytest
import signing
from installing import python

from pfy_core.errors import OutputError
from pfy_core.media import video
from pfy_core.provenance import credentials, identity

SIDE = 32


def write(path, *, seconds=1, tags=None):
    random = np.random.default_rng(0)
    frames = random.integers(0, 255, (25 * seconds, SIDE, SIDE, 3), dtype=np.uint8)
    wave = (random.random(24_000 * seconds) * 0.1).astype(np.float32)
    video.write(path, [frames], 25, [wave], 24_000, {"comment": "as made", **(tags or {})})
    return path


@pytest.fixture
def film(tmp_path):
    return write(tmp_path / "film.mp4")


@pytest.fixture
def signed(film):
    credentials.sign(film, identity.own(), {"record": "abc", "seed": 7})
    return film


@pytest.mark.parametrize("suffix", credentials.FORMATS)
def test_what_is_signed_verifies_in_every_container(tmp_path, suffix):
    file = write(tmp_path / f"film{suffix}")
    before = list(video.read(file))
    assert credentials.read(file) is None
    credentials.sign(file, identity.own(), {"record": "abc", "seed": 7})
    found = credentials.read(file)
    assert (found.state, found.own, found.generated, found.faults) == ("trusted", True, True, [])
    assert found.record == {"record": "abc", "seed": 7}
    assert found.generator.startswith("pfy ")
    assert found.made[:2] == "20"
    assert np.array_equal(before, list(video.read(file)))
    assert video.probe(file)["metadata"]["comment"] == "as made"
    assert [item.name for item in tmp_path.iterdir()] == [file.name]


def lengthened(film, size):
    """A film whose media data, the last box, has some more bytes of noise."""
    data = bytearray(film.read_bytes())
    start = data.index(b"mdat") - 4
    data[start : start + 4] = (len(data) - start + size).to_bytes(4, "big")
    film.write_bytes(data + os.urandom(size))
    return film


@pytest.mark.slow
def test_a_large_file_is_signed_in_blocks_and_in_little_memory(film):
    """The process grows by less than the file, and a change in any block is seen."""
    lengthened(film, 64 << 20)
    code = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from pfy_core.provenance import credentials, identity\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "who = identity.own(); credentials.test(who); before = peak()\n"
        "credentials.sign(Path(sys.argv[1]), who, {}); found = credentials.read(Path(sys.argv[1]))\n"
        "print(found.state, peak() - before)\n"
    )
    state, grown = python("-c", code, film).stdout.split()
    assert state == "trusted"
    assert float(grown) < 40
    for place in (-1000, -(30 << 20)):
        data = bytearray(film.read_bytes())
        data[place] ^= 1
        film.write_bytes(data)
        assert credentials.read(film).state == "broken"


@pytest.mark.slow
def test_media_data_in_several_boxes_verifies_too(film):
    """What c2pa cannot sign in blocks is signed as a whole."""
    for _ in range(2):
        with film.open("ab") as file:
            file.write((20 << 20).to_bytes(4, "big") + b"mdat" + bytes((20 << 20) - 8))
    credentials.sign(film, identity.own(), {})
    assert credentials.read(film).state == "trusted"


@pytest.mark.parametrize(
    ("where", "at"),
    [
        (b"mdat", 500),  # the picture
        (b"as made", 0),  # the container tag
        (b"trainedAlgorithmicMedia", 3),  # the statement
        (b"pfy.record", 40),  # pfy's own
        (b"self-signed", 2),  # the certificate
        (b"stts", 12),  # when frames are shown
    ],
)
def test_one_changed_bit_is_seen_wherever_it_is(signed, tmp_path, where, at):
    found = credentials.read(signing.tampered(signed, tmp_path, where, at=at))
    assert found is not None
    assert found.state == "broken"
    assert found.faults


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_file_that_was_cut_or_lengthened_is_broken(signed, keep):
    data = signed.read_bytes()
    signed.write_bytes(data[: int(len(data) * keep)])
    assert credentials.read(signed).state == "broken"
    signed.write_bytes(data + b"more of it")
    assert credentials.read(signed).state == "broken"
    signed.write_bytes(data + b"\0\0\0\x0cmdatmore")
    assert credentials.read(signed).state == "broken"


def test_credentials_of_one_film_do_not_fit_another(signed, tmp_path):
    """The box that holds them, moved to another film."""
    data, other = signed.read_bytes(), write(tmp_path / "other.mp4", seconds=2).read_bytes()
    start = data.index(credentials.C2PA_BOX) - 8
    box = data[start : start + int.from_bytes(data[start : start + 4], "big")]
    end = int.from_bytes(other[:4], "big")
    (tmp_path / "moved.mp4").write_bytes(other[:end] + box + other[end:])
    assert credentials.read(tmp_path / "moved.mp4").state == "broken"


def test_a_users_certificate_signs_and_is_trusted_under_its_root(film, tmp_path):
    certificate, key, root = signing.pair(tmp_path)
    credentials.sign(film, identity.chosen(certificate, key), {})
    found = credentials.read(film)
    assert (found.state, found.own, found.signer, found.issuer) == ("valid", False, "Ada", "Studio Ltd")
    assert found.faults == ["signing certificate untrusted"]
    assert credentials.read(film, root.read_text()).state == "trusted"
    another = signing.pem(signing.Authority().certificate).decode()
    assert credentials.read(film, another).state == "valid"


def test_another_installations_signature_is_valid_and_not_ones_own(signed, tmp_path, monkeypatch):
    monkeypatch.setenv("PFY_HOME", str(tmp_path / "elsewhere"))
    assert (credentials.read(signed).state, credentials.read(signed).own) == ("valid", False)
    identity.own()
    assert (credentials.read(signed).state, credentials.read(signed).own) == ("valid", False)


@pytest.mark.slow
def test_a_certificate_that_has_expired_since_is_said_so(film, tmp_path):
    """Signed while valid: its last second is over before it is looked at."""
    certificate, key, _ = signing.pair(tmp_path, ends=3 / 86400)
    credentials.sign(film, identity.chosen(certificate, key), {})
    time.sleep(4.1)  # certificates count whole seconds
    found = credentials.read(film)
    assert found.state == "expired"
    data = bytearray(film.read_bytes())
    data[-100] ^= 1
    film.write_bytes(data)
    assert credentials.read(film).state == "broken"


def test_files_without_credentials_have_none(tmp_path, film):
    for name, content in {
        "a.txt": b"text",
        "b.mp4": b"\0" * 100,
        "c.jpg": b"\xff\xd8\xff",
        "d": b"x",
    }.items():
        (tmp_path / name).write_bytes(content)
        assert credentials.read(tmp_path / name) is None
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(film.read_bytes()[:900])
    assert credentials.read(cut) is None


def test_what_cannot_be_signed_stays_as_it_was(film, tmp_path):
    film.write_bytes(film.read_bytes()[:700])
    before = film.read_bytes()
    with pytest.raises(OutputError, match="cannot be signed"):
        credentials.sign(film, identity.own(), {})
    assert film.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == [film.name]


def test_a_full_disk_is_the_systems_error_and_leaves_the_file(tmp_path):
    room = tmp_path / "room"
    room.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(room)]).returncode:
        pytest.skip("no right to mount a tmpfs")
    try:
        film = write(tmp_path / "film.mp4", seconds=7)
        assert 210_000 < film.stat().st_size < 400_000
        (room / "film.mp4").write_bytes(film.read_bytes())
        with pytest.raises(OSError, match="No space left"):
            credentials.sign(room / "film.mp4", identity.own(), {})
        assert (room / "film.mp4").read_bytes() == film.read_bytes()
        assert len(list(room.iterdir())) == 1
    finally:
        subprocess.run(["umount", str(room)], check=True)


@pytest.mark.slow
def test_ctrl_c_ends_signing_and_leaves_the_file(tmp_path):
    film = write(tmp_path / "film.mp4")
    with film.open("ab") as file:
        file.write((500 << 20).to_bytes(4, "big") + b"mdat")
        file.truncate(film.stat().st_size + (500 << 20))
    size = film.stat().st_size
    code = (
        "import sys\nfrom pathlib import Path\nfrom pfy_core.provenance import credentials, identity\n"
        "credentials.sign(Path(sys.argv[1]), identity.own(), {})\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, film], stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "film.signed.mp4").exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) != 0
    assert "KeyboardInterrupt" in process.stderr.read()
    assert [item.name for item in tmp_path.iterdir()] == [film.name]
    assert film.stat().st_size == size


def test_nothing_is_asked_of_the_network(film):
    """A certificate authority, a timestamp or a manifest elsewhere would need a connection."""
    code = (
        "import socket, sys\nfrom pathlib import Path\n"
        "def refuse(*_): raise SystemError('network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from pfy_core.provenance import credentials, identity\n"
        "credentials.sign(Path(sys.argv[1]), identity.own(), {})\n"
        "print(credentials.read(Path(sys.argv[1])).state)\n"
    )
    trace = ["strace", "-f", "-e", "trace=connect", sys.executable, "-c", code, str(film)]
    try:
        done = subprocess.run(trace, capture_output=True, text=True)
        assert "connect(" not in done.stderr
    except FileNotFoundError:
        done = python("-c", code, film)
    assert done.stdout.strip() == "trusted"


def test_the_assertion_holds_no_name_of_a_file(signed, tmp_path):
    assert str(tmp_path).encode() not in signed.read_bytes()
    assert b"film" not in signed.read_bytes()


def test_other_tools_find_the_statement_where_the_standard_puts_it(signed):
    import c2pa

    with c2pa.Reader(str(signed)) as reader:
        found = json.loads(reader.json())
    assert found["validation_state"] == "Valid"
    manifest = found["manifests"][found["active_manifest"]]
    actions = next(item for item in manifest["assertions"] if item["label"] == "c2pa.actions.v2")
    assert actions["created"]  # stated by the signer, not gathered from others
    assert actions["data"]["actions"][0]["action"] == "c2pa.created"
    assert actions["data"]["actions"][0]["digitalSourceType"] == credentials.SOURCE_TYPE
    assert "thumbnail" not in json.dumps(manifest)


def test_a_signed_film_still_streams_from_its_beginning(signed):
    """The index comes before the pictures, as it did before it was signed."""
    data = signed.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(signed)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 25
