"""What differs between two graphs, as text and as data."""

import json
import subprocess
import sys

import pytest

from pfy_core import Graph, difference

GRAPH = """
inputs: {text: text, voice: {kind: audio.wave, optional: true}}
nodes:
  speech: {use: decoder/speech, take: {text: $text, profile: $voice}, with: {speed: 1.0}}
  motion: {use: decoder/visemes, take: {phones: speech.phones, wave: speech.wave}}
outputs: {wave: speech.wave, motion: motion}
options: {speed: speech.speed}
"""


@pytest.fixture
def graph():
    return Graph.from_yaml(GRAPH)


def lines(one, other):
    return [str(change) for change in difference.changes(one, other)]


def test_a_graph_does_not_differ_from_itself_or_by_its_name(graph):
    assert difference.changes(graph, graph) == []
    assert difference.changes(graph, Graph.from_yaml(GRAPH, name="other")) == []


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        ("speech=decoder/theirs", "~ component  speech: decoder/speech -> decoder/theirs"),
        ("speech.speed=1.2", "~ option     speech.speed: 1.0 -> 1.2"),
        ("motion.head=still", "+ option     motion.head: still"),
        ("nodes.motion.take.wave=$voice", "~ edge       motion.wave: speech.wave -> $voice"),
        ("nodes.motion.place.device=cuda", "+ place      motion.device: cuda"),
        ("inputs.voice.optional=false", "~ input      voice: audio.wave (optional) -> audio.wave"),
        ("outputs.words=speech.words", "+ output     words: speech.words"),
    ],
)
def test_every_sort_of_change_is_one_line(graph, edit, line):
    assert lines(graph, graph.set(edit)) == [line]


def test_backwards_what_was_new_is_gone(graph):
    assert lines(graph.set("motion.head=still"), graph) == ["- option     motion.head: still"]


def test_a_new_node_is_named_with_its_component_and_edges(graph):
    more = graph.add("low", "adapter/resample", {"source": 24000}, wave="speech.wave")
    assert lines(graph, more) == ["+ node       low: adapter/resample  wave <- speech.wave"]


def test_lists_of_sources_are_compared_in_order(graph):
    two = graph.add("mix", "adapter/mix", waves=["speech.wave", "$voice"])
    turned = graph.add("mix", "adapter/mix", waves=["$voice", "speech.wave"])
    assert lines(two, turned) == ["~ edge       mix.waves: speech.wave, $voice -> $voice, speech.wave"]


def told(*arguments):
    code = f"import sys; from pfy_core.cli import main; sys.argv[1:] = {list(arguments)!r}; main()"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_the_command_shows_what_a_named_edit_does():
    done = told("graph", "diff", "portrait", "portrait+still-head")
    assert done.stdout == "+ option     motion.head: still\n"
    found = json.loads(told("graph", "diff", "portrait", "portrait+still-head", "--json").stdout)
    assert found["changes"] == [{"kind": "option", "where": "motion.head", "before": None, "after": "still"}]
    assert told("graph", "diff", "portrait", "portrait").stdout == "portrait and portrait compute the same\n"
    refused = told("graph", "diff", "portrait", "portrayt")
    assert refused.returncode == 2
    assert "did you mean 'portrait'" in refused.stderr
