"""Drawings of graphs: everything is on them, in its place, and nothing lies on anything else."""

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
import scenes
import toys
from hypothesis import given, settings

from pfy_core import Graph, draw, registry, svg
from pfy_core.catalogue import Catalogue
from pfy_core.check import resolve

SVG = "{http://www.w3.org/2000/svg}"
ODD = """a "b" <c> & 'd' ü"""


def shipped(name):
    return resolve(Graph.load(name), Catalogue.discover())


def toy(graph=None):
    return resolve(graph or toys.speech(), toys.catalogue())


def odd():
    """A graph whose names are no identifiers, one of them a word of Mermaid's own."""
    return toy(
        Graph("odd")
        .input(ODD, "text")
        .add("end", "encoder/embed", text=f"${ODD}")
        .add(ODD, "encoder/scale", latent="end")
        .output(**{ODD: ODD})
    )


GRAPHS = {
    "speech": toy,
    "sums": lambda: toy(toys.sums()),
    "odd": odd,
    "unknown": lambda: toy(toys.sums().set("scale=encoder/nothing", "total.take.latent=nowhere")),
    "empty": lambda: toy(Graph("empty")),
    **{name: lambda name=name: shipped(name) for name in registry.names("graphs")},
}


@pytest.fixture(params=GRAPHS)
def resolved(request):
    return GRAPHS[request.param]()


def boxes(resolved):
    graph = resolved.graph
    return [*graph.inputs, *graph.nodes, *graph.outputs]


def sources(resolved):
    """Edges whose source exists."""
    graph = resolved.graph
    known = {f"${name}" for name in graph.inputs} | set(graph.nodes)
    return [edge for edge in draw.edges(resolved) if edge.source in known]


# Edges --------------------------------------------------------------------------------------------


def test_edges_say_what_travels_on_them_once_rates_and_dims_are_known():
    found = {(edge.source, edge.target): edge.what for edge in draw.edges(toy())}
    assert found["$voice", "pitch"] == "audio.wave @ 16 kHz"
    assert found["say", "move"] in ("audio.wave (s) @ 24 kHz", "toy.words")
    assert found["move", "film"] == "toy.motion (t 4) @ 25 Hz"
    assert found["film", ">frames"] == "video.frames (t h w 3) @ 25 Hz"
    faster = {
        edge.target: edge.what for edge in draw.edges(toy(toys.speech().set("move.fps=50", "film.fps=50")))
    }
    assert faster["film"] == "toy.motion (t 4) @ 50 Hz"


def test_an_edge_from_nowhere_is_kept_with_a_question_mark():
    found = [edge for edge in draw.edges(GRAPHS["unknown"]()) if edge.source == "nowhere"]
    assert [(edge.target, edge.what) for edge in found] == [("total", "?")]


# Text and Mermaid ---------------------------------------------------------------------------------


def test_text_lists_inputs_nodes_in_running_order_and_outputs(resolved):
    lines = draw.text(resolved).splitlines()
    graph = resolved.graph
    heads = [lines.index(head) for head in ("inputs", "nodes", "outputs")]
    assert heads == sorted(heads)
    for name in graph.inputs:
        assert any(line.startswith(f"  ${name}") for line in lines[heads[0] : heads[1]])
    order = [
        next(
            n
            for n, line in enumerate(lines)
            if line.startswith(f"  {name} ") and graph.nodes[name].use in line
        )
        for name in resolved.order
    ]
    assert order == sorted(order)
    assert set(resolved.order) == set(graph.nodes)
    for name, reference in graph.outputs.items():
        assert any(line.startswith(f"  {name} ") and reference in line for line in lines[heads[2] :])


def test_text_shows_options_streams_optional_inputs_and_what_is_not_installed():
    text = draw.text(toy(toys.speech().set("move.fps=50", "film=encoder/nothing")))
    assert "fps = 50" in text
    assert re.search(r"-> out +toy.motion \(t 4\) @ 50 Hz  stream", text)
    assert re.search(r"\$voice +audio.wave.* optional", text)
    assert re.search(r"film +encoder/nothing  not installed", text)


def test_mermaid_has_every_box_and_every_edge(resolved):
    head, *lines = draw.mermaid(resolved).splitlines()
    assert head == "flowchart LR"
    shapes = [line for line in lines if "-->" not in line]
    arrows = [line for line in lines if "-->" in line]
    assert len(shapes) == len(boxes(resolved))
    assert len(arrows) == len(sources(resolved))
    names = {re.match(r" +(n\d+)", line).group(1) for line in shapes}
    assert len(names) == len(shapes)
    for line in arrows:
        one, other = re.fullmatch(r'  (n\d+) -- "[^"]+" --> (n\d+)', line).groups()
        assert {one, other} <= names


def test_mermaid_escapes_what_it_would_read_as_its_own():
    for line in draw.mermaid(odd()).splitlines()[1:]:
        assert line.count('"') == 2
        assert "<c>" not in line
    assert "#quot;b#quot; #lt;c#gt; #amp;" in draw.mermaid(odd())


# SVG ----------------------------------------------------------------------------------------------


def parsed(resolved):
    return ET.fromstring(svg.svg(resolved))


def rectangles(root):
    return [
        tuple(float(rect.get(key)) for key in ("x", "y", "width", "height"))
        for rect in root.iter(f"{SVG}rect")
    ]


def apart(one, other):
    (x, y, width, height), (a, b, wide, high) = one, other
    return x + width <= a or a + wide <= x or y + height <= b or b + high <= y


def points(path):
    """The points of an edge: where it starts, each curve ends and each straight piece ends."""
    found, place = [], (0.0, 0.0)
    for command, numbers in re.findall(r"([MCH])([^MCH]*)", path.get("d")):
        values = [float(number) for number in numbers.split()]
        place = (values[0], place[1]) if command == "H" else (values[-2], values[-1])
        found.append((command, place))
    return found


def test_svg_has_every_box_with_its_component_and_every_edge(resolved):
    if not boxes(resolved):
        pytest.skip("nothing to draw")
    root = parsed(resolved)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert len(rectangles(root)) == len(boxes(resolved))
    assert set(boxes(resolved)) <= set(texts)
    assert {node.use for node in resolved.graph.nodes.values()} <= set(texts)
    assert len(list(root.iter(f"{SVG}path"))) == len(sources(resolved))
    for edge in draw.edges(resolved):
        assert (f"{edge.port}: {edge.what}" if edge.port else edge.what) in texts


def faults(resolved):
    """What lies on something else or outside the picture."""
    root = parsed(resolved)
    width, height = (float(root.get(key)) for key in ("width", "height"))
    found, places = [], rectangles(root)
    found += [pair for pair in itertools.combinations(places, 2) if not apart(*pair)]
    found += [
        box
        for box in places
        if box[0] < 0 or box[1] < 0 or box[0] + box[2] > width or box[1] + box[3] > height
    ]
    labels = [(float(text.get("x")), float(text.get("y"))) for text in root.iter(f"{SVG}text")]
    for x, y in labels:
        inside = [
            box for box in places if box[0] < x < box[0] + box[2] and box[1] < y - 9 and y < box[1] + box[3]
        ]
        found += [] if len(inside) == 1 else [("label", x, y)]
    found += [
        pair
        for pair in itertools.combinations(labels, 2)
        if pair[0][0] == pair[1][0] and abs(pair[0][1] - pair[1][1]) < 12
    ]
    for path in root.iter(f"{SVG}path"):
        straight = [
            (one, other) for (_, one), (kind, other) in itertools.pairwise(points(path)) if kind == "H"
        ]
        for (left, y), (right, _) in straight:
            found += [
                ("edge", box)
                for box in places
                if left < box[0] + box[2] and box[0] < right and box[1] < y < box[1] + box[3]
            ]
    return found


def test_in_svg_nothing_lies_on_anything_else(resolved):
    if not boxes(resolved):
        pytest.skip("nothing to draw")
    assert faults(resolved) == []


@given(scenes.latent_graphs())
@settings(max_examples=40)
def test_any_graph_is_drawn_without_overlaps(graph):
    resolved = toy(graph)
    assert faults(resolved) == []
    assert len(rectangles(parsed(resolved))) == len(boxes(resolved))


def test_an_edge_ends_at_its_row_in_the_box_that_takes_it():
    root = parsed(toy())
    left = {box[0]: box for box in rectangles(root)}
    for path in root.iter(f"{SVG}path"):
        _, (x, y) = points(path)[-1]
        assert x in left
        assert any(box[0] == x and box[1] < y < box[1] + box[3] for box in rectangles(root))


def test_an_empty_graph_is_an_empty_picture():
    assert parsed(GRAPHS["empty"]()).tag == f"{SVG}svg"
    assert rectangles(parsed(GRAPHS["empty"]())) == []


def test_a_graph_in_a_circle_is_drawn():
    graph = (
        Graph("round")
        .add("a", "encoder/scale", latent="b")
        .add("b", "encoder/scale", latent="a")
        .output(x="a")
    )
    assert len(rectangles(parsed(toy(graph)))) == 3
    assert len(draw.mermaid(toy(graph)).splitlines()) == 1 + 3 + 3
