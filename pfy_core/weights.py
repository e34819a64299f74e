"""Weights: named files, each with a sha256, a licence and several sources tried in order.

Entries come from ``registry/weights/*.yaml``, from plugins' manifests, and from what the user has registered
(``register``; what ``pfy train`` made)::

    face-mesh/attention:
      doc: face mesh with refined lips, eyes and irises
      file: face_landmark_with_attention.tflite
      sha256: 883b7411747bac657c30c462d305d312e9dec6adbf8b85e2f5d8d722fca9455d
      size: 2495106
      licence: Apache-2.0
      commercial: true
      sources:
        - {wheel: mediapipe==0.10.14, inside: mediapipe/modules/..., python: "3.11", platform: ...}
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pfy_core import catalogue as catalogues
from pfy_core import paths, registry, sources, tensor_file
from pfy_core.errors import WeightsError, did_you_mean
from pfy_core.events import Event, emit, note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pfy_core.catalogue import Catalogue
    from pfy_core.check import Resolved

OFFLINE = "PFY_OFFLINE"
CHECKPOINTS = (".safetensors", ".pth", ".pt", ".ckpt")
"""How the names of files of tensors end."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""What a group of the user's own entries may be called."""
PICKLE = b"\x80"
"""What a plain pickle begins with, as torch wrote checkpoints before 1.6."""
_fetching = threading.RLock()
"""One fetch at a time: a second node that wants the same archive finds it fetched."""


@dataclass(frozen=True)
class Entry:
    """A named weights file: what it is, what it must hash to, where it may come from."""

    name: str
    file: str
    sha256: str = ""
    size: int = 0
    licence: str = "unknown"
    commercial: bool = False
    doc: str = ""
    sources: tuple[dict[str, Any], ...] = field(default=())

    @property
    def cached(self) -> Path:
        """Where the file is kept once fetched, and where a user may put it by hand."""
        return paths.home() / "weights" / self.name / self.file

    @property
    def present(self) -> bool:
        return self.cached.is_file() and (not self.size or self.cached.stat().st_size == self.size)

    @property
    def room(self) -> str:
        """How much room it takes, in words; the size of a file that nobody has measured is not known."""
        return f"{self.size / 1e6:.1f} MB" if self.size else "size unknown"

    @property
    def absent(self) -> str:
        """That the file is not here, and what it would take."""
        return f"weights {self.name!r} ({self.file}, {self.room}, {self.licence}) are not here"

    @property
    def way_here(self) -> str:
        """What a user can do to have the file."""
        return (
            f"connect and run 'pfy weights pull {self.name}', or 'pfy weights import FILE --as {self.name}', "
            f"which puts it at {self.cached}"
        )

    @property
    def recorded(self) -> str:
        """The sha256: as registered, else as recorded when the file was first used, else ""."""
        note = self.cached.with_name(self.file + ".sha256")
        return self.sha256 or (note.read_text().strip() if note.exists() else "")


def entries(catalogue: Catalogue | None = None) -> dict[str, Entry]:
    """All known entries by name: of the registry, of installed plugins, and the user's own, which never stand
    for one of those."""
    known = own() | registry.weights()
    for plugin in (catalogue or catalogues.installed()).plugins.values():
        known |= plugin.manifest.get("weights", {})
    fields = set(Entry.__dataclass_fields__) - {"name", "sources"}
    return {
        name: Entry(
            name,
            **{key: value for key, value in data.items() if key in fields},
            sources=tuple(data.get("sources", ())),
        )
        for name, data in known.items()
    }


def entry(name: str, catalogue: Catalogue | None = None) -> Entry:
    """The entry of that name; WeightsError with a suggestion when there is none."""
    known = entries(catalogue)
    if name not in known:
        hint = did_you_mean(name, known) or "see 'pfy weights list'"
        raise WeightsError(f"no weights are named {name!r}", "a registered name or a file", hint)
    return known[name]


def own() -> dict[str, dict[str, Any]]:
    """The entries that this user has registered, as data."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted((paths.home() / "entries").glob("*.yaml")):
        try:
            found |= yaml.load(file.read_text(encoding="utf-8"), registry.LOADER) or {}  # noqa: S506
        except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
            raise WeightsError(f"{file} cannot be read: {error}", "entries as YAML", "remove it") from error
    return found


def register(name: str, made: dict[str, dict[str, Any]]) -> Path:
    """Keep entries of the user's own under ``name``, in the form of the registry's; returns their file.

    Those of the same ``name`` are replaced. Raises WeightsError for a name that cannot be a file's.
    """
    if not NAME.fullmatch(name):
        raise WeightsError(f"the name {name!r}", "letters, digits, '.', '_', '-'", "choose another")
    file = paths.home() / "entries" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.write_text(yaml.safe_dump(made, sort_keys=False), encoding="utf-8")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return file


def path(name: str, *, fetch: bool = True) -> Path:
    """The file behind a weights name (or the name itself when it is a file), fetched if needed.

    Raises WeightsError listing every source tried and why it failed; with ``fetch=False`` nothing
    is fetched.
    """
    if os.sep in name and Path(name).is_file():
        return Path(name)
    item = entry(name)
    if item.present:
        return item.cached
    with _fetching:
        return item.cached if item.present else pull(item, fetch=fetch)


def derived(name: str, file: str, make: Callable[[Path, Path], None]) -> Path:
    """A file made once from a weights file, and kept beside it.

    ``make(source, target)`` writes it; ``file`` should carry a version, so that a change of ``make``
    makes it again. A killed process leaves no half file.
    """
    source = path(name)
    made = paths.home() / "weights" / "derived" / digest(name)[:16] / file
    if not made.is_file():
        made.parent.mkdir(parents=True, exist_ok=True)
        part = made.with_name(f".{os.getpid()}-{threading.get_ident()}-{file}")
        try:
            make(source, part)
            part.replace(made)
        finally:
            part.unlink(missing_ok=True)
    return made


def present(name: str) -> bool:
    """Whether the file is there already, without fetching anything."""
    if os.sep in name and Path(name).is_file():
        return True
    known = entries()
    return name in known and known[name].present


def pull(item: Entry, *, fetch: bool = True) -> Path:
    """Get a file from the first source that gives one with the right sha256; returns its path."""
    online = fetch and not os.environ.get(OFFLINE)
    failed = []
    for source in item.sources:
        if not online and not sources.local(source):
            failed.append(f"{sources.title(source)}: not tried, {OFFLINE} is set or fetching is off")
            continue
        if not sources.local(source):
            emit(Event("fetch", item.name, sources.title(source), total=item.size))
            if not item.commercial and not sources.local(source):
                note(f"{item.name} is not for commercial use: {item.licence}")
        with tempfile.TemporaryDirectory() as folder:
            try:
                place(item, sources.get(source, Path(folder)))
            except (OSError, WeightsError) as error:
                failed.append(f"{sources.title(source)}: {str(error).splitlines()[0]}")
                continue
            _place_siblings(source, Path(folder), item)
            return item.cached
    tried = "".join(f"\n           {line}" for line in failed) or " none is known"
    raise WeightsError(
        item.absent,
        f"one of its sources:{tried}",
        item.way_here,
    )


def place(item: Entry, file: Path) -> None:
    """Verify a file and move it atomically to its place in the cache.

    Raises WeightsError when its size or its sha256 is not the registered one.
    """
    if item.size and file.stat().st_size != item.size:
        raise WeightsError(f"{file.stat().st_size} bytes are not {item.size}", item.name)
    found = sha256(file)
    if item.recorded and found != item.recorded:
        raise WeightsError(f"sha256 {found[:12]}… is not {item.recorded[:12]}…", item.name)
    item.cached.parent.mkdir(parents=True, exist_ok=True)
    part = item.cached.with_name(f".{item.file}.{os.getpid()}")
    try:
        shutil.copyfile(file, part)
        part.replace(item.cached)
    finally:
        part.unlink(missing_ok=True)
    if not item.sha256:
        record(item, found)


def record(item: Entry, found: str) -> None:
    """Note the sha256 of a file whose entry has none: from now on it has to be this one."""
    item.cached.with_name(item.file + ".sha256").write_text(found + "\n")


def _place_siblings(source: dict[str, Any], folder: Path, done: Entry) -> None:
    """Other entries inside an archive that was just fetched, so that it is fetched once."""
    for other in entries().values():
        for theirs in other.sources:
            same = {k: v for k, v in theirs.items() if k != "inside"} == {
                k: v for k, v in source.items() if k != "inside"
            }
            if same and other != done and not other.present and "inside" in theirs:
                file = sources.unpack(folder, theirs["inside"])
                if file is not None:
                    with suppress(OSError, WeightsError):
                        place(other, file)


def fault(name: str, catalogue: Catalogue, *, needed: bool = True) -> tuple[str, str, str] | None:
    """Why a weights name cannot be used here (sends, wants, fix); None when it can or may be.

    What is not ``needed`` has to be known, but not to be here. Of a file only what a checkpoint says of
    itself at its ends is read.
    """
    if os.sep in name and Path(name).is_file():
        return _damage(Path(name))
    known = entries(catalogue)
    if name not in known:
        if Path(name).is_file():
            hint = f"a file is named with its folder: .{os.sep}{name}"
        elif os.sep in name and Path(name).suffix:
            hint = "there is no such file: check the path"
        else:
            hint = did_you_mean(name, known) or "see 'pfy weights list'"
        return f"weights {name!r}", "a registered name or a file", hint
    item = known[name]
    here = not needed or item.present or any(map(sources.local, item.sources))
    if here or (item.sources and not os.environ.get(OFFLINE)):
        return None
    return f"{item.absent}, and {OFFLINE} is set", item.file, item.way_here


def _damage(file: Path) -> tuple[str, str, str] | None:
    """What is wrong with a file that its name says is a checkpoint; of plain pickles nothing is known."""
    if file.suffix not in CHECKPOINTS:
        return None
    with file.open("rb") as stream:
        if stream.read(1) == PICKLE:
            return None
    try:
        tensor_file.tensors(file)
    except WeightsError as error:
        return error.sends, error.wants, error.fix or "fetch or copy it again"
    return None


def used(resolved: Resolved) -> dict[str, Entry]:
    """The entries that a graph names in its config, by name."""
    known = entries()
    return {name: known[name] for name, _ in _named(resolved) if name in known}


def optional(resolved: Resolved) -> set[str]:
    """Names of the entries that a graph uses only where they are already here."""
    needed = {name for name, how in _named(resolved) if how == "required"}
    return {name for name, _ in _named(resolved)} - needed


def _named(resolved: Resolved) -> Iterator[tuple[str, str]]:
    """The weights names in a graph's config, each ``required`` or ``optional``.

    An optional one that the graph itself names, and not the component's default, is required.
    """
    for node, spec in resolved.specs.items():
        named = resolved.graph.nodes[node].config
        for item in spec.config:
            if item.weights and (name := resolved.config[node][item.name]):
                yield name, "required" if item.name in named else item.weights


def digest(name: str, catalogue: Catalogue | None = None) -> str:
    """The sha256 of what a name stands for now, or "" when the file is not there."""
    if os.sep in name and Path(name).is_file():
        return sha256(Path(name))
    known = entries(catalogue)
    if name not in known or not known[name].present:
        return ""
    return known[name].recorded or sha256(known[name].cached)


def sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
