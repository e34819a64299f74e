"""Who signs: a certificate chain with its private key, the user's own or one made for this installation.

Both are X.509 by the profile of C2PA 2.x, section 14.5: an end entity (never a CA) that may sign, with
an extended key usage that C2PA names. No timestamp authority is asked, since pfy works offline.
"""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core import paths
from pfy_core.errors import InputError
from pfy_core.events import note
from pfy_core.media import existing

if TYPE_CHECKING:
    from cryptography import x509

CERTIFICATE, KEY = "PFY_CERTIFICATE", "PFY_KEY"
"""Environment variables that stand for the options of the same names."""
CHAIN_FILE, KEY_FILE = "certificate.pem", "key.pem"
MAX_PEM = 1 << 20
"""Bytes; a chain of three certificates has about 6,000."""
LIFETIME = timedelta(days=20 * 365)
"""Of a certificate made here: without timestamps a signature is only as good as its certificate is
valid, and a video is to be verifiable for as long as somebody may look at it."""
CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
"""Elliptic curves that C2PA signs with, and the name of each algorithm (C2PA 2.x, section 13.2)."""
ALGORITHMS = "an EC (P-256, P-384, P-521), Ed25519 or RSA (2048 bits or more) key"
WANTS = "a certificate chain as PEM, the signer's certificate first"


@dataclass(frozen=True)
class Identity:
    """A signer: ``chain`` and ``key`` are PEM (PKCS #8), ``algorithm`` is C2PA's name, ``name`` the
    common name, ``fingerprint`` the sha256 of the certificate; ``own`` when made by this installation."""

    chain: str
    key: str = field(repr=False)
    algorithm: str
    name: str
    fingerprint: str
    own: bool = False

    def about(self) -> dict[str, Any]:
        """What a record says of who signed."""
        return {"signer": self.name, "certificate": self.fingerprint, "own": self.own}


def chosen(certificate: str | Path | None = None, key: str | Path | None = None) -> Identity | None:
    """The user's identity, by option or environment, or None where nothing was chosen.

    Raises InputError for what cannot be read, is not PEM, is locked, expired or does not fit together.
    """
    certificate = certificate or os.environ.get(CERTIFICATE)
    key = key or os.environ.get(KEY)
    if not certificate and not key:
        return None
    if not certificate or not key:
        lacking, there = ("certificate", "key") if key else ("key", "certificate")
        raise InputError(f"a {there} without its {lacking}", "both", f"add --{lacking} FILE.pem")
    return _given(Path(certificate), Path(key))


def _given(certificate: Path, key: Path) -> Identity:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    try:
        chain = x509.load_pem_x509_certificates(_pem(certificate, "certificate", WANTS))
    except ValueError as error:
        raise InputError(f"certificate: {certificate} is not a PEM certificate", WANTS, _CONVERT) from error
    try:
        private: Any = serialization.load_pem_private_key(_pem(key, "key", "a private key"), None)
    except TypeError as error:
        raise InputError(
            f"key: {key} is locked with a password",
            "a private key without one",
            f"openssl pkey -in {key} -out open.pem, and keep that file to yourself",
        ) from error
    except Exception as error:  # what cryptography raises for a damaged or unknown key has no one name
        raise InputError(f"key: {key} is not a PEM private key", ALGORITHMS, _CONVERT) from error
    algorithm = _algorithm(private, key)
    leaf = next((item for item in chain if item.public_key() == private.public_key()), None)
    if leaf is None:
        raise InputError(
            f"certificate: {certificate} does not belong to the key {key}",
            "the certificate that was issued for this key",
            "give the pair that belongs together",
        )
    _check_dates(leaf, certificate)
    return _identity([leaf, *(item for item in chain if item != leaf)], private, algorithm)


_CONVERT = "openssl x509 (or pkey) -inform DER -in FILE -out FILE.pem converts one that is binary"


def _pem(path: Path, name: str, wants: str) -> bytes:
    file = existing(path, name, wants)
    if file.stat().st_size > MAX_PEM:
        raise InputError(f"{name}: {file} has {file.stat().st_size:,} bytes", wants, "check the path")
    return file.read_bytes()


def _algorithm(private: Any, key: Path) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name in CURVES:
        return CURVES[private.curve.name]
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size >= 2048:
        return "ps256"
    raise InputError(f"key: {key} is of a kind that C2PA does not sign with", ALGORITHMS)


def _check_dates(leaf: x509.Certificate, certificate: Path) -> None:
    now, begins, ends = datetime.now(UTC), leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if now > ends:
        raise InputError(
            f"certificate: {certificate} expired on {ends:%Y-%m-%d}", "one that is valid today", "renew it"
        )
    if now < begins:
        raise InputError(
            f"certificate: {certificate} is not valid before {begins:%Y-%m-%d}", "one that is valid today"
        )


def _identity(chain: list[x509.Certificate], private: Any, algorithm: str, *, own: bool = False) -> Identity:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    names = chain[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Identity(
        "".join(item.public_bytes(serialization.Encoding.PEM).decode() for item in chain),
        pem.decode(),
        algorithm,
        str(names[0].value) if names else chain[0].subject.rfc4514_string(),
        chain[0].fingerprint(hashes.SHA256()).hex(),
        own,
    )


_BEGIN = "-----BEGIN CERTIFICATE-----"

# This installation's own -----------------------------------------------------------------------------


def folder() -> Path:
    """Where this installation keeps its own key (mode 0600) and certificate chain."""
    return paths.home() / "credentials"


def own() -> Identity:
    """This installation's identity, made at first use and again when it is damaged or has expired.

    Where it cannot be kept, one for this process alone; a note says so.
    """
    place = folder()
    try:
        return _load(place)
    except FileNotFoundError:
        pass
    except (OSError, TypeError, ValueError) as error:
        note(f"the signing key in {place} cannot be used ({error}); another one takes its place")
        with suppress(OSError):
            place.rename(place.with_name(f"{place.name}.{secrets.token_hex(4)}.old"))
    made = generate()
    try:
        return _keep(place, made)
    except (OSError, TypeError, ValueError) as error:
        note(f"the signing key cannot be kept in {place} ({error}); this video has one of its own")
        return made


def _load(place: Path) -> Identity:
    """The identity kept in a folder; ValueError and OSError when there is none that can sign."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    chain = x509.load_pem_x509_certificates((place / CHAIN_FILE).read_bytes())
    private = serialization.load_pem_private_key((place / KEY_FILE).read_bytes(), None)
    if chain[0].public_key() != private.public_key():
        raise ValueError("key and certificate do not belong together")
    if datetime.now(UTC) > chain[0].not_valid_after_utc:
        raise ValueError("its certificate has expired")
    return _identity(chain, private, "es256", own=True)


def root() -> str:
    """The PEM of the root that stands behind this installation's own identity, or nothing."""
    try:
        text = (folder() / CHAIN_FILE).read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
    return _BEGIN + text.rpartition(_BEGIN)[2] if _BEGIN in text else ""


def generate() -> Identity:
    """A new identity: an ES256 certificate under a root whose key is thrown away.

    The names in it are random: nothing of the user or the machine is told.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    label = secrets.token_hex(4)
    begins = datetime.now(UTC) - timedelta(days=1)
    issuer_key, private = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def named(text: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "pfy, self-signed"),
                x509.NameAttribute(NameOID.COMMON_NAME, text),
            ]
        )

    def issue(subject: str, public: ec.EllipticCurvePublicKey, *, ca: bool) -> x509.CertificateBuilder:
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
            + ("encipher_only", "decipher_only"),
            False,
        )
        return (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named(f"pfy root {label}"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + LIFETIME)
            .add_extension(x509.BasicConstraints(ca, 0 if ca else None), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, **usage), critical=True
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
            )
        )

    issuer = issue(f"pfy root {label}", issuer_key.public_key(), ca=True).sign(issuer_key, hashes.SHA256())
    leaf = (
        issue(f"pfy {label}", private.public_key(), ca=False)
        # the one extended key usage that every C2PA validator takes without a configuration of its own
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return _identity([leaf, issuer], private, "es256", own=True)


def _keep(place: Path, made: Identity) -> Identity:
    """Keep an identity in a folder that appears whole; returns the one that another process put there
    in the meantime, where one has."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    part.mkdir(mode=0o700)
    try:
        private = os.open(part / KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(private, "w", encoding="ascii") as out:
            out.write(made.key)
        (part / CHAIN_FILE).write_text(made.chain, encoding="ascii")
        try:
            part.rename(place)
        except OSError:
            return _load(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return made
