"""Consent: a statement by the people whose face and voice are used, attached to a narration.

A statement names people, and perhaps their address and signature; a video goes anywhere. So the video
carries only its sha256, which proves later that this very statement was there when the video was made,
and the statement itself is kept beside the records, where only the user reads it.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pfy_core import paths
from pfy_core.errors import InputError
from pfy_core.media import existing

MAX_BYTES = 16 << 20
"""A signed and scanned page has one or two megabytes; a film of somebody agreeing is best kept elsewhere
and named in a text."""
WANTS = "a statement of consent: a text, a PDF, a scan"


@dataclass(frozen=True)
class Consent:
    """A statement: the ``name`` of its file, its ``sha256`` and its content."""

    name: str
    sha256: str
    content: bytes = field(repr=False)

    def about(self) -> dict[str, Any]:
        """What a record says of it."""
        return {"file": self.name, "sha256": self.sha256, "bytes": len(self.content)}

    def keep(self) -> Path:
        """Put a copy beside the records, readable by the user alone; returns its path."""
        place = _folder() / f"{self.sha256}{Path(self.name).suffix}"
        if not place.is_file():
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = place.with_name(f".{place.name}.{os.getpid()}")
            try:
                with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                    out.write(self.content)
                part.replace(place)
            finally:
                part.unlink(missing_ok=True)
        return place


def read(path: str | Path) -> Consent:
    """The statement in a file. Raises InputError when it is absent, empty, blank or too large."""
    file = existing(path, "consent", WANTS)
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise InputError(
            f"consent: {file} has {size / 1e6:.0f} MB",
            f"at most {MAX_BYTES / 1e6:.0f} MB",
            "attach the signed page; name larger evidence in it",
        )
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(
            f"consent: {file} cannot be read: {error.strerror}", WANTS, "check the path"
        ) from error
    if not content.strip():
        raise InputError(f"consent: {file} is blank", WANTS, "write down who agreed to what, and when")
    return Consent(file.name, hashlib.sha256(content).hexdigest(), content)


def kept(sha256: str) -> Path | None:
    """The kept copy of a statement, or None."""
    return (
        next(iter(sorted(_folder().glob(f"{sha256}*"))), None)
        if re.fullmatch("[0-9a-f]{64}", sha256)
        else None
    )


def _folder() -> Path:
    return paths.home() / "records" / "consent"
