"""The data that is shipped: graphs, edits, weights, the index of plugins."""

import re
import tomllib
from pathlib import Path

import pytest

from pfy_core import manifest, registry, sources, weights
from pfy_core.catalogue import Catalogue
from pfy_core.graph import Graph
from pfy_core.testing import certificate, entry


@pytest.mark.parametrize("name", registry.names("graphs"))
def test_every_graph_reads_and_is_documented(name):
    graph = Graph.load(name)
    assert graph.name == name
    assert graph.doc
    assert graph.outputs
    assert all(item.doc for item in graph.inputs.values())


@pytest.mark.parametrize("name", registry.names("graphs"))
def test_every_component_of_a_graph_is_in_the_index_of_plugins(name):
    known = {id for plugin in registry.plugins() for id in plugin["components"]}
    known |= {id for id, spec in Catalogue.discover().components.items() if spec.plugin == "pfy-core"}
    assert {node.use for node in Graph.load(name).nodes.values()} <= known


@pytest.mark.parametrize("name", sorted(registry.weights()))
def test_every_weights_entry_says_what_it_is_and_where_it_comes_from(name):
    item = weights.entries(Catalogue())[name]
    assert re.fullmatch(r"[\w.-]+", item.file)
    assert re.fullmatch(r"[\w./-]+", name)
    assert ".." not in name
    # Without a sha256 the first file that is fetched or imported binds those after it.
    assert re.fullmatch(r"([0-9a-f]{64})?", item.sha256)
    assert item.licence != "unknown"
    assert item.doc
    assert item.sources or not item.sha256  # what nobody publishes is imported
    for source in item.sources:
        assert sources.kind(source)
        assert "inside" in source or sources.kind(source) in ("path", "hub", "url", "join")


PLUGINS = Path(__file__).parents[1] / "plugins"


def test_every_plugin_of_this_tree_is_in_the_index():
    ours = {f"pfy-plugin-{file.parent.name}" for file in PLUGINS.glob("*/pyproject.toml")}
    assert ours <= {item["name"] for item in registry.plugins()}, "add them: nox -s ecosystem"


@pytest.mark.parametrize("plugin", registry.plugins(), ids=lambda plugin: plugin["name"])
def test_every_entry_of_the_index_is_in_a_file_of_its_name_and_says_all(plugin):
    assert re.fullmatch(r"pfy-plugin-[a-z0-9-]+", plugin["name"])
    assert (registry.ROOT / "plugins" / f"{plugin['name']}.toml").exists()
    assert plugin["summary"]
    assert plugin["licence"]
    assert plugin["core"]
    assert plugin["roles"] == sorted({id.partition("/")[0] for id in plugin["components"]})
    assert re.fullmatch(r"[0-9a-f]{64}|", plugin["conformance"])


@pytest.mark.parametrize(
    "folder", sorted(PLUGINS.glob("*/pyproject.toml")), ids=lambda file: file.parent.name
)
def test_the_index_says_what_the_plugins_of_this_tree_are(folder):
    """Read from their files, so that it holds for those that are not installed here, too."""
    project = tomllib.loads(folder.read_text(encoding="utf-8"))["project"]
    (root,) = folder.parent.glob("pfy_plugin_*")
    recorded = certificate.read(root)
    (listed,) = [item for item in registry.plugins() if item["name"] == project["name"]]
    assert listed == {
        "name": project["name"],
        "summary": project["description"],
        "components": sorted(item["id"] for item in manifest.read(root / manifest.FILE)["components"]),
        "roles": listed["roles"],
        "core": entry.core(project["dependencies"]),
        "licence": project["license"],
        "conformance": certificate.digest_of(recorded) if recorded else "",
    }, f"make it again: pfy plugins entry {project['name']} -o registry/plugins/{project['name']}.toml"


TABLES = [
    file for file in sorted(PLUGINS.glob("*/README.md")) if "\n| option |" in file.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("readme", TABLES, ids=lambda file: file.parent.name)
def test_a_readme_with_a_table_of_options_has_them_all(readme):
    (root,) = readme.parent.glob("pfy_plugin_*")
    rows = re.findall(r"^\| (`.*?) \|", readme.read_text(encoding="utf-8"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(?:\w+\.)?(\w+)`", row)}
    for component in manifest.read(root / manifest.FILE)["components"]:
        assert [item["name"] for item in component["config"] if item["name"] not in named] == []


def test_rooms_that_do_not_exist_are_empty():
    assert registry.names("nothing") == []
    assert not registry.path("graphs", "nothing").exists()
