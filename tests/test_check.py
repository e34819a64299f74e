"""check: every problem of a graph at once, each with its code, its place, its line and a way out."""

import re
from typing import Annotated

import numpy as np
import pytest
import scenes
import toys
from hypothesis import given
from hypothesis import strategies as st
from test_graph import graphs

from pfy_core import Encoder, Fuser, Graph, GraphError, OptionalWeights, Port, Problem, Weights
from pfy_core.catalogue import Catalogue, Plugin
from pfy_core.check import check, resolve


class Reader(Encoder, name="reader"):
    """Something with weights."""

    def __init__(self, *, table: Weights = "toy/here") -> None: ...

    def __call__(self, text: toys.Text) -> toys.Text:
        return text


class Lexicon(Encoder, name="lexicon"):
    """Something that can do without its weights."""

    def __init__(self, *, table: OptionalWeights = "toy/lost") -> None: ...

    def __call__(self, text: toys.Text) -> toys.Text:
        return text


class Patches(Encoder, name="patches"):
    """Always 64 tokens."""

    def __call__(self, text: toys.Text) -> Annotated[np.ndarray, Port("latent.patches", "64 8")]:
        return np.zeros((64, 8))


class Token(Encoder, name="token"):
    """Always one token."""

    def __call__(self, text: toys.Text) -> Annotated[np.ndarray, Port("latent.token", "1 8")]:
        return np.zeros((1, 8))


class Join(Fuser, name="join"):
    """Token sources of any length each."""

    def __call__(
        self, *sources: Annotated[np.ndarray, Port("latent", "_ 8")]
    ) -> Annotated[np.ndarray, Port("latent.joined", "t 8")]:
        return np.concatenate(sources)


class Stack(Fuser, name="stack"):
    """Token sources of one length."""

    def __call__(
        self, *sources: Annotated[np.ndarray, Port("latent", "t 8")]
    ) -> Annotated[np.ndarray, Port("latent.joined", "t 8")]:
        return np.add.reduce(sources)


WEIGHTS = {
    "toy/here": {"file": "here.bin", "sources": [{"url": "https://localhost:9/here.bin"}]},
    "toy/lost": {"file": "lost.bin"},
}


def catalogue():
    made = toys.catalogue(Reader, Lexicon, Patches, Token, Join, Stack)
    made.plugins["pfy-plugin-files"] = Plugin("pfy-plugin-files", "files", manifest={"weights": WEIGHTS})
    return made


CATALOGUE = catalogue()

SOUND = """\
inputs: {text: text, recording: audio.wave}
nodes:
  embed: {use: encoder/embed, take: {text: $text}}
  wide: {use: encoder/embed, take: {text: $text}, with: {width: 4}}
  say: {use: decoder/say, take: {text: $text}}
  move: {use: decoder/move, take: {wave: say.wave, words: say.words}}
"""

FAULTS = """\
  x101:
    use: encoder/embedd  # E101 nodes.x101.use
    take: {text: $text}

  x201:
    use: decoder/move
    take:  # E201 nodes.x201.take
      wave: say.wave

  x202:
    use: encoder/scale
    take:
      latent: embed
      latents: embed  # E202 nodes.x202.take.latents

  x203a:
    use: encoder/scale
    take:
      latent: embde  # E203 nodes.x203a.take.latent

  x203b:
    use: encoder/scale
    take: {latent: embed.rows}  # E203 nodes.x203b.take.latent

  x203c:
    use: encoder/embed
    take: {text: $txt}  # E203 nodes.x203c.take.text

  x203d:
    use: encoder/pitch
    take: {wave: say}  # E203 nodes.x203d.take.wave

  x204:
    use: encoder/scale
    take: {latent: $text}  # E204 nodes.x204.take.latent

  x205:
    use: fuser/mix
    take:
      latents: [embed, wide]  # E205 nodes.x205.take.latents

  x206a:
    use: encoder/pitch
    take: {wave: say.wave}  # E206 nodes.x206a.take.wave

  x206b:
    use: decoder/film
    take: {motion: move}  # E206 nodes.x206b.take.motion
    with: {fps: 30}

  x207:
    use: encoder/whisper
    take: {latent: embed}  # E207 nodes.x207.take.latent

  x208:
    use: encoder/scale
    take: {latent: [embed, embed]}  # E208 nodes.x208.take.latent

  x301:
    use: encoder/scale
    take: {latent: x301}  # E301 nodes.x301.take

  x401a:
    use: decoder/move
    take: {wave: say.wave, words: say.words}
    with:
      fps: 25
      fpss: 30  # E401 nodes.x401a.with.fpss

  x401b:
    use: decoder/move
    take: {wave: say.wave, words: say.words}
    with: {style: wild}  # E401 nodes.x401b.with.style

  x402:
    use: encoder/embed
    take: {text: $text}
    place: {devise: cpu}  # E402 nodes.x402.place.devise

  x501:
    use: encoder/reader
    take: {text: $text}
    with:
      table: toy/hare  # E501 nodes.x501.with.table

  x501b:
    use: encoder/reader
    take: {text: $text}
    with: {table: toy/lost}  # E501 nodes.x501b.with.table
"""
BLOCKS = [block.rstrip("\n") + "\n" for block in FAULTS.split("\n\n")]
OUTPUTS = "outputs:\n  motion: move\n"
BAD_OUTPUT = "  lost: nowhere  # E203 outputs.lost\n"


def expected(text):
    """(code, place, line) of the comments in a graph's text."""
    lines = enumerate(text.splitlines(), 1)
    return {(*found.groups(), line) for line, row in lines if (found := re.search(r"# (E\d+) (\S+)", row))}


def found(problems):
    return {(problem.code, problem.where, problem.line) for problem in problems}


def only(problems) -> Problem:
    assert len(problems) == 1, problems
    return problems[0]


def test_a_sound_graph_has_no_problems():
    assert check(Graph.from_yaml(SOUND + OUTPUTS), CATALOGUE) == []
    assert check(toys.speech(), CATALOGUE) == []
    assert check(toys.sums(), CATALOGUE) == []


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split(":")[0].strip())
def test_a_planted_fault_is_found_where_it_is(block):
    text = SOUND + block + OUTPUTS
    assert found(check(Graph.from_yaml(text), CATALOGUE)) == expected(text)


@given(st.lists(st.sampled_from(BLOCKS), unique=True), st.booleans())
def test_all_planted_faults_are_found_at_once(blocks, bad_output):
    text = SOUND + "".join(blocks) + OUTPUTS + BAD_OUTPUT * bad_output
    assert found(check(Graph.from_yaml(text), CATALOGUE)) == expected(text)


def test_a_graph_without_outputs_is_reported():
    assert only(check(Graph.from_yaml(SOUND), CATALOGUE)).code == "E303"


# What the problems say ----------------------------------------------------------------------------


def problem(block, **more):
    return only(check(Graph.from_yaml(SOUND + block + OUTPUTS), more.get("catalogue", CATALOGUE)))


def test_two_rates_meeting_is_reported_with_an_adapter():
    found = problem("  x: {use: encoder/pitch, take: {wave: say.wave}}\n")
    assert found.code == "E206"
    assert "24 kHz" in found.sends
    assert "say.wave" in found.sends
    assert "16 kHz" in found.wants
    assert found.fix == "insert adapter/resample between them"


def test_the_adapter_that_is_suggested_helps():
    text = SOUND + (
        "  down: {use: adapter/resample, take: {wave: say.wave}}\n"
        "  x: {use: encoder/pitch, take: {wave: down}}\n"
    )
    assert check(Graph.from_yaml(text + OUTPUTS), CATALOGUE) == []


def test_two_frame_rates_meeting_are_reported_with_both():
    found = problem("  x: {use: decoder/film, take: {motion: move}, with: {fps: 30}}\n")
    assert found.code == "E206"
    assert ("25 Hz" in found.sends, "30 Hz" in found.wants) == (True, True)


def test_two_widths_meeting_are_reported_with_both():
    found = problem("  x: {use: fuser/mix, take: {latents: [embed, wide]}}\n")
    assert found.code == "E205"
    assert "(t 4)" in found.sends
    assert "(t 3)" in found.wants


def test_an_unknown_component_gets_the_nearest():
    assert "did you mean 'encoder/embed'?" in problem("  x: {use: encoder/embedd}\n").fix


def test_an_unknown_component_of_a_known_plugin_says_what_to_install():
    assert problem("  x: {use: encoder/face-mesh}\n").fix == "pip install pfy-plugin-portrait"


def test_a_missing_input_is_offered_what_fits():
    found = problem("  x: {use: encoder/scale}\n")
    assert "latent" in found.sends
    assert found.fix == "take it from embed.out or wide.out"
    assert problem("  x: {use: encoder/pitch}\n").fix == "take it from $recording or say.wave"
    assert "$text" in problem("  x: {use: encoder/embed}\n").fix


def test_a_missing_input_that_nothing_fits_says_what_to_add():
    found = check(Graph("g").add("x", "encoder/scale").output(x="x"), CATALOGUE)
    assert only(found).fix == "add a node that makes latent.toy"


def test_a_wrong_kind_is_offered_what_fits():
    assert "embed.out" in problem("  x: {use: encoder/scale, take: {latent: $text}}\n").fix


def test_a_more_special_kind_fits_a_general_one_and_not_the_reverse():
    class General(Encoder, name="general"):
        def __call__(
            self, latent: toys.Annotated[list, toys.Port("latent")]
        ) -> toys.Annotated[list, toys.Port("latent")]:
            return latent

    cat = toys.catalogue(General)
    graph = (
        Graph("g")
        .input("text", "text")
        .add("e", "encoder/embed", text="$text")
        .add("g", "encoder/general", latent="e")
    )
    assert check(graph.output(x="g"), cat) == []
    assert only(check(graph.add("s", "encoder/scale", latent="g").output(x="g"), cat)).code == "E204"


def test_a_kind_is_a_word_and_not_the_beginning_of_one():
    graph = Graph("g").input("a", "latentish").add("t", "encoder/total", latent="$a").output(x="t")
    assert only(check(graph, CATALOGUE)).code == "E204"


def test_one_recording_cannot_go_to_two_rates():
    class Ear(Encoder, name="ear"):
        def __call__(self, wave: toys.Wave24) -> toys.Number:
            return len(wave)

    graph = (
        Graph("g")
        .input("a", "audio.wave")
        .add("p", "encoder/pitch", wave="$a")
        .add("e", "encoder/ear", wave="$a")
        .output(p="p", e="e")
    )
    assert only(check(graph, toys.catalogue(Ear))).code == "E206"


def test_a_recording_comes_at_the_rate_its_reader_wants():
    graph = Graph("g").input("a", "audio.wave").add("p", "encoder/pitch", wave="$a").output(p="p")
    assert resolve(graph, CATALOGUE).rates["$a", ""] == 16_000


def test_the_declared_rate_of_a_recording_counts():
    text = (
        "inputs: {a: {kind: audio.wave, rate: 8000}}\n"
        "nodes: {p: {use: encoder/pitch, take: {wave: $a}}}\n"
        "outputs: {p: p}"
    )
    assert only(check(Graph.from_yaml(text), CATALOGUE)).code == "E206"


def test_rates_and_dims_travel_along_the_graph():
    graph = toys.speech().set("move.fps=50", "film.fps=50")
    resolved = resolve(graph, CATALOGUE).require()
    assert resolved.rates["film", "out"] == resolved.rates["move", "out"] == 50
    assert resolved.dims["move", "out"] == "t 4"
    assert resolve(toys.sums().set("embed.width=7"), CATALOGUE).dims["scale", "out"] == "t 7"


def test_every_cycle_is_reported_with_its_path():
    graph = (
        Graph("g")
        .add("a", "encoder/scale", latent="b")
        .add("b", "encoder/scale", latent="a")
        .add("c", "encoder/scale", latent="c")
        .output(x="a")
    )
    problems = check(graph, CATALOGUE)
    assert [problem.code for problem in problems] == ["E301", "E301"]
    texts = " ".join(problem.sends for problem in problems)
    assert "c takes from c" in texts
    assert "a takes from b takes from a" in texts or "b takes from a takes from b" in texts


def test_weights_that_may_be_fetched_are_no_problem_until_one_is_offline(monkeypatch):
    graph = Graph("g").input("text", "text").add("r", "encoder/reader", text="$text").output(x="r")
    assert check(graph, CATALOGUE) == []
    monkeypatch.setenv("PFY_OFFLINE", "1")
    offline = only(check(graph, CATALOGUE))
    assert offline.code == "E501"
    assert "PFY_OFFLINE" in offline.sends
    assert "here.bin" in offline.fix


def test_a_checkpoint_that_is_cut_short_is_a_problem_before_anything_runs(tmp_path):
    file = tmp_path / "mine.pth"
    file.write_bytes(b"PK\x03\x04 and no more")
    graph = Graph("g").input("text", "text").add("r", "encoder/reader", {"table": str(file)}, text="$text")
    problem = only(check(graph.output(x="r"), CATALOGUE))
    assert problem.code == "E501"
    assert "cut short" in problem.sends
    assert "again" in problem.fix


def test_a_file_named_without_its_folder_or_not_there_is_said_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.pth").write_bytes(b"x")
    for name, fix in (("mine.pth", "./mine.pth"), ("./yours.pth", "there is no such file")):
        graph = Graph("g").input("text", "text").add("r", "encoder/reader", {"table": name}, text="$text")
        assert fix in only(check(graph.output(x="r"), CATALOGUE)).fix


def test_a_weights_file_of_the_users_own_is_no_problem(tmp_path):
    file = tmp_path / "mine.bin"
    file.write_bytes(b"x")
    graph = (
        Graph("g")
        .input("text", "text")
        .add("r", "encoder/reader", {"table": str(file)}, text="$text")
        .output(x="r")
    )
    assert check(graph, CATALOGUE) == []


def test_require_raises_all_problems_at_once():
    with pytest.raises(GraphError) as caught:
        resolve(Graph.from_yaml(SOUND + FAULTS.replace("\n\n", "\n") + OUTPUTS, "bad"), CATALOGUE).require()
    assert len(caught.value.problems) == len(expected(SOUND + FAULTS))
    assert all(problem.where in str(caught.value) for problem in caught.value.problems)
    assert "bad" in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_component_whose_config_is_broken_is_reported_and_the_rest_still_checked():
    made = toys.catalogue()
    data = made.components["encoder/embed"].as_dict()
    data["config"][0]["type"] = "Tensor"
    made.components["encoder/embed"] = type(made.components["encoder/embed"]).from_dict(
        data, "pfy-plugin-odd", "1.0"
    )
    graph = toys.sums().set("scale.byy=3")
    assert {problem.code for problem in check(graph, made)} == {"E101", "E401"}


# Any graph ----------------------------------------------------------------------------------------

ids = st.sampled_from([cls.id for cls in toys.ALL] + ["encoder/reader", "encoder/none"])


@st.composite
def tangles(draw):
    """Graphs of known components with arbitrary edges, config and places."""
    graph = draw(graphs())
    nodes = {}
    for name, node in graph.nodes.items():
        spec = CATALOGUE.components.get(use := draw(ids))
        ports = [port.name for port in spec.inputs] if spec else []
        sources = st.sampled_from(
            [*(f"${key}" for key in graph.inputs), *graph.nodes, f"{name}.out", "$none"]
        )
        take = draw(
            st.dictionaries(
                st.sampled_from([*ports, "other"]), sources | st.lists(sources, max_size=3), max_size=4
            )
        )
        keys = [item.name for item in spec.config] if spec else []
        config = node.config | {key: draw(st.integers(-1, 40) | st.text(max_size=3)) for key in keys}
        nodes[name] = type(node)(use, take, config, node.place)
    return Graph(graph.name, graph.doc, graph.inputs, nodes, graph.outputs)


@given(graphs() | tangles())
def test_any_graph_can_be_checked(graph):
    for problem in check(graph, CATALOGUE):
        assert re.fullmatch(r"E\d{3}", problem.code)
        assert problem.where
        assert problem.sends
        assert str(problem)


@given(tangles())
def test_lines_are_the_same_in_every_form_of_a_graph(graph):
    again = Graph.from_yaml(graph.to_yaml())
    one, other = ([(p.code, p.where, p.sends) for p in check(g, CATALOGUE)] for g in (graph, again))
    assert sorted(one) == sorted(other)


@given(scenes.latent_graphs())
def test_a_graph_without_problems_runs(graph):
    cat = toys.catalogue()
    assert check(graph, cat) == []
    assert toys.results(graph, {"text": scenes.TEXT}, cat)[0].keys() == graph.outputs.keys()


@given(scenes.latent_graphs(), st.data())
def test_a_fault_in_any_node_of_a_sound_graph_is_found(graph, data):
    name = data.draw(st.sampled_from(sorted(graph.nodes)))
    fault = data.draw(st.sampled_from(["use", "option", "place", "edge", "port", "drop"]))
    node = graph.nodes[name]
    port = next(iter(node.take))
    if fault == "drop":
        bare = {key: value for key, value in node.take.items() if key != port}
        nodes = graph.nodes | {name: type(node)(node.use, bare, node.config)}
        bad = Graph(graph.name, graph.doc, graph.inputs, nodes, graph.outputs)
    else:
        taken = node.take[port]
        bad = graph.set(
            {
                "use": f"{name}=encoder/nothing",
                "option": f"{name}.nothing=3",
                "place": f"{name}.place.nothing=3",
                "edge": f"{name}.take.{port}=nothing",
                "port": f"{name}.take.nothing={taken if isinstance(taken, str) else taken[0]}",
            }[fault]
        )
    code = {"use": "E101", "option": "E401", "place": "E402", "edge": "E203", "port": "E202", "drop": "E201"}[
        fault
    ]
    problems = check(bad, CATALOGUE)
    if code == "E201" and node.use == "fuser/mix":
        assert not problems
    else:
        assert code in {problem.code for problem in problems if problem.where.startswith(f"nodes.{name}.")}


@pytest.mark.parametrize("key", ["5", "null", "true", "1.5", "[a]", "''"])
def test_a_place_with_an_odd_key_is_reported(key):
    text = SOUND + f"  x: {{use: encoder/embed, take: {{text: $text}}, place: {{{key}: 1}}}}\n" + OUTPUTS
    found = toys.attempt(lambda: check(Graph.from_yaml(text), CATALOGUE))
    if isinstance(found, GraphError):
        assert only(found.problems).code == "E001"
    else:
        assert only(found).code == "E402"


def test_a_catalogue_without_anything_reports_every_component():
    problems = check(toys.speech(), Catalogue())
    assert [problem.code for problem in problems] == ["E101"] * 5


@pytest.mark.parametrize(("fuser", "codes"), [("join", []), ("stack", ["E205"])])
def test_only_an_underscore_lets_each_source_of_a_variadic_port_have_its_own_length(fuser, codes):
    text = f"""
inputs: {{text: text}}
nodes:
  patches: {{use: encoder/patches, take: {{text: $text}}}}
  token: {{use: encoder/token, take: {{text: $text}}}}
  fused: {{use: fuser/{fuser}, take: {{sources: [patches, token]}}}}
outputs: {{fused: fused}}
"""
    problems = check(Graph.from_yaml(text), CATALOGUE)
    assert [problem.code for problem in problems] == codes


@pytest.mark.parametrize(("table", "codes"), [("toy/lost", []), ("", []), ("toy/losst", ["E501"])])
def test_optional_weights_may_be_absent_but_not_misspelt(table, codes):
    graph = Graph.from_yaml(f"""
inputs: {{text: text}}
nodes:
  words: {{use: encoder/lexicon, take: {{text: $text}}, with: {{table: "{table}"}}}}
outputs: {{words: words}}
""")
    problems = check(graph, CATALOGUE)
    assert [problem.code for problem in problems] == codes
    assert all("toy/lost" in problem.fix for problem in problems)
