"""The entry of a plugin in the index, made from what its distribution, manifest and certificate say."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from installing import install_toy, pfy

from pfy_core.catalogue import Catalogue
from pfy_core.errors import PluginError
from pfy_core.testing import certificate, digest_of
from pfy_core.testing.entry import core, entry, toml

NAME = "pfy-plugin-toy"
ABOUT = 'Summary: a "toy"\nLicense-Expression: MIT\nRequires-Dist: pfy-core<0.3,>=0.1\n'
CERTIFICATE = {
    "schema": 1,
    "core": "0.1.0",
    "version": "1.0",
    "components": {
        "encoder/upper": {"run": ["docs"], "skipped": {"seed": "it takes no seed"}, "expected": {}}
    },
}


@pytest.fixture
def toy(site):
    """Installs the toy plugin with more metadata; returns the folder of its package."""

    def made(about=ABOUT):
        root = install_toy(site)
        (info,) = site.glob("*.dist-info")
        with (info / "METADATA").open("a") as file:
            file.write(about)
        return root

    return made


def made():
    return entry(Catalogue.discover().plugins[NAME])


def test_an_entry_says_what_the_plugin_says_of_itself(toy):
    toy()
    found = made()
    assert (found["name"], found["summary"], found["licence"]) == (NAME, 'a "toy"', "MIT")
    assert found["core"] == "<0.3,>=0.1"
    assert "encoder/upper" in found["components"]
    assert found["roles"] == sorted({id.partition("/")[0] for id in found["components"]})
    assert found["conformance"] == ""


def test_an_entry_holds_the_digest_of_the_certificate(toy):
    certificate.write(toy(), CERTIFICATE)
    assert made()["conformance"] == digest_of(CERTIFICATE)


@pytest.mark.parametrize("missing", ["Summary", "License-Expression"])
def test_a_plugin_that_does_not_say_what_it_is_gets_no_entry(toy, missing):
    toy("".join(line for line in ABOUT.splitlines(keepends=True) if not line.startswith(missing)))
    with pytest.raises(PluginError, match=r"says no (summary|licence)"):
        made()


def test_a_plugin_that_is_set_aside_gets_no_entry(toy):
    (toy() / "pfy.json").write_text("{")
    with pytest.raises(PluginError, match="set aside"):
        made()


@pytest.mark.parametrize(
    ("requirements", "versions"),
    [
        (["numpy", "pfy-core==0.1.0"], "==0.1.0"),
        (["pfy-core[credentials]>=0.1"], ">=0.1"),
        (["pfy-core"], ""),
        ([], ""),
    ],
)
def test_the_core_range_is_that_of_the_requirement(requirements, versions):
    assert core(requirements) == versions


words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")))


@given(
    st.dictionaries(st.from_regex(r"[a-z]+", fullmatch=True), words | st.lists(words, max_size=3), max_size=4)
)
def test_an_entry_reads_back_from_its_file(data):
    assert tomllib.loads(toml(data)) == data


def test_the_command_prints_writes_and_refuses(toy, site, tmp_path):
    toy()
    shown = pfy("plugins", "entry", NAME, site=site).stdout
    assert tomllib.loads(shown) == json.loads(pfy("plugins", "entry", NAME, "--json", site=site).stdout)
    file = tmp_path / "toy.toml"
    assert pfy("plugins", "entry", NAME, "-o", str(file), site=site).stdout == ""
    assert file.read_text() == shown
    refused = pfy("plugins", "entry", "pfy-plugin-tyo", site=site)
    assert refused.returncode == 2
    assert "did you mean 'pfy-plugin-toy'" in refused.stderr
