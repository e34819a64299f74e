"""Errors: what was sent, what is wanted, how to fix it; and the status that a shell sees."""

import json

import pytest

from pfy_core import GraphError, InputError, PfyError, Problem
from pfy_core.errors import (
    Cancelled,
    NodeError,
    OutputError,
    PluginError,
    WeightsError,
    did_you_mean,
)

PROBLEM = Problem("E204", "nodes.a.take.b", "text", "image.rgb", "take it from $face", 7)


def test_an_error_says_what_was_sent_what_is_wanted_and_the_way_out():
    assert (
        str(InputError("a wave", "a photo", "use another"))
        == "a wave\n  wants  a photo\n  fix    use another"
    )
    assert str(InputError("a wave")) == "a wave"
    assert str(InputError("a wave", fix="use another")) == "a wave\n  fix    use another"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        *((kind("a"), 2) for kind in (PfyError, InputError, OutputError, PluginError, WeightsError)),
        (GraphError([PROBLEM]), 2),
        (NodeError("n", "encoder/x", "pfy-plugin-x", ValueError("oh")), 1),
        (Cancelled(), 130),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_is_a_pfy_error_with_its_exit_status_and_is_json(error, status):
    assert isinstance(error, PfyError)
    assert error.exit_code == status
    found = json.loads(json.dumps(error.as_dict()))
    assert found["error"] == type(error).__name__
    assert found["sends"] == error.sends


def test_a_problem_names_its_line_where_there_is_one():
    assert str(PROBLEM).splitlines() == [
        "E204  line 7, nodes.a.take.b",
        "  sends  text",
        "  wants  image.rgb",
        "  fix    take it from $face",
    ]
    assert str(Problem("E303", "outputs", "nothing")) == "E303  outputs\n  sends  nothing"


def test_a_graph_error_carries_every_problem():
    error = GraphError([PROBLEM, Problem("E303", "outputs", "nothing")], "mine")
    assert str(error).splitlines()[0] == "graph mine has 2 problems"
    assert str(PROBLEM) in str(error)
    assert [item["code"] for item in error.as_dict()["problems"]] == ["E204", "E303"]
    assert str(GraphError([PROBLEM])).startswith("graph without a name has 1 problem\n")


def test_a_failed_node_is_named_with_the_plugin_to_turn_to():
    error = NodeError("motion", "decoder/x", "pfy-plugin-x", ValueError("oh"))
    assert str(error).startswith("node 'motion' failed: ValueError: oh")
    assert "pfy-plugin-x" in error.fix
    assert "this session" in NodeError("n", "decoder/x", "", ValueError()).fix


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("fsp", ["fps", "gain"], "did you mean 'fps'?"),
        ("xyz", ["fps", "gain"], ""),
        ("fps", [], ""),
        ("porttrait", {"portrait": 1, "portrait-speech": 2}, "did you mean 'portrait'?"),
    ],
)
def test_the_nearest_known_name_is_suggested(name, known, hint):
    assert did_you_mean(name, known) == hint
