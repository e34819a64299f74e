"""doctor: what is installed, what is missing, how to get it."""

import json
import os

import pytest
from installing import install, pfy

from pfy_core import doctor, paths, registry, weights
from pfy_core.catalogue import Catalogue
from pfy_core.check import check
from pfy_core.graph import Graph


def found(catalogue=None):
    return {(item.room, item.what): item for item in doctor.examine(catalogue or Catalogue.discover())}


def test_the_machine_is_described():
    about = found()
    assert about["machine", "processors"].detail == str(os.cpu_count())
    assert "GB free" in about["machine", "disk"].detail
    assert str(paths.home()) in about["machine", "disk"].detail


def test_a_folder_that_does_not_exist_yet_is_looked_at_by_its_parent(monkeypatch, tmp_path):
    monkeypatch.setenv("PFY_HOME", str(tmp_path / "a" / "b" / "c"))
    assert found()["machine", "disk"].state == "ok"
    assert list(tmp_path.iterdir()) == []


def test_little_disk_is_a_note_with_advice(monkeypatch):
    monkeypatch.setattr(doctor, "LOW_DISK", 1 << 62)
    disk = found()["machine", "disk"]
    assert (disk.state, disk.fix) == ("note", "free some space")
    assert doctor.healthy([disk])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_missing(monkeypatch, tmp_path):
    tmp_path.chmod(0o500)
    monkeypatch.setenv("PFY_HOME", str(tmp_path))
    assert "PFY_HOME" in found()["machine", "folder"].fix


def test_plugins_are_listed_known_ones_that_are_absent_and_broken_ones_too(site):
    install(site, "pfy-plugin-bad", "pfy_plugin_bad", {"pfy.json": "{"})
    about = found()
    assert about["plugins", "pfy-core"].state == "ok"
    assert about["plugins", "pfy-plugin-bad"].state == "missing"
    assert "not JSON" in about["plugins", "pfy-plugin-bad"].detail
    for known in registry.plugins():
        assert ("plugins", known["name"]) in about
    for known in registry.plugins():
        absent = found(Catalogue())["plugins", known["name"]]
        assert (absent.state, absent.fix) == ("note", f"pip install {known['name']}")


def test_a_broken_plugin_does_not_make_the_default_graph_unhealthy():
    bad = doctor.Finding("plugins", "pfy-plugin-bad", "missing")
    assert doctor.healthy([bad])
    assert not doctor.healthy([bad, doctor.Finding("portrait", "graph portrait", "missing")])


def test_every_shipped_graph_is_checked():
    about = found()
    for name in registry.names("graphs"):
        item = next(item for (_, what), item in about.items() if what == f"graph {name}")
        assert (item.state == "ok") == (check(Graph.load(name)) == [])
    broken = found(Catalogue())
    assert broken["portrait", "graph portrait"].state == "missing"
    assert broken["portrait", "graph portrait"].fix
    assert not doctor.healthy(list(broken.values()))


def test_weights_of_the_default_graph_are_listed_with_size_licence_and_how_to_fetch_them():
    pytest.importorskip("pfy_plugin_portrait")
    name = "face-mesh/attention"
    item = weights.entry(name)
    about = found()["weights", name]
    assert (about.state, about.fix) == ("note", f"pfy weights pull {name}")
    assert item.licence in about.detail
    assert f"{item.size / 1e6:.1f} MB" in about.detail


def test_the_command_fails_when_the_default_graph_cannot_run():
    done = pfy("doctor", "--json", PFY_PLUGINS="pfy-core")
    assert done.returncode == 2
    shown = {item["what"]: item for item in json.loads(done.stdout)}
    assert shown["graph portrait"]["state"] == "missing"
    assert shown["pfy-plugin-portrait"]["fix"] == "pip install pfy-plugin-portrait"
    text = pfy("doctor", PFY_PLUGINS="pfy-core").stdout
    assert "MISSING" in text
    assert "pip install pfy-plugin-portrait" in text
