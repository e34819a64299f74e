"""Known plugins: what a component that is not installed was brought by, and how to get it."""

import json
import shutil

import pytest
import toys
from installing import install, install_toy, manifest, pfy

from pfy_core import known, paths, registry
from pfy_core.catalogue import Catalogue, Plugin, installed
from pfy_core.known import Known

UPPER = "encoder/upper"


def advice(id, catalogue=None):
    return (catalogue or toys.catalogue()).advice(id)


def remembered():
    return json.loads((paths.home() / known.FILE).read_text())


def test_a_component_of_the_index_says_what_to_install():
    assert advice("encoder/face-mesh") == "pip install pfy-plugin-portrait"


def test_a_component_nearly_of_the_index_says_both():
    assert advice("encoder/face-mehs") == "did you mean 'encoder/face-mesh'? pip install pfy-plugin-portrait"


def test_an_installed_component_is_only_meant():
    assert advice("encoder/scael") == "did you mean 'encoder/scale'?"


def test_an_installed_plugin_that_lacks_what_the_index_says_is_to_be_upgraded():
    made = toys.catalogue()
    made.plugins["pfy-plugin-portrait"] = Plugin("pfy-plugin-portrait", "p", "0.0.1")
    assert advice("encoder/face-mesh", made) == "pip install -U pfy-plugin-portrait"


@pytest.fixture
def gone(site):
    """A plugin was installed, was seen, and is gone."""
    install_toy(site)
    assert UPPER in installed(refresh=True).components
    for folder in site.iterdir():
        shutil.rmtree(folder)
    return Catalogue.discover()


def test_a_plugin_that_was_here_is_remembered_by_its_components(gone):
    assert advice(UPPER, gone) == "it was brought by pfy-plugin-toy 1.0: pip install pfy-plugin-toy"
    assert advice("encoder/uper", gone).startswith("did you mean 'encoder/upper'? it was brought by")
    assert remembered()[UPPER] == {"plugin": "pfy-plugin-toy", "version": "1.0"}


def test_a_newer_version_without_the_component_is_told_from_the_one_that_had_it(gone, site):
    root = install(site, "pfy-plugin-toy", "pfy_plugin_toy", {}, version="2.0")
    (root / "pfy.json").write_text(manifest())
    made = installed(refresh=True)
    wanted = "pfy-plugin-toy 1.0 brought it, 2.0 does not: pip install pfy-plugin-toy==1.0"
    assert advice(UPPER, made) == wanted


def test_check_names_the_plugin_that_is_gone(tmp_path):
    graph = tmp_path / "graph.yaml"
    graph.write_text(
        "inputs: {text: text}\n"
        "nodes: {up: {use: encoder/upper, take: {text: $text}}}\n"
        "outputs: {out: up.upper}\n"
    )
    install_toy(tmp_path / "site")
    assert pfy("check", str(graph), site=tmp_path / "site").returncode == 0
    done = pfy("check", str(graph))
    assert done.returncode == 2
    assert "fix    it was brought by pfy-plugin-toy 1.0: pip install pfy-plugin-toy" in done.stderr


def test_plugins_of_the_index_and_the_core_need_no_remembering():
    installed(refresh=True)
    assert not (paths.home() / known.FILE).exists()


def test_what_is_remembered_already_is_not_written_again(site):
    install_toy(site)
    installed(refresh=True)
    file = paths.home() / known.FILE
    before = file.stat().st_mtime_ns
    installed(refresh=True)
    assert file.stat().st_mtime_ns == before


def test_a_folder_that_cannot_be_written_stops_nothing(site, tmp_path, monkeypatch):
    (tmp_path / "home").write_text("a file where the folder should be")
    monkeypatch.setenv("PFY_HOME", str(tmp_path / "home"))
    install_toy(site)
    assert UPPER in installed(refresh=True).components


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"encoder/upper": 3}', "[" * 100_000, '{"a": {"b": []}}']
)
def test_a_damaged_memory_is_no_memory(text):
    paths.home().mkdir(exist_ok=True)
    (paths.home() / known.FILE).write_text(text)
    assert advice(UPPER)
    assert UPPER not in known.components()


def test_the_index_has_the_last_word():
    paths.home().mkdir(exist_ok=True)
    theirs = {"plugin": "pfy-plugin-other", "version": "1"}
    (paths.home() / known.FILE).write_text(json.dumps({"encoder/face-mesh": theirs, "encoder/x": theirs}))
    assert known.components()["encoder/face-mesh"] == Known("pfy-plugin-portrait")
    assert known.components()["encoder/x"] == Known("pfy-plugin-other", "1")
    assert set(known.components()) > {id for item in registry.plugins() for id in item["components"]}
