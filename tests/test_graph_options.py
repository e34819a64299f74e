"""Options: the names under which a graph offers what its nodes can be set to."""

import pytest
import toys

from pfy_core import Graph, GraphError, InputError, registry
from pfy_core.catalogue import Catalogue
from pfy_core.check import check, resolve

TEXT = """
pfy: 1
inputs: {text: text, wave: {kind: audio.wave, rate: 16000}}
nodes:
  say: {use: decoder/say, take: {text: $text}}
  move: {use: decoder/move, take: {wave: say.wave}}
outputs: {out: move}
options:
  pace: say.speed
  fps: [move.fps, film.fps]
  rate: inputs.wave.rate
"""


def test_an_option_sets_every_place_it_names():
    graph = Graph.from_yaml(TEXT.replace("film.fps", "say.fps")).choose(fps=50, pace="1e3", rate=8000)
    assert graph.nodes["move"].config == {"fps": 50}
    assert graph.nodes["say"].config == {"speed": "1e3", "fps": 50}
    assert graph.inputs["wave"].rate == 8000


def test_an_option_of_none_leaves_the_graph_as_it_is():
    graph = Graph.from_yaml(TEXT)
    assert graph.choose(pace=None) == graph
    assert graph.choose() == graph


def test_an_option_that_is_not_offered_is_refused_with_the_nearest():
    with pytest.raises(InputError) as caught:
        Graph.from_yaml(TEXT, name="mine").choose(pce=1)
    assert "no option 'pce'" in caught.value.sends
    assert "pace" in caught.value.fix
    with pytest.raises(InputError) as caught:
        Graph("bare").choose(head="still")
    assert "it has none" in caught.value.fix


def test_options_are_no_part_of_what_a_graph_computes():
    graph = Graph.from_yaml(TEXT)
    assert graph.digest() == Graph.from_yaml(TEXT.split("options:")[0]).digest()
    assert graph.choose(pace=2).digest() != graph.digest()


def test_check_finds_an_option_of_a_node_that_is_not_there():
    problems = [
        problem for problem in check(Graph.from_yaml(TEXT), toys.catalogue()) if problem.code == "E304"
    ]
    assert [(problem.where, problem.sends, problem.line) for problem in problems] == [
        ("options.fps", "film.fps", 10)
    ]


@pytest.mark.parametrize("value", ["7", "[]", "head", "[a.b, 3]", "{a: b.c}", "a..b"])
def test_an_option_that_names_no_place_is_a_fault_of_the_file(value):
    with pytest.raises(GraphError) as caught:
        Graph.from_yaml(f"pfy: 1\noptions:\n  head: {value}\n")
    assert caught.value.problems[0].where == "options.head"
    assert caught.value.problems[0].line == 3


def test_an_edit_that_removes_a_node_takes_its_options_away(tmp_path):
    (tmp_path / "less.yaml").write_text("remove: [say]\n")
    graph = Graph.from_yaml(TEXT.replace("film.fps", "say.fps")).edit(str(tmp_path / "less.yaml"))
    assert graph.options == {"fps": ("move.fps",), "rate": ("inputs.wave.rate",)}


# the paper's graphs need plugins that stand on torch: tests/p4y
@pytest.mark.parametrize("name", [name for name in registry.names("graphs") if not name.startswith("p4y")])
def test_every_option_of_a_shipped_graph_is_a_field_of_its_component(name):
    resolved = resolve(Graph.load(name), Catalogue.discover())
    for option, places in resolved.graph.options.items():
        for place in places:
            head, field = place.split(".", 1)
            if head != "inputs":
                assert field in [item.name for item in resolved.specs[head].config], option
