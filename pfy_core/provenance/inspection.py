"""Inspecting a video: what it says of itself, and whether that is intact."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pfy_core import record as records
from pfy_core.errors import InputError
from pfy_core.media import existing
from pfy_core.provenance import consent as consents
from pfy_core.provenance import credentials
from pfy_core.provenance.credentials import Credentials

if TYPE_CHECKING:
    from pathlib import Path

UNCHECKED = "unchecked"
"""State of credentials that are there but cannot be verified here, for want of the library."""


@dataclass(frozen=True)
class Inspection:
    """What a file says of itself.

    path; media: streams, size, duration as ``media.video.probe`` gives them; generated: whether it says
    that a model made it, and ``stated`` where it says so (``credentials``, ``tag``)
    credentials: verified, or None when there are none; made: how pfy made it, from its container tag, or
    None; consent: the statement's ``sha256`` and, where this machine keeps it, its ``file``
    """

    path: Path
    media: dict[str, Any]
    generated: bool
    stated: list[str]
    credentials: Credentials | None
    made: dict[str, Any] | None
    consent: dict[str, str] | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        """Whether there are credentials that do not hold: the file was changed after it was signed."""
        return self.credentials is not None and self.credentials.state == "broken"

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for ``--json``."""
        return asdict(self) | {"path": str(self.path), "broken": self.broken}


def inspect(
    path: str | Path, *, consent: str | Path | None = None, trust: str | Path | None = None
) -> Inspection:
    """Look at a video: what it says of its making, with the signature verified against its content.

    consent: a statement to compare with the one that the video was made under
    trust:   PEM certificates of roots to trust, e.g. a C2PA trust list
    Raises InputError for what is no video, or a statement that is another one.
    """
    from pfy_core.media import video

    file = existing(path, "video", "a video")
    anchors = _anchors(trust)
    media = video.probe(file)
    if not {"video", "audio"} & media.keys():
        raise InputError(f"{file} has neither picture nor sound", "a video", "check the file")
    tags = {key.lower(): value for key, value in media["metadata"].items()}
    media["metadata"] = {key: value for key, value in tags.items() if key != records.TAG}
    signed, notes = _credentials(file, anchors)
    made = records.made(tags)
    stated = []
    if signed is not None and signed.generated:
        stated.append("credentials")
    if records.is_generated(tags):
        stated.append("tag")
    found = _consent(made, signed, consent)
    if made is not None and signed is not None and signed.record and signed.record != _matching(made, signed):
        notes.append("the container tag and the signed statement tell different stories")
    return Inspection(file, media, bool(stated), stated, signed, made, found, notes)


def _credentials(file: Path, anchors: str) -> tuple[Credentials | None, list[str]]:
    if credentials.available():
        return credentials.read(file, anchors), []
    if not credentials.carries(file):
        return None, []
    return Credentials(UNCHECKED), [f"its credentials cannot be verified here: {credentials.INSTALL}"]


def _anchors(trust: str | Path | None) -> str:
    if trust is None:
        return ""
    wants = "the certificates of roots, as PEM"
    file = existing(trust, "trust", wants)
    try:
        from cryptography import x509

        text = file.read_text(encoding="ascii")
        x509.load_pem_x509_certificates(text.encode())
    except ImportError as error:
        raise InputError(
            "roots to trust, but nothing to verify with", "c2pa-python", credentials.INSTALL
        ) from error
    except ValueError as error:
        raise InputError(f"trust: {file} holds no PEM certificates", wants, "check the path") from error
    return text


def _matching(made: dict[str, Any], signed: Credentials) -> dict[str, Any]:
    """The signed statement as it would be if it were about the run that the tag is about."""
    same = {key: made.get(key) for key in ("record", "digest", "seed") if key in signed.record}
    return signed.record | same


def _consent(
    made: dict[str, Any] | None, signed: Credentials | None, given: str | Path | None
) -> dict[str, str] | None:
    stated = (signed.record if signed else {}).get("consent") or (made or {}).get("consent")
    if given is not None:
        statement = consents.read(given)
        if statement.sha256 != stated:
            raise InputError(
                f"consent: {given} is not the statement that the video was made under",
                f"the file with sha256 {stated}" if stated else "a video that was made under one",
                "give that one",
            )
        return {"sha256": statement.sha256, "file": str(given)}
    if not isinstance(stated, str):
        return None
    here = consents.kept(stated)
    return {"sha256": stated} | ({"file": str(here)} if here else {})
