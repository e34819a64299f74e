"""Which nodes a run needs, which are switched off, and the errors for what is not given."""

import pytest
import toys

from pfy_core import Encoder, Graph, GraphError, InputError
from pfy_core.check import resolve
from pfy_core.plan import plan


def planned(graph, *given, outputs=None, more=()):
    return plan(resolve(graph, toys.catalogue(*more)).require(), set(given), outputs)


def test_only_nodes_behind_the_wanted_outputs_run():
    made = planned(toys.speech(), "text", outputs=["wave"])
    assert made.order == ["say"]
    assert list(made.outputs) == ["wave"]


def test_every_node_follows_its_sources():
    made = planned(toys.speech(), "text", "voice")
    assert (
        made.order.index("pitch")
        < made.order.index("say")
        < made.order.index("move")
        < made.order.index("film")
    )


def test_an_absent_optional_input_switches_off_the_nodes_that_need_it():
    made = planned(toys.speech(), "text")
    assert made.skipped == {"pitch": "$voice"}
    assert "pitch" not in made.order
    assert [port.name for port, _, _ in made.takes["say"]] == ["text"]


def test_switching_off_spreads_to_what_cannot_do_without():
    graph = (
        toys.sums()
        .input("more", "text", optional=True)
        .add("e", "encoder/embed", text="$more")
        .add("s", "encoder/scale", latent="e")
        .add("mix", "fuser/mix", latents=["scale", "s"])
        .output(mix="mix")
    )
    made = planned(graph, "text")
    assert made.skipped == {"e": "$more", "s": "$more"}
    assert [origin for _, origin, _ in made.takes["mix"]] == ["scale"]


def test_nodes_that_an_optional_input_would_feed_but_nobody_wants_are_not_mentioned():
    assert planned(toys.speech(), "text", outputs=[]).skipped == {}


def test_a_wanted_output_of_a_switched_off_node_is_an_error_with_a_way_out():
    graph = toys.speech().output(pitch="pitch")
    with pytest.raises(GraphError) as caught:
        planned(graph, "text")
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("E601", "outputs.pitch")
    assert "$voice" in problem.sends
    assert "pitch" in planned(graph, "text", "voice").outputs
    assert "pitch" not in planned(graph, "text", outputs=["wave"]).outputs


def test_an_input_that_is_also_an_output_is_passed_on():
    graph = toys.sums().output(text="$text")
    assert planned(graph, "text").outputs["text"] == ("$text", "")


def test_an_absent_optional_input_is_no_output():
    graph = toys.speech().output(voice="$voice")
    assert "voice" not in planned(graph, "text").outputs


def test_a_misspelt_input_gets_the_nearest():
    with pytest.raises(InputError, match="did you mean 'text'"):
        planned(toys.speech(), "txt")


def test_a_missing_input_is_named_with_its_kind_and_doc():
    with pytest.raises(InputError, match="'text'") as caught:
        planned(toys.sums().set("inputs.text.doc=what is said"))
    assert caught.value.wants == "text: what is said"


def test_an_input_that_no_wanted_output_depends_on_may_be_left_out():
    graph = toys.speech().input("face", "image.rgb").output(face="$face")
    assert planned(graph, "text", outputs=["motion"]).order == ["say", "move"]
    for wanted in (None, ["face"]):
        with pytest.raises(InputError, match="nothing for input 'face'"):
            planned(graph, "text", outputs=wanted)


def test_a_misspelt_output_gets_the_nearest():
    with pytest.raises(InputError, match="did you mean 'frames'"):
        planned(toys.speech(), "text", outputs=["frame"])


def test_uses_counts_ports_and_outputs_and_followers_are_nodes():
    made = planned(toys.speech(), "text")
    assert {node: made.uses[node] for node in made.order} == {"say": 3, "move": 3, "film": 1, "count": 1}
    assert made.followers == {"say": ["move"], "move": ["film", "count"], "film": [], "count": []}


def test_a_node_that_takes_one_source_twice_uses_it_twice_and_follows_it_once():
    graph = (
        Graph("g")
        .input("text", "text")
        .add("e", "encoder/embed", text="$text")
        .add("m", "fuser/mix", latents=["e", "e"])
        .output(m="m")
    )
    made = planned(graph, "text")
    assert (made.uses["e"], made.followers["e"]) == (2, ["m"])


def test_optional_ports_take_what_is_there():
    class Either(Encoder, name="either"):
        def __call__(self, a: toys.Text | None = None, b: toys.Text | None = None) -> toys.Text:
            return f"{a}{b}"

    graph = (
        Graph("g")
        .input("a", "text", optional=True)
        .input("b", "text", optional=True)
        .add("e", "encoder/either", a="$a", b="$b")
        .output(e="e")
    )
    assert [port.name for port, _, _ in planned(graph, "b", more=[Either]).takes["e"]] == ["b"]
    assert planned(graph, more=[Either]).order == ["e"]
