"""Opening media that come from anywhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import av

from pfy_core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLAYLISTS = frozenset({"concat", "dash", "hls", "imf"})
"""Formats that name other files, which nobody has agreed to open."""


@contextmanager
def opened(file: Path | str, **options: Any) -> Iterator[Any]:
    """A media file opened for reading; it is a file, never an address, and no list of others.

    ``options`` as for ``av.open``. Raises InputError for a list, av.FFmpegError for what is no media.
    """
    allowed = {"protocol_whitelist": "file"}
    with av.open(f"file:{file}", options=allowed, **options) as container:
        if PLAYLISTS & set(container.format.name.split(",")):
            raise InputError(f"{file} is a list of other files", "a media file", "give one of those")
        yield container
