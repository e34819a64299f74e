"""The store: results of nodes, addressed by what they were computed from.

An entry is a folder ``objects/ab/<key>`` with ``meta.json`` (the unhashed key fields, output digests,
sha256 of every file, what the component told) and one JSON and safetensors file per chunk. It is made
in ``tmp/`` and renamed into place, so that a killed process leaves no half entry and concurrent writers
agree.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core import digest, events, paths
from pfy_core.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SCHEMA = 2
MODES = ("on", "off", "read", "write", "verify")
ENTRY_LIMIT = 512 << 20
"""Bytes above which a result is not kept: reading it back would not be faster than most nodes."""
ABANDONED = 24 * 3600.0


def key_of(fields: dict[str, Any]) -> str:
    """The address of a result: sha256 of its key fields."""
    return digest.digest(fields)


@dataclass(frozen=True)
class Stored:
    """A result in the store: digests are known at once, values are read (and verified) on demand."""

    folder: Path
    meta: dict[str, Any]

    @property
    def digests(self) -> dict[str, str]:
        return dict(self.meta["digests"])

    @property
    def size(self) -> int:
        return sum(file["bytes"] for file in self.meta["files"].values())

    def tell(self) -> None:
        """Tell the notes and measures again that the component told when it made this."""
        for text in self.meta.get("notes", ()):
            events.note(text)
        events.measured(**self.meta.get("measured", {}))

    def chunks(self) -> Iterator[dict[str, Any]]:
        """The records {port: value} of a stream in order; a plain result has one."""
        for index in range(self.meta["chunks"]):
            yield self._record(index)

    def value(self) -> dict[str, Any]:
        return self._record(0)

    def faults(self) -> list[str]:
        """Files that are missing or whose sha256 is not the recorded one."""
        return [name for name in self.meta["files"] if self._read(name) is None]

    def _read(self, name: str) -> bytes | None:
        try:
            data = (self.folder / name).read_bytes()
        except OSError:
            return None
        good = hashlib.sha256(data).hexdigest() == self.meta["files"][name]["sha256"]
        return data if good else None

    def _record(self, index: int) -> dict[str, Any]:
        arrays: dict[str, Any] = {}
        for kind in ("numpy", "torch"):
            name = f"{index}.{kind}.safetensors"
            if name in self.meta["files"]:
                arrays |= _safetensors(kind).load(self._checked(name))
        data = json.loads(self._checked(f"{index}.json"))
        return {port: digest.decode(item, arrays) for port, item in data.items()}

    def _checked(self, name: str) -> bytes:
        data = self._read(name)
        if data is None:
            raise InputError(
                f"store entry {self.folder.name[:12]} lost its file {name}",
                fix="run 'pfy store verify', then run again",
            )
        return data


@dataclass
class Writer:
    """An entry in the making; ``commit`` puts it into the store, ``drop`` forgets it."""

    store: Store
    folder: Path
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    chunks: int = 0
    size: int = 0
    parts: dict[str, list[str]] = field(default_factory=dict)

    def add(self, record: dict[str, Any]) -> bool:
        """Append a record {port: value}; False once the entry has outgrown ENTRY_LIMIT."""
        arrays: dict[str, Any] = {}
        data = {port: digest.encode(value, arrays) for port, value in record.items()}
        for port, value in record.items():
            self.parts.setdefault(port, []).append(digest.digest(value))
        for kind in ("numpy", "torch"):
            some = _apart({k: _dense(v) for k, v in arrays.items() if k.startswith(kind)})
            if some:
                self._write(f"{self.chunks}.{kind}.safetensors", _safetensors(kind).save(some))
        self._write(f"{self.chunks}.json", json.dumps(data).encode())
        self.chunks += 1
        return self.size <= ENTRY_LIMIT

    def _write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)
        self.files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        self.size += len(data)

    @property
    def digests(self) -> dict[str, str]:
        """Digest of each port: of its value, or of the digests of its chunks."""
        return {
            port: parts[0] if len(parts) == 1 else digest.digest(parts) for port, parts in self.parts.items()
        }

    def commit(
        self, fields: dict[str, Any], notes: Sequence[str] = (), measured: Mapping[str, Any] | None = None
    ) -> None:
        """Put the entry into the store, with its unhashed key and what the component told.

        Raises OSError when it cannot be written; another process's entry of the same key stays.
        """
        meta = {
            "schema": SCHEMA,
            "fields": fields,
            "digests": self.digests,
            "chunks": self.chunks,
            "files": self.files,
            "notes": list(notes),
            "measured": dict(measured or {}),
            "created": time.time(),
        }
        (self.folder / "meta.json").write_text(json.dumps(meta, default=str))
        target = self.store.folder(key_of(fields))
        target.parent.mkdir(parents=True, exist_ok=True)
        if self.store.mode == "write":
            self.store.remove(target)
        try:
            self._place(target)
        except OSError:
            self.drop()
            if not target.exists():
                raise

    def _place(self, target: Path) -> None:
        """Rename into place; an entry that is there already stays, unless it is not whole."""
        try:
            self.folder.rename(target)
        except OSError:
            if (target / "meta.json").exists():
                raise
            self.store.remove(target)
            self.folder.rename(target)

    def drop(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class Store:
    """Results under ``root``. Modes: ``on``, ``off``, ``read`` (never writes), ``write`` (never
    reads), ``verify`` (recomputes every stored result and compares)."""

    def __init__(self, root: str | Path | None = None, mode: str = "on") -> None:
        if mode not in MODES:
            raise InputError(f"cache mode {mode!r}", f"one of {', '.join(MODES)}", did_you_mean(mode, MODES))
        self.root = Path(root) if root else paths.home() / "store"
        self.mode = mode

    @property
    def reads(self) -> bool:
        return self.mode in ("on", "read", "verify")

    @property
    def writes(self) -> bool:
        return self.mode in ("on", "write")

    def folder(self, key: str) -> Path:
        return self.root / "objects" / key[:2] / key

    def get(self, key: str) -> Stored | None:
        """The entry of a key, or None; one that is damaged or of another schema is removed."""
        folder = self.folder(key)
        try:
            meta = json.loads((folder / "meta.json").read_bytes())
            stored = Stored(folder, meta)
            if meta["schema"] == SCHEMA and not stored.faults():
                with suppress(OSError):
                    os.utime(folder / "meta.json")
                return stored
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, OSError):
            pass
        if self.writes:
            self.remove(folder)
        return None

    def begin(self) -> Writer:
        folder = self._room()
        folder.mkdir(parents=True)
        return Writer(self, folder)

    def _room(self) -> Path:
        return self.root / "tmp" / f"{os.getpid()}-{uuid.uuid4().hex}"

    def remove(self, folder: Path) -> None:
        """Take an entry out in one step, so that a killed process leaves none half removed."""
        gone = self._room()
        with suppress(OSError):
            gone.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def entries(self) -> Iterator[Stored]:
        """All readable entries, least recently used first."""
        metas = [(_mtime(meta), meta) for meta in self.root.glob("objects/*/*/meta.json")]
        for _, meta in sorted(metas):
            try:
                stored = Stored(meta.parent, json.loads(meta.read_bytes()))
                _ = stored.size, stored.digests
            except (OSError, ValueError, KeyError, TypeError):
                self.remove(meta.parent)
                continue
            yield stored

    def gc(self, limit: int, grace: float = 0.0) -> tuple[int, int]:
        """Remove the least recently used entries beyond ``limit`` bytes, and what killed processes
        left; returns the number and the bytes removed.

        What was used in the last ``grace`` seconds stays: another process may be about to read it.
        """
        for leftover in self.root.glob("tmp/*"):
            if time.time() - _mtime(leftover) > ABANDONED:
                shutil.rmtree(leftover, ignore_errors=True)
        entries = list(self.entries())
        total, removed, freed = sum(entry.size for entry in entries), 0, 0
        for entry in entries:
            if total - freed <= limit or time.time() - _mtime(entry.folder / "meta.json") < grace:
                break
            self.remove(entry.folder)
            removed, freed = removed + 1, freed + entry.size
        return removed, freed


def apart(entries: Sequence[Stored]) -> list[dict[str, Any]]:
    """For each entry the key fields in which it differs from others of its component, with dotted names."""
    flats = [flat(entry.meta["fields"]) for entry in entries]
    several: dict[str, set[str]] = {}
    for component in {fields["component"] for fields in flats}:
        group = [fields for fields in flats if fields["component"] == component]
        names = {name for fields in group for name in fields}
        several[component] = {
            name for name in names if any(fields.get(name) != group[0].get(name) for fields in group)
        }
    return [
        {name: value for name, value in fields.items() if name in several[fields["component"]]}
        for fields in flats
    ]


def flat(fields: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, with dotted keys."""
    found: dict[str, Any] = {}
    for key, value in fields.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def limit() -> int:
    """Bytes the store may hold: ``$PFY_STORE_LIMIT`` in MB, 2048 by default."""
    try:
        return int(os.environ.get("PFY_STORE_LIMIT", "2048")) << 20
    except ValueError as error:
        raise InputError(
            f"PFY_STORE_LIMIT={os.environ['PFY_STORE_LIMIT']!r}", "megabytes", "PFY_STORE_LIMIT=2048"
        ) from error


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _dense(array: Any) -> Any:
    """Contiguous, on the CPU: what safetensors writes."""
    if digest.is_tensor(array):
        return array.detach().cpu().contiguous()
    import numpy as np

    return np.asarray(array, order="C")


def _apart(arrays: dict[str, Any]) -> dict[str, Any]:
    """Arrays of which no two are views of one tensor: safetensors refuses these."""
    seen = set[int]()
    made = {}
    for name, array in arrays.items():
        memory = array.untyped_storage().data_ptr() if digest.is_tensor(array) else 0
        made[name] = array.clone() if memory in seen else array
        seen |= {memory} - {0}
    return made


def _safetensors(kind: str) -> Any:
    if kind == "torch":
        import safetensors.torch

        return safetensors.torch
    import safetensors.numpy

    return safetensors.numpy
