"""Graphs as text and in Python: what is read, what is refused, and how they change."""

import string
from functools import partial
from pathlib import Path

import pytest
import toys
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pfy_core import Graph, GraphError, InputError, registry
from pfy_core.events import watching
from pfy_core.graph import GraphInput, Node, load_edit

GRAPH = """\
pfy: 1
name: small
doc: For the tests.
inputs:
  text: text
  voice: {kind: audio.wave, optional: true, rate: 16000, doc: a recording}
nodes:
  say:
    use: decoder/say
    take: {text: $text}
  move:
    use: decoder/move
    take:
      wave: say.wave
      words: say.words
    with: {fps: 30}
    place: {device: cpu}
  mix: {use: fuser/mix, take: {latents: [move, say.wave]}}
outputs:
  motion: move
"""


# Reading ------------------------------------------------------------------------------------------


def test_a_file_says_inputs_nodes_and_outputs():
    graph = Graph.from_yaml(GRAPH)
    assert (graph.name, graph.doc) == ("small", "For the tests.")
    assert graph.inputs == {
        "text": GraphInput("text"),
        "voice": GraphInput("audio.wave", optional=True, rate=16000, doc="a recording"),
    }
    assert graph.nodes["say"] == Node("decoder/say", {"text": "$text"})
    assert graph.nodes["move"].config == {"fps": 30}
    assert graph.nodes["move"].place == {"device": "cpu"}
    assert list(graph.nodes["mix"].sources()) == [("latents", "move"), ("latents", "say.wave")]
    assert graph.outputs == {"motion": "move"}


def test_the_same_graph_can_be_built_in_python():
    built = (
        Graph("sums")
        .input("text", "text")
        .add("embed", "encoder/embed", {"width": 4}, text="$text")
        .add("mix", "fuser/mix", latents=["embed", "embed"])
        .output(sum="mix")
    )
    assert Graph.from_yaml(built.to_yaml()) == built


def test_lines_of_the_file_are_remembered():
    lines = Graph.from_yaml(GRAPH).lines
    assert lines["nodes.move.with.fps"] == lines["nodes.move.with"] == 16
    assert lines["nodes.move.take.words"] == 15
    assert lines["inputs.voice.kind"] == 6
    assert lines["outputs.motion"] == 20


def test_vars_are_put_where_they_are_asked_for():
    graph = Graph.from_yaml(
        "vars: {rate: 30}\nnodes: {a: {use: x/y, with: {fps: '${vars.rate}', t: '\\${vars.rate}'}}}"
    )
    assert graph.nodes["a"].config == {"fps": 30, "t": "${vars.rate}"}


def faults(text: str) -> list[tuple[str, str, int]]:
    with pytest.raises(GraphError) as caught:
        Graph.from_yaml(text, "broken")
    assert "broken" in str(caught.value)
    return [(problem.code, problem.where, problem.line) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "where", "line"),
    [
        ("nodes: {a: {use: x/y}}\noutput: {a: a}", "output", 2),
        ("nodes:\n  a: {use: x/y}\n  b: {usse: x/y, use: z}", "nodes.b.usse", 3),
        ("nodes:\n  a:\n    take: {x: y}", "nodes.a", 2),
        ("nodes:\n  a: {use: 3}", "nodes.a", 2),
        ("nodes:\n  a: [1]", "nodes.a", 2),
        ("inputs:\n  a: [1]", "inputs.a", 2),
        ("nodes:\n  a: {use: x/y, take: [b]}", "nodes.a.take", 2),
        ("nodes:\n  a:\n    use: x/y\n    take:\n      b: 3", "nodes.a.take.b", 5),
        ("nodes:\n  a:\n    use: x/y\n    take:\n      b: [c, 3]", "nodes.a.take.b", 5),
        ("nodes:\n  a: {use: x/y, with: fast}", "nodes.a.with", 2),
        ("nodes:\n  a.b: {use: x/y}", "nodes.a.b", 2),
        ("nodes:\n  $a: {use: x/y}", "nodes.$a", 2),
        ("inputs:\n  a: {optional: true}", "inputs.a", 2),
        ("inputs:\n  a: {kind: text, rat: 3}", "inputs.a.rat", 2),
        ("inputs:\n  a: {kind: text, rate: -1}", "inputs.a", 2),
        ("inputs:\n  a: {kind: text, rate: .inf}", "inputs.a", 2),
        ("inputs:\n  a: {kind: text, rate: .nan}", "inputs.a", 2),
        ("inputs: [a]", "inputs", 1),
        ("\noutputs:\n  a: $", "outputs.a", 3),
        ("\n\npfy: 2", "pfy", 3),
        ("- a\n- b", "graph", 0),
        ("", "graph", 0),
        ("just words", "graph", 0),
        ("7", "graph", 0),
    ],
)
def test_a_fault_of_form_is_reported_with_its_line(text, where, line):
    assert faults(text) == [("E002", where, line)]


def test_all_faults_of_form_are_reported_at_once():
    text = (
        "pfy: 9\nextra: 1\ninputs: {a: {kind: 3}}\n"
        "nodes:\n  b: {use: ''}\n  c: {use: x/y, tak: {}}\noutputs: {d: 4}"
    )
    assert {(where, line) for _, where, line in faults(text)} == {
        *(("pfy", 1), ("extra", 2), ("inputs.a", 3), ("nodes.b", 5), ("nodes.c.tak", 6), ("outputs.d", 7))
    }


def test_faults_come_in_the_same_order_in_every_process():
    keys = [f"key{index}" for index in range(20)]
    found = [where for _, where, _ in faults("\n".join(f"{key}: 1" for key in keys))]
    assert found == keys


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("nodes: {a: {use: x/y}\noutputs: {}", 2),
        ("nodes:\n\ta: 1", 2),
        ("a: 1\na: b: c", 2),
        ("a: *b", 1),
        ("a: &a [*a]", 1),
    ],
)
def test_a_file_that_is_not_yaml_is_refused_with_its_line(text, line):
    ((code, _, found),) = faults(text)
    assert code == "E001"
    assert found in (line, 0 if "&a" in text else line)


@pytest.mark.parametrize(
    "text",
    [
        "nodes: {a: {use: '${nowhere}'}}",
        "vars: {a: '${vars.b}', b: '${vars.a}'}",
        "nodes: {a: {use: x/y, with: {b: '${'}}}",
        "? [a, b]\n: c",
        "a: !!python/object/apply:os.system [ls]",
        "a: !!binary _",
        "a: !!int x",
        "--- a\n--- b",
        "[" * 3000,
        "a: 1\na: 2",
        "\x00",
        "\ud800",
        "%YAML 9.9\n---\na: b",
    ],
)
def test_odd_files_are_refused_and_nothing_else_happens(text):
    with pytest.raises((GraphError, InputError)):
        Graph.from_yaml(text)


def test_a_yaml_bomb_is_refused():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for one, other in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{other}: &{other} [{', '.join([f'*{one}'] * 9)}]\n"
    with pytest.raises(GraphError):
        Graph.from_yaml(bomb)


def test_aliases_are_welcome():
    graph = Graph.from_yaml(
        "nodes:\n  a: &one {use: x/y, with: {size: 3}}\n  b: *one\n  c: {<<: *one, take: {x: a}}"
    )
    assert graph.nodes["a"] == graph.nodes["b"]
    assert graph.nodes["c"].config == {"size": 3}


words = st.text(string.ascii_lowercase + "${}[]:.#&*!|>'\"%@`-?, \t\\é語0123456789", max_size=12)


@given(st.text() | words)
def test_any_text_is_a_graph_or_an_error(text):
    found = toys.attempt(lambda: Graph.from_yaml(text), GraphError, InputError)
    assert isinstance(found, Graph) or str(found)


@given(st.integers(0, len(GRAPH)), st.integers(0, 12), words | st.text(max_size=6))
@example(0, 0, "")
def test_a_graph_with_a_passage_replaced_is_a_graph_or_an_error(start, length, passage):
    text = GRAPH[:start] + passage + GRAPH[start + length :]
    found = toys.attempt(lambda: Graph.from_yaml(text), GraphError, InputError)
    if isinstance(found, Graph):
        assert Graph.from_yaml(found.to_yaml()) == found
    else:
        assert str(found)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | words,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(plain)
def test_any_data_is_a_graph_or_an_error(data):
    for shape in (data, {"nodes": data}, {"nodes": {"a": data}}, {"inputs": {"a": data}}, {"outputs": data}):
        found = toys.attempt(partial(Graph.from_dict, shape), GraphError, InputError)
        assert isinstance(found, Graph) or str(found)


# Round trip ---------------------------------------------------------------------------------------

names = st.text("abcXYZ_-é 09", min_size=1, max_size=6)
label = (
    st.text(max_size=8)
    | words
    | st.sampled_from(
        [
            "${x}",
            "\\${x}",
            "\\\\${",
            "no",
            "1e3",
            "0x1",
            "1_000",
            "~",
            "2001-01-01",
            "1:30",
            "='",
            "\x85",
            "\u2028",
        ]
    )
)
config = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | label,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(label, inner, max_size=3),
    max_leaves=5,
)
references = st.builds(
    lambda node, port: f"{node}.{port}" if port else node, names, names | st.just("")
) | names.map("${}".format)


@st.composite
def graphs(draw):
    nodes = draw(
        st.dictionaries(
            names,
            st.builds(
                Node,
                label.filter(bool),
                st.dictionaries(names, references | st.lists(references, max_size=3), max_size=3),
                st.dictionaries(label, config, max_size=3),
                st.dictionaries(st.sampled_from(["device", "dtype", "é"]), config, max_size=2),
            ),
            max_size=4,
        )
    )
    inputs = draw(
        st.dictionaries(
            names,
            st.builds(GraphInput, label.filter(bool), st.booleans(), st.none() | st.floats(1, 1e5), label),
            max_size=3,
        )
    )
    outputs = draw(st.dictionaries(names, references, max_size=3))
    places = st.lists(st.sampled_from(["a.b", "c.d.e", "inputs.x.rate"]), min_size=1, max_size=3)
    options = draw(st.dictionaries(label, places.map(tuple), max_size=3))
    return Graph(draw(label), draw(label), inputs, nodes, outputs, options)


@given(graphs())
def test_a_graph_reads_back_as_it_was_written(graph):
    again = Graph.from_yaml(graph.to_yaml())
    assert again == graph
    assert again.digest() == graph.digest()


@pytest.mark.parametrize("name", registry.names("graphs"))
def test_the_shipped_graphs_read_back_as_they_were_written(name):
    graph = Graph.load(name)
    assert Graph.from_yaml(graph.to_yaml()) == graph


def test_the_digest_is_of_what_is_computed():
    graph = toys.sums()
    renamed = Graph("other", "words", graph.inputs, graph.nodes, graph.outputs)
    assert renamed.digest() == graph.digest()
    assert graph.set("scale.by=3").digest() != graph.digest()


def test_the_digest_takes_any_config_that_yaml_can_say():
    graph = Graph.from_yaml("nodes: {a: {use: x/y, with: {t: {1: a, b: c, true: d}}}}")
    assert len(graph.digest()) == 64


def test_a_changed_graph_leaves_the_first_as_it_was():
    graph = toys.sums()
    before = graph.to_yaml()
    graph.set("scale.by=3").add("more", "encoder/total", latent="scale").output(more="more")
    graph.as_dict()["nodes"]["scale"]["take"]["latent"] = "elsewhere"
    assert graph.to_yaml() == before


# Loading ------------------------------------------------------------------------------------------


def test_a_graph_is_loaded_from_a_file(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(GRAPH.replace("name: small\n", ""))
    assert Graph.load(file).name == Graph.load(str(file)).name == "mine"


def test_a_graph_in_a_folder_with_a_plus_is_found(tmp_path):
    folder = tmp_path / "c++"
    folder.mkdir()
    file = folder / "my+graph.yaml"
    file.write_text(GRAPH)
    assert Graph.load(file).name == "small"


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(InputError, match="did you mean 'portrait'"):
        Graph.load("protrait")
    with pytest.raises(InputError, match=r"one of .*portrait"):
        Graph.load("qqq")


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", "folder"])
def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path, content):
    file = tmp_path / "a.yaml"
    if content == "folder":
        file.mkdir()
    elif content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        Graph.load(file)


# set ----------------------------------------------------------------------------------------------


def test_set_swaps_a_component():
    assert toys.sums().set("scale=encoder/whole").nodes["scale"].use == "encoder/whole"


def test_a_component_that_is_swapped_in_keeps_the_options_it_has():
    graph = (
        Graph("g").input("wave", "audio.wave").add("low", "adapter/resample", {"rate": 8000}, wave="$wave")
    )
    heard = []
    with watching(heard.append):
        kept = graph.set("low=adapter/resample", "low.source=16000")
        lost = graph.set("low=adapter/captions")
        unknown = graph.set("low=adapter/not-here")
    assert kept.nodes["low"].config == {"rate": 8000, "source": 16000}
    assert lost.nodes["low"].config == {}
    assert unknown.nodes["low"].config == {"rate": 8000}
    assert [event.text for event in heard] == ["low: adapter/captions has no rate; it is used without"]


def test_set_gives_an_option_its_value_as_yaml():
    graph = toys.sums().set("scale.by=3", "embed.width=[1, a]", "total.note=")
    assert graph.nodes["scale"].config == {"by": 3}
    assert graph.nodes["embed"].config == {"width": [1, "a"]}
    assert graph.nodes["total"].config == {"note": ""}


def test_set_reaches_every_field():
    graph = toys.speech().set(
        "nodes.move.take.wave=$voice",
        "move.place.device=cuda:0",
        "outputs.sound=say.wave",
        "inputs.voice.rate=16000",
        "inputs.text.doc=what is said",
        "nodes.new.use=encoder/count",
        "nodes.new.take.motion=move",
    )
    assert graph.nodes["move"].take["wave"] == "$voice"
    assert graph.nodes["move"].place == {"device": "cuda:0"}
    assert graph.outputs["sound"] == "say.wave"
    assert graph.inputs["voice"] == GraphInput("audio.wave", optional=True, rate=16000)
    assert graph.inputs["text"] == GraphInput("text", doc="what is said")
    assert graph.nodes["new"] == Node("encoder/count", {"motion": "move"})


def test_set_of_a_nested_option_keeps_its_siblings():
    graph = toys.sums().set("scale.a={b: 1, c: 2}", "scale.a.b=3")
    assert graph.nodes["scale"].config == {"a": {"b": 3, "c": 2}}


def test_set_names_the_nearest_node():
    with pytest.raises(InputError, match="did you mean 'scale'"):
        toys.sums().set("scal.by=3")
    with pytest.raises(InputError, match="nodes are embed, scale, total"):
        toys.sums().set("zzz=3")


@pytest.mark.parametrize(
    "assignment",
    [
        "",
        "=",
        "scale",
        "=3",
        "nodes=3",
        "scale.use.x=3",
        "scale.by=[",
        "scale.by=${x",
        "scale.by=!!int x",
        "scale.by=&a [*a]",
        "scale.by=a: b: c",
    ],
)
def test_an_assignment_that_cannot_be_made_is_refused(assignment):
    with pytest.raises((InputError, GraphError)):
        toys.sums().set(assignment)


paths = st.lists(
    st.sampled_from(["scale", "nodes", "inputs", "outputs", "text", "take", "with", "use", "place", "x", ""])
    | words,
    min_size=1,
    max_size=4,
).map(".".join)


@given(
    st.lists(st.builds("{}={}".format, paths, words | st.text(max_size=8)) | st.text(max_size=10), max_size=3)
)
def test_any_assignment_gives_a_graph_or_an_error(assignments):
    found = toys.attempt(lambda: toys.sums().set(*assignments), GraphError, InputError)
    if isinstance(found, Graph):
        assert Graph.from_yaml(found.to_yaml()) == found
    else:
        assert str(found)


@pytest.mark.parametrize(
    "value", ["3", "1e-3", "2001-13-45", "2001-01-01", "no", "~", "a b", "[1, {b: c}]", "'3'", "x=y"]
)
def test_a_value_means_the_same_in_a_file_and_in_an_assignment(value):
    in_file = Graph.from_yaml(f"nodes: {{a: {{use: x/y, with: {{b: {value}}}}}}}")
    assert Graph("").add("a", "x/y").set(f"a.b={value}").nodes == in_file.nodes


# Edits --------------------------------------------------------------------------------------------


def edit_file(folder: Path, **data) -> str:
    file = folder / "edit.yaml"
    file.write_text(yaml.safe_dump(data))
    return str(file)


def test_an_edit_sets_drops_and_removes(tmp_path):
    graph = toys.speech().edit(
        edit_file(tmp_path, doc="x", set=["move.fps=30"], drop=["say.pitch"], remove=["pitch", "count"])
    )
    assert graph.nodes["move"].config == {"fps": 30}
    assert "pitch" not in graph.nodes["say"].take
    assert set(graph.nodes) == {"say", "move", "film"}
    assert set(graph.outputs) == {"frames", "wave", "motion"}
    assert graph.name.startswith("toy+")


def test_removing_a_node_takes_it_out_of_variadic_ports(tmp_path):
    graph = (
        toys.sums()
        .add("mix", "fuser/mix", latents=["embed", "scale"])
        .edit(edit_file(tmp_path, remove=["scale"]))
    )
    assert graph.nodes["mix"].take == {"latents": ["embed"]}
    assert graph.nodes["total"].take == {}


@pytest.mark.parametrize(
    "data",
    [
        {"drop": ["say.nothing"]},
        {"drop": ["nowhere.x"]},
        {"remove": ["nowhere"]},
        {"of": ["portrait"]},
        {"colour": "red"},
        {"set": None},
        {"set": "move.fps=30"},
        {"set": [3]},
        {"drop": [3]},
        {"remove": [["say"]]},
        {"of": "portrait"},
    ],
)
def test_an_edit_that_does_not_fit_is_refused(tmp_path, data):
    with pytest.raises(InputError):
        toys.speech().edit(edit_file(tmp_path, **data))


def test_an_edit_of_an_empty_graph_is_refused(tmp_path):
    with pytest.raises(InputError):
        Graph("empty").edit(edit_file(tmp_path, remove=["a"]))


@pytest.mark.parametrize("content", ["a: [", "- a", "3", "", b"\xff\xff"])
def test_a_file_that_is_no_edit_is_refused(tmp_path, content):
    file = tmp_path / "edit.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError):
        load_edit(str(file))


def test_an_edit_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(InputError, match="no edit"):
        load_edit("nonsense")
    with pytest.raises(InputError, match="no edit"):
        Graph.load(f"portrait+{tmp_path}/nothing.yaml")


@pytest.mark.parametrize("name", registry.names("ablations"))
def test_the_shipped_edits_fit_the_graphs_they_are_made_for(name):
    for graph in load_edit(name).get("of") or registry.names("graphs"):
        assert Graph.load(f"{graph}+{name}").name == f"{graph}+{name}"


def test_an_option_that_names_a_file_beside_the_graph_does_so_from_anywhere(tmp_path, monkeypatch):
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "one.bin").write_bytes(b"1")
    graph = Graph("beside").add("one", "encoder/x", {"weights": "./weights/one.bin", "other": "./two.bin"})
    (tmp_path / "graph.yaml").write_text(graph.output(out="one").to_yaml())
    monkeypatch.chdir(tmp_path.parent)
    config = Graph.load(tmp_path / "graph.yaml").nodes["one"].config
    assert config == {"weights": str(tmp_path / "weights" / "one.bin"), "other": "./two.bin"}
    config = Graph.load(f"{tmp_path.name}/graph.yaml").set("one.other=./two.bin").nodes["one"].config
    assert config["other"] == "./two.bin"  # from the command line: of the folder that one is in
