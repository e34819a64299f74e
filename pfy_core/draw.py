"""Drawing graphs as text or Mermaid; ``pfy_core.svg`` draws the picture."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from pfy_core import check
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
        if node.place.get("executor") == check.PROCESS:
            lines.append(f"       in a process of its own  {node.place.get('venv', '')}".rstrip())
    lines.append("outputs")
    lines += [f"  {name:<11} {ref:<19} {_what(resolved, ref)}" for name, ref in graph.outputs.items()]
    if graph.options:
        lines.append("options")
    lines += [f"  {name:<11} sets {', '.join(places)}" for name, places in graph.options.items()]
    return "\n".join(lines)


def mermaid(resolved: Resolved) -> str:
    """The graph as a Mermaid flowchart; boxes are numbered, since names may be words of Mermaid's."""
    graph = resolved.graph
    shapes = {f"${name}": f'(["{_quoted(name)}"])' for name in graph.inputs}
    for name, node in graph.nodes.items():
        shapes[name] = f'["{_quoted(name)}<br/><i>{_quoted(node.use)}</i>"]'
    shapes |= {f">{name}": f'(["{_quoted(name)}"])' for name in graph.outputs}
    ids = {box: f"n{index}" for index, box in enumerate(shapes)}
    lines = ["flowchart LR", *(f"  {ids[box]}{shape}" for box, shape in shapes.items())]
    lines += [
        f'  {ids[edge.source]} -- "{_quoted(edge.what)}" --> {ids[edge.target]}'
        for edge in edges(resolved)
        if edge.source in ids
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Text within quotes, with Mermaid's entities (``#quot;``)."""
    return escape(text).replace("&", "#")
