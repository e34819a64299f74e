"""The data that is shipped: graphs, edits, weights, the index of plugins."""

import re

import pytest

from pfy_core import registry, sources, weights
from pfy_core.catalogue import Catalogue
from pfy_core.graph import Graph


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
    assert item.size > 0 or not item.sha256
    assert item.licence != "unknown"
    assert item.doc
    assert item.sources or not item.sha256  # what nobody publishes is imported
    for source in item.sources:
        assert sources.kind(source)
        assert "inside" in source or sources.kind(source) in ("path", "hub", "url", "join")


@pytest.mark.parametrize("plugin", registry.plugins(), ids=lambda plugin: plugin["name"])
def test_every_plugin_of_the_index_is_described_and_claims_what_it_brings(plugin):
    assert re.fullmatch(r"pfy-plugin-[a-z0-9-]+", plugin["name"])
    assert plugin["summary"]
    assert plugin["licence"]
    found = Catalogue.discover()
    if plugin["name"] in found.plugins:
        brought = {id for id, spec in found.components.items() if spec.plugin == plugin["name"]}
        assert set(plugin["components"]) <= brought


def test_rooms_that_do_not_exist_are_empty():
    assert registry.names("nothing") == []
    assert not registry.path("graphs", "nothing").exists()
