"""Who signs: any usable pair of files; an unusable one is refused before anything is rendered."""

import multiprocessing
import os
import re
import stat
import sys

import pytest
import signing
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from pfy_core import InputError, events, paths
from pfy_core.provenance import credentials, identity

KEYS = {
    "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "es384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "es512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ps256": lambda: rsa.generate_private_key(65537, 2048),
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_keys_of_every_kind_that_c2pa_knows_can_sign(tmp_path, algorithm):
    certificate, key, _ = signing.pair(tmp_path, KEYS[algorithm]())
    found = identity.chosen(certificate, key)
    assert (found.algorithm, found.name, found.own) == (algorithm, "Ada", False)
    credentials.test(found)


@pytest.mark.parametrize("purpose", [signing.EMAIL, signing.C2PA])
def test_certificates_for_mail_and_for_c2pa_can_sign(tmp_path, purpose):
    certificate, key, _ = signing.pair(tmp_path, purpose=purpose)
    credentials.test(identity.chosen(certificate, key))


@pytest.mark.parametrize(
    "form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL]
)
def test_keys_in_either_form_of_pem_can_sign(tmp_path, form):
    private = KEYS["es256"]()
    certificate, key, _ = signing.pair(tmp_path, private)
    key.write_bytes(signing.key_pem(private, form=form))
    credentials.test(identity.chosen(certificate, key))


def test_the_order_of_the_chain_does_not_matter(tmp_path):
    authority, private = signing.Authority(), KEYS["es256"]()
    certificate, key, _ = signing.pair(tmp_path, private, authority)
    leaf = authority.issue(private.public_key())
    certificate.write_bytes(signing.pem(authority.certificate, leaf))
    credentials.test(identity.chosen(certificate, key))


def test_the_environment_stands_for_the_options(tmp_path, monkeypatch):
    assert identity.chosen() is None
    certificate, key, _ = signing.pair(tmp_path)
    monkeypatch.setenv("PFY_CERTIFICATE", str(certificate))
    monkeypatch.setenv("PFY_KEY", str(key))
    assert identity.chosen().name == "Ada"


def unusable(folder):
    """What a user may get wrong: the certificate, the key, and words of the message."""
    private = KEYS["es256"]()
    certificate, key, root = signing.pair(folder, private)
    (folder / "text").write_text("not a certificate")
    (folder / "empty").write_bytes(b"")
    (folder / "large").write_bytes(b"-" * (identity.MAX_PEM + 1))
    (folder / "locked").write_bytes(signing.key_pem(private, password=b"secret"))
    (folder / "other").write_bytes(signing.key_pem(KEYS["es256"]()))
    (folder / "der").write_bytes(
        private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return {
        "no key": (certificate, None, "without its key"),
        "no certificate": (None, key, "without its certificate"),
        "absent": (folder / "absent", key, "no file"),
        "text": (folder / "text", key, "not a PEM certificate"),
        "empty": (folder / "empty", key, "empty"),
        "large": (folder / "large", key, "bytes"),
        "folder": (folder, key, "folder"),
        "key is text": (certificate, folder / "text", "not a PEM private key"),
        "key is a certificate": (certificate, root, "not a PEM private key"),
        "key is binary": (certificate, folder / "der", "not a PEM private key"),
        "swapped": (key, certificate, "not a PEM certificate"),
        "locked": (certificate, folder / "locked", "locked with a password"),
        "another's key": (certificate, folder / "other", "does not belong"),
    }


@pytest.mark.parametrize(
    "case",
    [
        *("no key", "no certificate", "absent", "text", "empty", "large", "folder", "key is text"),
        *("key is a certificate", "key is binary", "swapped", "locked", "another's key"),
    ],
)
def test_a_pair_that_cannot_be_used_is_refused_with_the_reason(tmp_path, case):
    certificate, key, words = unusable(tmp_path)[case]
    with pytest.raises(InputError, match=words) as error:
        identity.chosen(certificate, key)
    assert error.value.wants
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("ends", "begins", "words"), [(-1, -9, "expired on"), (9, 5, "not valid before")], ids=["old", "new"]
)
def test_a_certificate_is_refused_outside_its_dates(tmp_path, ends, begins, words):
    certificate, key, _ = signing.pair(tmp_path, begins=begins, ends=ends)
    with pytest.raises(InputError, match=words):
        identity.chosen(certificate, key)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ec.generate_private_key(ec.SECP256K1()),
        lambda: dsa.generate_private_key(1024),
        ed448.Ed448PrivateKey.generate,
    ],
    ids=["secp256k1", "dsa", "ed448"],
)
def test_keys_that_c2pa_does_not_sign_with_are_refused(tmp_path, make):
    certificate, key, _ = signing.pair(tmp_path)
    key.write_bytes(signing.key_pem(make()))
    with pytest.raises(InputError, match="C2PA does not sign with"):
        identity.chosen(certificate, key)


@pytest.mark.parametrize("more", [{"purpose": signing.SERVER}, {"purpose": None}, {"ca": True}])
def test_a_certificate_for_another_purpose_is_refused(tmp_path, more):
    certificate, key, _ = signing.pair(tmp_path, **more)
    with pytest.raises(InputError, match="cannot sign content credentials") as error:
        credentials.test(identity.chosen(certificate, key))
    assert "emailProtection" in error.value.wants


# This installation's own


def test_the_own_identity_is_made_once_and_can_sign():
    first, second = identity.own(), identity.own()
    assert first == second
    assert first.own
    credentials.test(first)


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_the_own_key_is_for_its_owner_alone():
    identity.own()
    folder = paths.home() / "credentials"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "key.pem").stat().st_mode) == 0o600
    assert {file.name for file in folder.iterdir()} == {"certificate.pem", "key.pem"}
    assert [file.name for file in paths.home().iterdir()] == ["credentials"]


def test_the_names_in_the_own_certificate_are_random():
    names = [
        item.subject.rfc4514_string()
        for item in x509.load_pem_x509_certificates(identity.own().chain.encode())
    ]
    assert all(re.fullmatch(r"CN=pfy (root )?[0-9a-f]{8},O=pfy\\, self-signed", name) for name in names)
    assert identity.generate().name != identity.generate().name


def notes(call):
    told = []
    with events.watching(told.append):
        made = call()
    return made, [event.text for event in told]


@pytest.mark.parametrize("file", ["key.pem", "certificate.pem"])
def test_a_damaged_identity_is_put_aside_and_replaced_with_a_note(file):
    before = identity.own()
    place = paths.home() / "credentials" / file
    place.write_bytes(place.read_bytes()[:80])
    after, told = notes(identity.own)
    assert after != before
    assert "cannot be used" in told[0]
    credentials.test(after)
    assert list(paths.home().glob("credentials.*.old"))
    assert notes(identity.own) == (after, [])


def test_an_identity_that_cannot_be_kept_is_for_this_process_with_a_note(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PFY_HOME", str(tmp_path / "file"))
    made, told = notes(identity.own)
    credentials.test(made)
    assert "cannot be kept" in told[-1]


def _own(queue):
    queue.put(identity.own().fingerprint)


@pytest.mark.skipif(sys.platform != "linux", reason="fork")
def test_processes_that_begin_together_agree_on_one_identity():
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    workers = [context.Process(target=_own, args=(queue,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = {queue.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join()
    assert found == {identity.own().fingerprint}
