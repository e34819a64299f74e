"""Drawing graphs: as text, Mermaid, or SVG made here and sent nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from pfy_core.graph import node_of
from pfy_core.ports import rate_text

if TYPE_CHECKING:
    from pfy_core.check import Resolved

FORMATS = ("text", "mermaid", "svg", "yaml", "json")


@dataclass(frozen=True)
class Edge:
    """An edge between boxes; inputs are boxes ``$name``, outputs ``>name``."""

    source: str
    target: str
    port: str
    what: str


def edges(resolved: Resolved) -> list[Edge]:
    """All edges with what travels on them: kind, dims and rate as unified."""
    graph = resolved.graph
    found = [
        Edge(_box(reference), name, port, _what(resolved, reference))
        for name, node in graph.nodes.items()
        for port, reference in node.sources()
    ]
    return found + [
        Edge(_box(reference), f">{name}", "", _what(resolved, reference))
        for name, reference in graph.outputs.items()
    ]


def _box(reference: str) -> str:
    return node_of(reference) or reference


def _what(resolved: Resolved, reference: str) -> str:
    if reference.startswith("$"):
        item = resolved.graph.inputs.get(reference[1:])
        kind, dims, rate = item.kind if item else "?", "", resolved.rates.get((reference, ""))
    else:
        source = resolved.source(reference)
        if source is None:
            return "?"
        node, port = source
        kind, dims = port.port.kind, resolved.dims.get((node, port.name), port.port.dims)
        rate = resolved.rates.get((node, port.name))
    text = f"{kind} ({dims})" if dims else kind
    return f"{text} @ {rate_text(rate)}" if rate else text


def text(resolved: Resolved) -> str:
    """The graph as indented text: inputs, nodes in running order, outputs."""
    graph, lines = resolved.graph, [f"{resolved.graph.name}  {resolved.graph.doc}".rstrip()]
    lines.append("inputs")
    for name, item in graph.inputs.items():
        optional = "  optional" if item.optional else ""
        lines.append(f"  ${name:<10} {_what(resolved, f'${name}')}{optional}  {item.doc}".rstrip())
    lines.append("nodes")
    for name in resolved.order:
        node, spec = graph.nodes[name], resolved.specs.get(name)
        origin = f"  {spec.plugin} {spec.version}".rstrip() if spec else "  not installed"
        lines.append(f"  {name:<11} {node.use}{origin}")
        lines += [f"    <- {port:<9} {ref:<16} {_what(resolved, ref)}" for port, ref in node.sources()]
        for port in spec.outputs if spec else ():
            stream = "  stream" if port.stream else ""
            lines.append(f"    -> {port.name:<9} {_what(resolved, f'{name}.{port.name}')}{stream}")
        lines += [f"       {key} = {value!r}" for key, value in node.config.items()]
    lines.append("outputs")
    lines += [f"  {name:<11} {ref:<19} {_what(resolved, ref)}" for name, ref in graph.outputs.items()]
    return "\n".join(lines)


def mermaid(resolved: Resolved) -> str:
    """The graph as a Mermaid flowchart."""
    graph, lines = resolved.graph, ["flowchart LR"]
    names = {f"${name}": f"in_{name}" for name in graph.inputs} | {
        f">{name}": f"out_{name}" for name in graph.outputs
    }
    lines += [f'  in_{name}(["{name}"])' for name in graph.inputs]
    lines += [f'  {name}["{name}<br/><i>{node.use}</i>"]' for name, node in graph.nodes.items()]
    lines += [f'  out_{name}(["{name}"])' for name in graph.outputs]
    for edge in edges(resolved):
        ends = names.get(edge.source, edge.source), names.get(edge.target, edge.target)
        lines.append(f'  {ends[0]} -- "{edge.what}" --> {ends[1]}')
    return "\n".join(lines)


WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 170, 46, 190, 34, 24
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#1b2430}.use{font-style:italic;fill:#5b6673}"
    ".what{font-size:10px;fill:#5b6673}rect{fill:#f4f7fb;stroke:#8aa0b8}.end{fill:#e9f5ec;stroke:#7fae8d}"
    "path{fill:none;stroke:#8aa0b8}svg{background:#fff}"
)


def svg(resolved: Resolved) -> str:
    """The graph as an SVG picture: columns by distance from the inputs, edges labelled."""
    columns = _columns(resolved)
    places: dict[str, tuple[int, int]] = {}
    tallest = max(len(column) for column in columns)
    for x, column in enumerate(columns):
        offset = (tallest - len(column)) * (HEIGHT + GAP_Y) // 2
        for y, box in enumerate(column):
            places[box] = MARGIN + x * (WIDTH + GAP_X), MARGIN + offset + y * (HEIGHT + GAP_Y)
    width = 2 * MARGIN + len(columns) * (WIDTH + GAP_X) - GAP_X
    height = 2 * MARGIN + tallest * (HEIGHT + GAP_Y) - GAP_Y
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f"<style>{STYLE}</style>",
    ]
    for edge in edges(resolved):
        if edge.source in places and edge.target in places:
            parts += _drawn_edge(edge, places[edge.source], places[edge.target])
    for box, (x, y) in places.items():
        node = resolved.graph.nodes.get(box)
        style = "" if node else ' class="end"'
        parts.append(f'<rect{style} x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="7"/>')
        parts.append(f'<text x="{x + 10}" y="{y + 19}">{escape(box.strip("$>"))}</text>')
        below = node.use if node else ("input" if box.startswith("$") else "output")
        parts.append(f'<text class="use" x="{x + 10}" y="{y + 36}">{escape(below)}</text>')
    return "\n".join([*parts, "</svg>"])


def _drawn_edge(edge: Edge, start: tuple[int, int], end: tuple[int, int]) -> list[str]:
    x0, y0, x1, y1 = start[0] + WIDTH, start[1] + HEIGHT // 2, end[0], end[1] + HEIGHT // 2
    bend = max(40, (x1 - x0) // 2)
    path = f"M{x0} {y0} C{x0 + bend} {y0} {x1 - bend} {y1} {x1} {y1}"
    label = f'<text class="what" x="{x1 - 6}" y="{y1 - 5}" text-anchor="end">{escape(edge.what)}</text>'
    return [f'<path d="{path}"/>', label]


def _columns(resolved: Resolved) -> list[list[str]]:
    depth = {f"${name}": 0 for name in resolved.graph.inputs}
    for name in resolved.order:
        sources = [_box(reference) for _, reference in resolved.graph.nodes[name].sources()]
        depth[name] = 1 + max((depth.get(source, 0) for source in sources), default=0)
    last = 1 + max(depth.values(), default=0)
    depth |= {f">{name}": last for name in resolved.graph.outputs}
    return [[box for box, d in depth.items() if d == level] for level in range(last + 1)]
