"""A statement of consent: hashed, kept for the user alone, refused when it is none."""

import hashlib
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_core import InputError, paths
from pfy_core.provenance import consent


@given(st.binary(min_size=1, max_size=200).filter(bytes.strip))
def test_any_file_can_be_a_statement(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("c") / "consent.pdf"
    file.write_bytes(content)
    found = consent.read(file)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.about() == {"file": "consent.pdf", "sha256": found.sha256, "bytes": len(content)}


def test_a_copy_is_kept_for_the_user_alone_and_found_again(tmp_path):
    file = tmp_path / "Jane Doe.txt"
    file.write_text("I agree. Jane Doe")
    statement = consent.read(file)
    assert consent.kept(statement.sha256) is None
    place = statement.keep()
    assert statement.keep() == place == consent.kept(statement.sha256)
    assert place.read_text() == "I agree. Jane Doe"
    assert place.parent == paths.home() / "records" / "consent"
    assert [item.name for item in place.parent.iterdir()] == [f"{statement.sha256}.txt"]
    if os.name != "nt":
        assert stat.S_IMODE(place.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", "*", "../../weights", "?" * 64])
def test_a_hostile_digest_finds_nothing(tmp_path, name):
    (tmp_path / "c").write_text("x")
    consent.read(tmp_path / "c").keep()
    assert consent.kept(name) is None


def test_what_is_no_statement_is_refused(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "blank").write_bytes(b" \r\n\t ")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(consent.MAX_BYTES + 1)
    cases = {"absent": "no file", "empty": "empty", "blank": "blank", "huge": "at most 17 MB", ".": "folder"}
    for name, words in cases.items():
        with pytest.raises(InputError) as error:
            consent.read(tmp_path / name)
        assert words in str(error.value)
        assert str(error.value).startswith("consent: ")
