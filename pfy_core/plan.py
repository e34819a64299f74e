"""The plan of a run: which nodes are needed, which are switched off, who waits for whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pfy_core.errors import GraphError, InputError, Problem, did_you_mean
from pfy_core.graph import node_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

    from pfy_core.check import Resolved
    from pfy_core.ports import PortSpec


@dataclass
class Plan:
    """``order``: nodes to run, sources first. ``skipped``: nodes without an optional input they
    need. ``takes``: per node, (its port, origin, origin's port), absent sources left out;
    ``outputs``: (origin, port) of each wanted output; the origin ``"$name"`` is an input."""

    order: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    takes: dict[str, list[tuple[PortSpec, str, str]]] = field(default_factory=dict)
    outputs: dict[str, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def followers(self) -> dict[str, list[str]]:
        """Per node, the nodes that take something from it, each once, in running order."""
        found: dict[str, list[str]] = {node: [] for node in self.order}
        for node, takes in self.takes.items():
            for origin in dict.fromkeys(origin for _, origin, _ in takes):
                if origin in found:
                    found[origin].append(node)
        return found

    @cached_property
    def uses(self) -> Counter[str]:
        """How many ports and outputs take something from each node."""
        edges = Counter(origin for takes in self.takes.values() for _, origin, _ in takes)
        edges.update(origin for origin, _ in self.outputs.values())
        return edges


def starts(
    resolved: Resolved, made: Plan, skip: Mapping[str, int]
) -> tuple[dict[str, int], dict[tuple[str, int], int]]:
    """How to leave out the first ``skip`` rows of stream outputs: the row each node begins with, and
    the rows that each reading port (node, index of its take) leaves out of the rows that come.

    A framewise node begins at the first row that anybody wants of it, and so asks its own sources for
    no earlier ones; any other node begins at the beginning.
    """
    first: dict[str, int] = {}
    wants: dict[tuple[str, int], int] = {}
    asked: dict[str, list[int]] = {}
    for name, (origin, _) in made.outputs.items():
        asked.setdefault(origin, []).append(skip.get(name, 0))
    for node in reversed(made.order):
        spec = resolved.specs[node]
        first[node] = min(asked.get(node, [0])) if spec.framewise else 0
        for index, (port, origin, _) in enumerate(made.takes[node]):
            wants[node, index] = first[node] if port.stream else 0
            asked.setdefault(origin, []).append(wants[node, index])
    leaves = {
        (node, index): rows - first.get(made.takes[node][index][1], 0)
        for (node, index), rows in wants.items()
    }
    return first, leaves


def plan(resolved: Resolved, given: Set[str], outputs: Iterable[str] | None = None) -> Plan:
    """Plan a run of a graph without problems, for the inputs that are given.

    Inputs that no wanted output depends on may be left out. Raises InputError for an unknown or missing
    input or output, GraphError when a wanted output depends on an optional input that is absent.
    """
    graph, made = resolved.graph, Plan()
    for name in sorted(given - set(graph.inputs)):
        hint = did_you_mean(name, graph.inputs) or f"leave {name} out"
        raise InputError(
            f"graph {graph.name} has no input {name!r}", f"inputs {', '.join(graph.inputs)}", hint
        )
    wanted = list(graph.outputs if outputs is None else outputs)
    for name in wanted:
        if name not in graph.outputs:
            hint = did_you_mean(name, graph.outputs)
            raise InputError(
                f"graph {graph.name} has no output {name!r}", f"outputs {', '.join(graph.outputs)}", hint
            )
    needed, taken = _needed(resolved, [graph.outputs[name] for name in wanted])
    for name, item in graph.inputs.items():
        if name in taken and name not in given and not item.optional:
            raise InputError(
                f"nothing for input {name!r} of graph {graph.name}",
                f"{item.kind}: {item.doc}".rstrip(": "),
                f"give {name}, with pfy narrate: --{name} FILE",
            )
    for node in resolved.order:
        if node not in needed:
            continue
        takes, absent = _takes(resolved, node, given, made.skipped)
        if absent:
            made.skipped[node] = absent
        else:
            made.order.append(node)
            made.takes[node] = takes
    for name in wanted:
        reference = graph.outputs[name]
        origin = _origin(resolved, reference)
        if origin[0] in made.skipped:
            sends = f"output {name!r} comes from {origin[0]!r}, which needs {made.skipped[origin[0]]}"
            raise GraphError(
                [Problem("E601", f"outputs.{name}", sends, fix="give that input, or leave this output out")],
                graph.name,
            )
        if not (origin[0].startswith("$") and origin[0][1:] not in given):
            made.outputs[name] = origin
    return made


def _needed(resolved: Resolved, references: list[str]) -> tuple[set[str], set[str]]:
    """The nodes and the inputs that references depend on."""
    nodes: set[str] = set()
    inputs: set[str] = set()
    queue = list(references)
    while queue:
        reference = queue.pop()
        node = node_of(reference)
        if not node:
            inputs.add(reference.removeprefix("$"))
        elif node not in nodes:
            nodes.add(node)
            queue += [source for _, source in resolved.graph.nodes[node].sources()]
    return nodes, inputs


def _takes(
    resolved: Resolved, node: str, given: Set[str], skipped: dict[str, str]
) -> tuple[list[tuple[PortSpec, str, str]], str]:
    """What a node takes, and the absent input that switches it off ("" when none does)."""
    ports = {port.name: port for port in resolved.specs[node].inputs}
    takes, absent = [], ""
    for name, reference in resolved.graph.nodes[node].sources():
        origin, port = _origin(resolved, reference)
        missing = origin if origin.startswith("$") and origin[1:] not in given else skipped.get(origin, "")
        if missing:
            absent = absent or ("" if ports[name].optional else missing)
        else:
            takes.append((ports[name], origin, port))
    return takes, absent


def _origin(resolved: Resolved, reference: str) -> tuple[str, str]:
    source = resolved.source(reference)
    return (source[0], source[1].name) if source else (reference, "")
