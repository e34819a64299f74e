"""The parts of a graph's file, and reading them with every fault collected and placed by line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from pfy_core.errors import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VERSION = 1
GRAPH_KEYS = ("pfy", "name", "doc", "inputs", "nodes", "outputs", "options", "vars")
NODE_KEYS = ("use", "take", "with", "place")
INPUT_KEYS = ("kind", "optional", "rate", "doc")


@dataclass(frozen=True)
class GraphInput:
    """A value that the caller gives; absent optional ones switch off the nodes that need them."""

    kind: str
    optional: bool = False
    rate: float | None = None
    doc: str = ""


@dataclass(frozen=True)
class Node:
    """A slot: the component that fills it, where its inputs come from, its config and place."""

    use: str
    take: dict[str, str | list[str]] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    place: dict[str, Any] = field(default_factory=dict)

    def sources(self) -> Iterable[tuple[str, str]]:
        """Pairs (port, reference), a variadic port once per reference."""
        for port, taken in self.take.items():
            for reference in taken if isinstance(taken, list) else [taken]:
                yield port, reference


def line_numbers(root: Any, path: str = "") -> dict[str, int]:
    found: dict[str, int] = {}
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            here = f"{path}.{key.value}" if path else str(key.value)
            found[here] = key.start_mark.line + 1
            found |= line_numbers(value, here)
    return found


class Reader:
    """Reads plain data into a graph and collects every fault."""

    def __init__(self, lines: Mapping[str, int]) -> None:
        self.lines, self.problems = lines, list[Problem]()

    def fault(self, where: str, sends: str, wants: str, fix: str = "") -> None:
        line = self.lines.get(where, 0)
        self.problems.append(Problem("E002", where or "graph", sends, wants, fix, line))

    def mapping(
        self, value: Any, where: str, keys: tuple[str, ...] = (), what: str = "names and values"
    ) -> dict[Any, Any]:
        if value is None and where:
            return {}
        if not isinstance(value, dict):
            self.fault(where, f"{value!r}"[:80], what)
            return {}
        for key in [key for key in value if keys and key not in keys]:
            path = f"{where}.{key}" if where else str(key)
            self.fault(path, f"unknown key {key!r}", ", ".join(keys), did_you_mean(str(key), keys))
        return value

    def text(self, value: Any, where: str) -> str:
        if not isinstance(value, str) or not value.strip("$."):
            self.fault(where, f"{value!r}"[:80], "a reference such as node.port or $input")
            return ""
        return value

    def places(self, value: Any, where: str) -> tuple[str, ...]:
        """What an option sets: ``node.field``, or a list of these."""
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not given or not all(_is_place(item) for item in given):
            self.fault(where, f"{value!r}"[:80], "node.option, or a list of these", "e.g. head: motion.head")
            return ()
        return tuple(given)

    def input(self, value: Any, where: str) -> GraphInput:
        given = {"kind": value} if isinstance(value, str) else value
        data = self.mapping(given, where, INPUT_KEYS, "a kind, or kind, optional, rate, doc")
        if given is not None and data is not given:
            return GraphInput("")
        kind, rate = data.get("kind"), data.get("rate")
        if not isinstance(kind, str) or not kind:
            self.fault(where, f"kind {kind!r}", "a kind such as audio.wave")
        if rate is not None and not (isinstance(rate, int | float) and 0 < rate < float("inf")):
            self.fault(where, f"rate {rate!r}", "a number above 0")
        return GraphInput(str(kind), bool(data.get("optional")), rate, str(data.get("doc") or ""))

    def node(self, value: Any, where: str) -> Node:
        data = self.mapping(value, where, NODE_KEYS, "use, take, with")
        if value is not None and data is not value:
            return Node("")
        use = data.get("use")
        if not isinstance(use, str) or not use:
            self.fault(where, f"use: {use!r}", "the id of a component, e.g. encoder/face-mesh")
        take: dict[str, str | list[str]] = {}
        for port, taken in self.mapping(data.get("take"), f"{where}.take").items():
            path = f"{where}.take.{port}"
            many = isinstance(taken, list)
            take[str(port)] = [self.text(i, path) for i in taken] if many else self.text(taken, path)
        config = self.mapping(data.get("with"), f"{where}.with")
        place = self.mapping(data.get("place"), f"{where}.place")
        return Node(
            str(use), take, {str(k): v for k, v in config.items()}, {str(k): v for k, v in place.items()}
        )


def _is_place(item: Any) -> bool:
    return isinstance(item, str) and all(item.split(".")) and "." in item
