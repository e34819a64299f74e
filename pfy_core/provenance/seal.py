"""What makes a narration's video say what it is: its consent, its container tags, its signature."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pfy_core import record as records
from pfy_core.errors import InputError
from pfy_core.events import note
from pfy_core.provenance import consent as consents
from pfy_core.provenance import credentials, identity

if TYPE_CHECKING:
    from pathlib import Path

    from pfy_core.run import Run

SIGNED = ("schema", "record", "graph", "digest", "seed", "inputs", "consent")
"""What of the container tag is repeated in the signed assertion: references and digests alone."""


class Seal:
    """Prepared before anything is rendered, put on when the video is written.

    target: the video; consent: a statement's file; certificate, key: PEM files of the user's own
    identity (or $PFY_CERTIFICATE and $PFY_KEY), without which this installation's signs; live: the video
    is sent while it grows, and so gets no signature, which covers the whole.
    Raises InputError for a statement or an identity that cannot be used.
    """

    def __init__(
        self,
        target: Path,
        *,
        consent: str | Path | None = None,
        certificate: str | Path | None = None,
        key: str | Path | None = None,
        live: bool = False,
    ) -> None:
        self.consent = consents.read(consent) if consent is not None else None
        self.signer: identity.Identity | None = None
        self.unsigned = ""
        if live:
            return
        if not credentials.available():
            if certificate or key:
                raise InputError(
                    "a certificate, but nothing to sign with", "c2pa-python", credentials.INSTALL
                )
            self.unsigned = f"{credentials.INSTALL} adds signed ones"
            return
        self.signer = identity.chosen(certificate, key)
        if target.suffix.lower() not in credentials.FORMATS:
            self.unsigned = f"{target.suffix} cannot carry signed ones; mp4, mov and m4v can"
            self.signer = None
        elif self.signer is not None:
            credentials.test(self.signer)

    def tags(self, run: Run, inputs: dict[str, Any]) -> dict[str, str]:
        """The container metadata of the video; see ``record.tag``."""
        return records.tag(run, inputs, self.consent.about() if self.consent else None)

    def sign(self, part: Path, tags: dict[str, str]) -> None:
        """Sign a finished file before it becomes visible under its name; a note where that cannot be.

        Raises OutputError; then there must be no video.
        """
        if self.unsigned:
            note(f"the video has no content credentials, only a tag that it is AI-generated: {self.unsigned}")
            return
        self.signer = self.signer or identity.own()
        credentials.sign(part, self.signer, _references(json.loads(tags[records.TAG])))

    def about(self) -> dict[str, Any]:
        """What the record says of consent and signature; a copy of the statement is kept."""
        found: dict[str, Any] = {"credentials": self.signer.about() if self.signer else None}
        if self.consent is not None:
            found["consent"] = self.consent.about()
            self.consent.keep()
        return found


def _references(made: dict[str, Any]) -> dict[str, Any]:
    """The part of a tag that is signed a second time, in the form that other validators show."""
    found = {key: made[key] for key in SIGNED if key in made}
    inputs = {name: about.get("sha256") or about.get("digest") for name, about in made["inputs"].items()}
    found["inputs"] = {name: value for name, value in inputs.items() if value}
    found["graph"] = made["graph"].get("name", "")
    return found
