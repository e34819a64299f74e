"""Content credentials (C2PA): a signed statement within a file of what it is and who made it.

The signature covers every byte of picture, sound and container tags. Nothing is asked of the network:
no timestamp, no revocation list, no remote manifest.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pfy_core.errors import InputError, OutputError
from pfy_core.provenance.identity import root

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pfy_core.provenance.identity import Identity

FORMATS = {".mp4": "video/mp4", ".m4v": "video/x-m4v", ".mov": "video/quicktime"}
"""Containers that pfy writes and C2PA can sign, by suffix. Matroska and WebM are not among them."""
INSTALL = "pip install c2pa-python"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""IPTC's digital source type for what a trained model made (C2PA 2.x, section 18.15, ``c2pa.actions``)."""
SYNTHETIC = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic")
"""Digital source types that say that a model took part."""
LABEL = "pfy.record"
"""Of the assertion that points to pfy's record."""
PURPOSES = ("1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.62558.2.1", "1.3.6.1.4.1.311.76.59.1.9")
"""Extended key usages taken for signing, as c2pa-rs lists them: e-mail protection, document signing,
C2PA's own, Microsoft's for C2PA."""
LARGE = 32 << 20
"""Bytes above which picture and sound are hashed in blocks (a Merkle tree, C2PA 2.x, section 18.6): then
signing and verifying take 60 MB of memory instead of the file's size. Below it, one hash is simpler."""
BLOCK_KB = 4096
"""Of that tree: 32 bytes of hash for each block, 1 kB for 128 MB."""
C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The UUID of the box that holds the credentials in an mp4 (C2PA 2.x, appendix A.5)."""
OFFLINE = {"remote_manifest_fetch": False, "ocsp_fetch": False}
TINY = b"\0\0\0\x14ftypisom\0\0\0\0isom" + b"\0\0\0\x0cmdatpfy\n"
"""The smallest mp4 that can be signed: to try an identity on before anything is rendered."""


@dataclass(frozen=True)
class Credentials:
    """The credentials of a file, verified.

    state:     ``trusted`` (intact, signed by this installation or under a root given as trusted),
               ``valid`` (intact, by a signer that nobody here vouches for), ``expired`` (intact, but the
               certificate is no longer valid), ``broken`` (the file was changed, or the signature or its
               certificate is wrong)
    signer, issuer: common name and organisation in the certificate; own: it is this installation's
    generator: what made the claim; made: when, as the signer says; generated: whether it states that a
    model made the content; faults: why it is not trusted; record: pfy's own assertion
    """

    state: str
    signer: str = ""
    issuer: str = ""
    algorithm: str = ""
    own: bool = False
    generator: str = ""
    made: str = ""
    generated: bool = False
    faults: list[str] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)


def available() -> bool:
    """Whether what signs and verifies is installed."""
    return find_spec("c2pa") is not None and find_spec("cryptography") is not None


# Signing ---------------------------------------------------------------------------------------------


def sign(path: Path, identity: Identity, about: Mapping[str, Any]) -> None:
    """Write credentials into a file of FORMATS, in its place and whole or not at all.

    ``about`` becomes the assertion LABEL. Raises OutputError when it cannot be signed, OSError when the
    disk is full; then the file is as it was. Ctrl-C ends it.
    """
    signed = path.with_name(f"{path.stem}.signed{path.suffix}")
    try:
        # c2pa-rs 0.91 miscounts the blocks of some files with several boxes of media data, and finds that
        # out on some days only.
        blocks = path.stat().st_size > LARGE and _media_boxes(path) < 2
        if fault := _copy(path, signed, identity, about, blocks=blocks):
            raise OutputError(f"the video cannot be signed: {fault}", fix="report it, with the video's size")
        signed.replace(path)
    finally:
        signed.unlink(missing_ok=True)


def _media_boxes(path: Path) -> int:
    """Boxes of media data at the top of an mp4 (ISO/IEC 14496-12, 4.2); 0 in other containers."""
    found, start, end = 0, 0, path.stat().st_size
    with path.open("rb") as file:
        while start + 8 <= end:
            file.seek(start)
            head = file.read(16)
            size, kind = int.from_bytes(head[:4], "big"), head[4:8]
            size = {0: end - start, 1: int.from_bytes(head[8:], "big")}.get(size, size)
            if size < 8:
                break
            found += kind == b"mdat"
            start += size
    return found


def _copy(path: Path, signed: Path, identity: Identity, about: Mapping[str, Any], *, blocks: bool) -> str:
    """Write a signed copy, verified; returns what is wrong with it, or nothing."""
    tree = {"merkle_tree_chunk_size_in_kb": BLOCK_KB, "merkle_tree_max_proofs": 0} if blocks else {}
    with path.open("rb") as source, signed.open("w+b", buffering=1 << 20) as target:
        output = _Watched(target)
        fault = _write(source, output, FORMATS[path.suffix.lower()], identity, about, tree)
        if output.error is not None:
            raise output.error
    return fault


def test(identity: Identity) -> None:
    """Sign a few bytes; InputError, with the reason, when an identity is not fit for credentials."""
    import io

    fault = _write(io.BytesIO(TINY), io.BytesIO(), "video/mp4", identity, {}, {})
    if fault:
        raise InputError(
            f"certificate: it cannot sign content credentials: {fault}",
            "an end-entity certificate with key usage digitalSignature, extended key usage emailProtection "
            "or documentSigning, and an authority key identifier",
            "ask its issuer for one for document or e-mail signing",
        )


def _write(
    source: Any,
    target: Any,
    form: str,
    identity: Identity,
    about: Mapping[str, Any],
    tree: dict[str, int],
) -> str:
    """Sign a stream into another; returns what is wrong, or nothing."""
    import c2pa

    def work() -> str:
        info = c2pa.C2paSignerInfo(identity.algorithm, identity.chain.encode(), identity.key.encode(), None)
        core = {"backing_store_memory_threshold_in_mb": 1, "allowed_network_hosts": []}
        conf = {
            "verify": {"verify_after_sign": True, "verify_after_sign_hash": True, **OFFLINE},
            "core": core | tree,
            "trust": {"trust_config": "\n".join(PURPOSES)},
            "builder": {"thumbnail": {"enabled": False}},
        }
        try:
            with c2pa.Context.from_dict(conf, c2pa.Signer.from_info(info)) as context:
                c2pa.Builder(_manifest(about), context=context).sign(form, source, target)
        except c2pa.C2paError as error:
            return _first_line(error)
        return ""

    return str(_aside(work, getattr(target, "stop", None)))


def _manifest(about: Mapping[str, Any]) -> dict[str, Any]:
    tool = {"name": "pfy", "version": version("pfy-core")}
    action = {
        "action": "c2pa.created",
        "when": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "softwareAgent": tool,
        "digitalSourceType": SOURCE_TYPE,
    }
    actions = {"actions": [action], "allActionsIncluded": True}
    return {
        "claim_generator_info": [tool],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": actions, "created": True},
            {"label": LABEL, "data": dict(about), "created": True},
        ],
    }


class _Watched:
    """A file being written by c2pa, which reports no reason when a write fails: the reason is kept."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.error: BaseException | None = None

    def stop(self) -> None:
        self.error = self.error or KeyboardInterrupt()

    def write(self, data: bytes) -> int:
        if self.error is not None:
            raise self.error
        try:
            return int(self._file.write(data))
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            self.error = error
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _aside(work: Callable[[], Any], stop: Callable[[], None] | None = None) -> Any:
    """The result of ``work``, done in a thread of its own: Ctrl-C reaches only the main thread, and
    would be lost in a callback of c2pa's. ``stop`` has it end early."""
    done: list[Any] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.2)
    except BaseException:
        if stop is not None:
            stop()
            thread.join()
        raise
    if failed:
        raise failed[0]
    return done[0]


# Verifying -------------------------------------------------------------------------------------------


def read(path: Path, anchors: str = "") -> Credentials | None:
    """The credentials of a file, verified against its content, or None when it has none.

    ``anchors``: PEM certificates of roots to trust besides this installation's own.
    Raises InputError when they are no certificates.
    """
    import c2pa

    def work() -> Any:
        trust = {"trust_config": "\n".join(PURPOSES)}
        roots = "\n".join(filter(None, (anchors, root())))
        if roots:
            trust["user_anchors"] = roots
        core = {"backing_store_memory_threshold_in_mb": 16, "allowed_network_hosts": []}
        conf = {"verify": OFFLINE, "trust": trust, "core": core}
        with c2pa.Context.from_dict(conf) as context, path.open("rb") as stream:
            suffix = path.suffix.lower()
            with c2pa.Reader(FORMATS.get(suffix, suffix[1:] or None), stream, context=context) as reader:
                return json.loads(reader.json())

    try:
        found = _aside(work)
    except c2pa.C2paError.ManifestNotFound:
        return None
    except c2pa.C2paError as error:
        # what cannot be parsed as a whole may still carry credentials, which then are worth nothing
        return Credentials("broken", faults=[_first_line(error)]) if carries(path) else None
    return _credentials(found)


def _credentials(found: dict[str, Any]) -> Credentials:
    manifest = found.get("manifests", {}).get(found.get("active_manifest"), {})
    info = manifest.get("signature_info", {})
    failures = [item for item in found.get("validation_status", []) if isinstance(item, dict)]
    codes = {item.get("code", "") for item in failures}
    states = {"Trusted": "trusted", "Valid": "valid"}
    state = states.get(found.get("validation_state", ""), "broken")
    expired = "signingCredential.expired"
    if state == "broken" and expired in codes and codes <= {"signingCredential.untrusted", expired}:
        state = "expired"
    makers = manifest.get("claim_generator_info") or [{"name": manifest.get("claim_generator", "")}]
    maker = f"{makers[0].get('name', '')} {makers[0].get('version', '')}".strip()
    actions, record = _statements(manifest)
    return Credentials(
        state,
        str(info.get("common_name") or ""),
        str(info.get("issuer") or ""),
        str(info.get("alg") or "").upper(),
        state == "trusted" and str(info.get("cert_serial_number")) == _own_serial(),
        maker,
        str(info.get("time") or next((item["when"] for item in actions if item.get("when")), "")),
        any(str(item.get("digitalSourceType", "")).rpartition("/")[2] in SYNTHETIC for item in actions),
        [str(item.get("explanation") or item.get("code")) for item in failures],
        record,
    )


def _statements(manifest: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The actions of a manifest, and pfy's record in it."""
    actions: list[dict[str, Any]] = []
    record: dict[str, Any] = {}
    for item in manifest.get("assertions", []):
        data = item.get("data")
        if not isinstance(data, dict):
            continue
        if str(item.get("label", "")).startswith("c2pa.actions"):
            actions += [action for action in data.get("actions", []) if isinstance(action, dict)]
        elif item.get("label") == LABEL:
            record = data
    return actions, record


def _own_serial() -> str:
    from cryptography import x509

    from pfy_core.provenance.identity import CHAIN_FILE, folder

    try:
        return str(x509.load_pem_x509_certificate((folder() / CHAIN_FILE).read_bytes()).serial_number)
    except (OSError, ValueError):
        return ""


def carries(path: Path) -> bool:
    """Whether the box of the credentials is in the beginning of a file, where it is written."""
    with path.open("rb") as stream:
        return C2PA_BOX in stream.read(1 << 20)


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[-1] if len(lines) > 1 else (lines or [type(error).__name__])[0]
    return text.partition(" (self#")[0]
