"""Where a video may be written, and how: the whole file or none."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import av

from pfy_core.errors import OutputError
from pfy_core.media.formats import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_NAME = 255 - 24
"""Bytes of a file name: 255 on ext4, NTFS and APFS alike, less what temporary names add."""


def check_output(path: Path, *, force: bool = False) -> None:
    """OutputError unless ``path`` can be written: suffix, folder, permission, existing file."""
    if path.suffix.lower() not in SUFFIXES:
        fix = f"-o {path.stem or 'out'}.mp4" if str(path) != "-" else "--stream - writes a video to a pipe"
        raise OutputError(f"output {path}", f"a name ending in {', '.join(SUFFIXES)}", fix)
    try:
        path.exists()
    except OSError as error:
        raise OutputError(
            f"output {str(path)[:80]}: {error.strerror}", "a shorter name", "-o out.mp4"
        ) from error
    if path.is_dir():
        raise OutputError(f"output {path} is a folder", "a file name", f"-o {path / 'out.mp4'}")
    check_name(path)
    check_folder(path)
    if path.exists() and not force:
        raise OutputError(f"{path} exists already", "a new file", "choose another name, or add --force")


def check_folder(path: Path) -> None:
    """OutputError unless a file can be made in the folder of ``path``."""
    if not path.parent.is_dir():
        raise OutputError(
            f"folder {path.parent} does not exist", "an existing folder", f"mkdir -p {path.parent}"
        )
    if not os.access(path.parent, os.W_OK):
        raise OutputError(
            f"folder {path.parent} may not be written", "a writable folder", f"-o {Path.home() / path.name}"
        )


def check_name(path: Path) -> None:
    """OutputError for a name that leaves no room for those of the temporary files beside it."""
    if len(path.name.encode()) > LONGEST_NAME:
        raise OutputError(f"output {path.name[:80]}", "a shorter name", f"-o out{path.suffix}")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What the system says against writing ``path`` becomes an OutputError."""
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        full = error.errno == errno.ENOSPC
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}",
            fix="free some space" if full else "choose another folder",
        ) from error


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that becomes it at the end, or is removed on any error."""
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    with writing(path):
        try:
            _sweep(path)
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove what processes that were killed have left of the same video."""
    left = re.compile(rf"\.{re.escape(path.stem)}\.(\d+)\.part(?:\.signed)?{re.escape(path.suffix)}")
    for file in path.parent.iterdir():
        if (match := left.fullmatch(file.name)) and not _alive(int(match[1])):
            file.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    if os.name == "nt":  # there, signal 0 would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before going on (not folders on Windows)."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
