"""The paper's graphs: they fit, they are one graph in two sizes, and the released layout has its lengths."""

import pytest
from stage import TEXT, seen, short

from pfy_core import Graph, difference
from pfy_core.catalogue import installed
from pfy_core.check import check, resolve
from pfy_core.runner import Runner


@pytest.mark.parametrize("name", ["p4y", "p4y-released", "p4y-tiny"])
def test_a_graph_of_the_paper_has_no_problems(name):
    assert check(Graph.load(name)) == []


@pytest.mark.parametrize("name", ["p4y", "p4y-released", "p4y-tiny"])
def test_every_option_of_a_graph_of_the_paper_is_one_of_its_components(name):
    resolved = resolve(Graph.load(name), installed())
    for places in resolved.graph.options.values():
        for node, field in (place.split(".", 1) for place in places):
            known = {item.name for item in resolved.specs[node].config}
            assert field.removeprefix("place.") in known


def test_the_tiny_graph_is_that_of_the_paper_but_for_options():
    found = difference.changes(Graph.load("p4y"), Graph.load("p4y-tiny"))
    assert {change.kind for change in found} == {"option"}


@pytest.mark.parametrize("fuser", ["fuser/ste", "fuser/none"])
def test_another_fuser_takes_the_slot(fuser, photo, recording, store):
    graph = Graph.load("p4y-tiny").set(f"fusion={fuser}")
    assert check(graph) == []
    found = seen(short(graph), photo, recording, store)
    assert len(found["frames"]) == len(found["features"]) > 1
    assert found["frames"].std() > 1


def test_the_released_layout_has_the_lengths_of_the_released_code(photo, recording):
    bare = ("visual.weights=", "visual.size=tiny", "voice.weights=", "fusion.weights=", "text.vocabulary=")
    places = {"image": "visual.tokens", "face": "landmarks.tokens", "text": "text.tokens"}
    places |= {"voice": "voice.voice", "speaker": "voice.speaker"}
    places |= {"audio": "fusion.audio", "visual": "fusion.visual"}
    graph = Graph.load("p4y-released").set("landmarks.identity=", *bare).output(**places)
    given = {"text": TEXT, "face": photo, "voice": recording}
    with Runner(graph)(given, outputs=places) as made:
        rows = {name: len(made[name]) for name in places}
        assert {made[name].shape[1] for name in places} == {512}
        made.wait()
    assert rows["audio"] == rows["voice"] + rows["speaker"] == 65
    assert rows["visual"] == rows["image"] + rows["face"] == 3073
    assert rows["visual"] + rows["text"] == 3074
    assert rows["audio"] + rows["text"] == 66
