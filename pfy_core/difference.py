"""What differs between two graphs: nodes, components, options, edges, inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pfy_core.graph import Graph
    from pfy_core.graph_file import Node


@dataclass(frozen=True)
class Change:
    """One difference: what sort of thing, which one, what the one graph has and what the other.

    ``kind`` is ``node``, ``component``, ``option``, ``place``, ``edge``, ``input``, ``output`` or
    ``flag`` (an option that the graph offers); ``before`` or ``after`` is None where there is none.
    """

    kind: str
    where: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.after is None:
            return f"- {self.kind:<10} {self.where}: {_shown(self.before)}"
        if self.before is None:
            return f"+ {self.kind:<10} {self.where}: {_shown(self.after)}"
        return f"~ {self.kind:<10} {self.where}: {_shown(self.before)} -> {_shown(self.after)}"


def changes(one: Graph, other: Graph) -> list[Change]:
    """What was changed from one graph to the other, node by node in the order of the graphs.

    Names and docs of graphs do not count. A node that only one of them has is one change, with the edges
    that lead to it as its own; edges of others that are gone or new with it are listed as theirs.
    """
    found = list(_of("input", _inputs(one), _inputs(other)))
    for name in dict.fromkeys([*one.nodes, *other.nodes]):
        found += _node(name, one.nodes.get(name), other.nodes.get(name))
    found += _of("output", one.outputs, other.outputs)
    return found + list(_of("flag", one.options, other.options))


def _node(name: str, one: Node | None, other: Node | None) -> Iterator[Change]:
    if one is None or other is None:
        yield Change("node", name, one and _described(one), other and _described(other))
        return
    if one.use != other.use:
        yield Change("component", name, one.use, other.use)
    yield from _of("option", one.config, other.config, name)
    yield from _of("place", one.place, other.place, name)
    yield from _of("edge", one.take, other.take, name)


def _of(kind: str, one: Mapping[str, Any], other: Mapping[str, Any], node: str = "") -> Iterator[Change]:
    for key in dict.fromkeys([*one, *other]):
        before, after = one.get(key), other.get(key)
        if before != after:
            yield Change(kind, f"{node}.{key}" if node else key, before, after)


def _inputs(graph: Graph) -> dict[str, str]:
    return {name: item.kind + (" (optional)" if item.optional else "") for name, item in graph.inputs.items()}


def _described(node: Node) -> dict[str, Any]:
    parts = {"use": node.use, "take": node.take, "with": node.config, "place": node.place}
    return {key: value for key, value in parts.items() if value}


def _shown(value: Any) -> str:
    if isinstance(value, dict) and "use" in value:
        edges = ", ".join(f"{port} <- {_shown(source)}" for port, source in value.get("take", {}).items())
        return f"{value['use']}  {edges}".rstrip()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value) if value != "" else "''"
