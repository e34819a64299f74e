"""Certificates of every kind, as users may have them, and small narrations to sign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

EMAIL, SERVER = ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.SERVER_AUTH
C2PA = x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def name(text):
    parts = ((NameOID.ORGANIZATION_NAME, "Studio Ltd"), (NameOID.COMMON_NAME, text))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


class Authority:
    """A root that issues certificates."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.issue(self.key.public_key(), ca=True, subject="Root")

    def issue(self, public, *, ca=False, purpose=EMAIL, begins=-1, ends=365, subject="Ada", issuer="Root"):
        now = datetime.now(UTC)
        usage = dict.fromkeys(USAGES, False) | (
            {"key_cert_sign": True, "crl_sign": True} if ca else {"digital_signature": True}
        )
        made = (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name(issuer))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=begins))
            .not_valid_after(now + timedelta(days=ends))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        if purpose and not ca:
            made = made.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        return made.sign(self.key, hashes.SHA256())


def pem(*certificates):
    return b"".join(item.public_bytes(serialization.Encoding.PEM) for item in certificates)


def key_pem(key, *, form=serialization.PrivateFormat.PKCS8, password=None):
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, lock)


def pair(folder, key=None, authority=None, **more):
    """Files of a certificate chain and its key: (certificate, key, root)."""
    authority = authority or Authority()
    key = key or ec.generate_private_key(ec.SECP256R1())
    files = folder / "certificate.pem", folder / "key.pem", folder / "root.pem"
    files[0].write_bytes(pem(authority.issue(key.public_key(), **more), authority.certificate))
    files[1].write_bytes(key_pem(key))
    files[2].write_bytes(pem(authority.certificate))
    return files


def tampered(video, folder, where, *, at=0):
    """A copy of a video with one bit changed ``at`` bytes after the last place of some bytes."""
    data = bytearray(video.read_bytes())
    place = data.rindex(where)
    data[place + at] ^= 1
    copy = folder / f"tampered{video.suffix}"
    copy.write_bytes(data)
    return copy
