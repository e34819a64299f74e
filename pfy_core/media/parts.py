"""The folder of a video in the making: finished parts that outlive a killed process.

``.NAME.parts`` beside the video holds its picture in parts (``00000.mp4`` ...), each complete on the
disk before ``parts.json`` names it with its sha256 and number of frames, the sound so far, and ``lock``,
which the system holds for one process and lets go when that ends, however it ends.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any

from pfy_core.errors import OutputError
from pfy_core.media.place import check_name, sync, writing

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 1
MANIFEST = "parts.json"


@dataclass(frozen=True)
class Part:
    """A finished part: a file in the folder, how many frames it has, and its sha256."""

    file: str
    frames: int
    sha256: str


class Parts:
    """The parts of the video ``target``, of which this process is the only writer: a context manager.

    ``identity`` says what the video is made from, ``left`` what the parts that were found here are
    made from (None without any). Once entered, call ``adopt`` to go on from those, or ``clear``.
    When the block ends well, the folder goes; when it fails, it stays if it is worth it: ``least``
    frames of something that has an identity.
    Raises OutputError where another process writes the same video, or the folder cannot be made.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.folder = target.with_name(f".{target.name}.parts")
        self.identity: dict[str, Any] = {}
        self.left: dict[str, Any] | None = None
        self.alpha = False
        self.least = 1
        self._parts: list[Part] = []
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> Parts:
        check_name(self.target)
        with writing(self.target):
            self.folder.mkdir(exist_ok=True)
            self._lock = (self.folder / "lock").open("ab")
        if not _locked(self._lock):
            self._lock.close()
            raise OutputError(
                f"another process is writing {self.target}", "one at a time", "choose another name, or wait"
            )
        self._read()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        assert self._lock is not None
        kept = {MANIFEST, "lock", *(part.file for part in self._parts)}
        if failed and self.worth:
            for file in self.folder.iterdir():
                if file.name not in kept:
                    file.unlink(missing_ok=True)
            self._lock.close()
            return
        if os.name == "nt":  # there, an open file cannot be removed
            self._lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()

    @property
    def worth(self) -> bool:
        """Whether the parts are worth to be gone on with: found so, or as many frames as ``least``."""
        begun = bool(self.identity) and self.frames >= self.least
        return bool(self._parts) and (begun or (self.left is not None and not self.identity))

    @property
    def frames(self) -> int:
        """Frames in all parts."""
        return sum(part.frames for part in self._parts)

    @property
    def bytes(self) -> int:
        """What the parts take on the disk."""
        return sum(file.stat().st_size for file in self.files)

    @property
    def files(self) -> list[Path]:
        """The finished parts in order."""
        return [self.folder / part.file for part in self._parts]

    def adopt(self) -> int:
        """Check the parts that were found; from the first damaged one on they are given up. Returns
        the number of frames given up."""
        found, sound = self.frames, list(self._parts)
        for index, part in enumerate(self._parts):
            file = self.folder / part.file
            if not file.is_file() or _sha256(file) != part.sha256:
                sound = self._parts[:index]
                break
        for part in self._parts[len(sound) :]:
            (self.folder / part.file).unlink(missing_ok=True)
        self._parts = sound
        return found - self.frames

    def clear(self) -> None:
        """Give up every part that was found."""
        (self.folder / MANIFEST).unlink(missing_ok=True)
        for file in self.files:
            file.unlink(missing_ok=True)
        self._parts, self.left = [], None

    def room(self, suffix: str) -> Path:
        """Where to write the next part."""
        return self.folder / f"{len(self._parts):05d}.unfinished{suffix}"

    def add(self, file: Path, frames: int) -> None:
        """A part that was written at ``room`` is finished: from now on it outlives this process."""
        kept = file.with_name(file.name.replace(".unfinished", ""))
        sync(file)
        file.replace(kept)
        self._parts.append(Part(kept.name, frames, _sha256(kept)))
        self._write()

    def _read(self) -> None:
        """What another process has left, if it can be read; anything else is as good as nothing."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            found = json.loads((self.folder / MANIFEST).read_bytes())
            if found["schema"] == SCHEMA:
                self._parts = [Part(**part) for part in found["parts"] if "/" not in part["file"]]
                self.left, self.alpha = dict(found["identity"]) or None, bool(found["alpha"])

    def _write(self) -> None:
        parts = [asdict(part) for part in self._parts]
        data = {"schema": SCHEMA, "identity": self.identity, "alpha": self.alpha, "parts": parts}
        file, part = self.folder / MANIFEST, self.folder / f"{MANIFEST}.unfinished"
        part.write_text(json.dumps(data, ensure_ascii=True, default=str), encoding="ascii")
        sync(part)
        part.replace(file)
        sync(self.folder)


def _sha256(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _locked(file: IO[bytes]) -> bool:
    """Take the lock of a file for as long as it is open; False when another has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # A file system without locks (some network shares) is no other process.
        return error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)
    return True
