"""Graphs: slots, the components that fill them, and the edges between their ports.

    pfy: 1
    inputs:  {text: text, face: image.rgb, voice: {kind: audio.wave, optional: true}}
    nodes:
      speech: {use: decoder/speech, take: {text: $text}}
      motion: {use: decoder/visemes, take: {phones: speech.phones, wave: speech.wave}, with: {fps: 25}}
    outputs: {wave: speech.wave, motion: motion}

``$name`` is an input of the graph, ``node.port`` an output of a node (``node`` alone when it has
one), a list of these feeds a variadic port.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from pfy_core import digest, registry
from pfy_core.errors import GraphError, InputError, Problem, did_you_mean
from pfy_core.literal import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pfy_core.run import Run

VERSION = 1
GRAPH_KEYS = ("pfy", "name", "doc", "inputs", "nodes", "outputs", "vars")
NODE_KEYS = ("use", "take", "with", "place")
INPUT_KEYS = ("kind", "optional", "rate", "doc")
EDIT_KEYS = ("doc", "of", "set", "drop", "remove")


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


@dataclass(frozen=True)
class Graph:
    """A graph as written; ``pfy_core.check`` says whether it can run. Changes return a new graph."""

    name: str = ""
    doc: str = ""
    inputs: dict[str, GraphInput] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def load(cls, source: str | Path) -> Graph:
        """A graph by name (``portrait``), with edits (``portrait+still-head``) or from a YAML file.

        Raises GraphError with every fault of the file, InputError when there is none of that name.
        """
        base, edits = _split(str(source))
        path = Path(base)
        if path.suffix not in (".yaml", ".yml"):
            path = registry.path("graphs", base)
            if not path.exists():
                known = registry.names("graphs")
                hint = did_you_mean(base, known) or f"one of {', '.join(known)}"
                raise InputError(f"no graph is named {base!r}", "a name or a .yaml file", hint)
        try:
            graph = cls.from_yaml(path.read_text(encoding="utf-8"), name=path.stem)
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"{path} cannot be read: {error}", "a graph as YAML", "check the path"
            ) from error
        for edit in edits:
            graph = graph.edit(edit)
        return graph

    @classmethod
    def from_yaml(cls, text: str, name: str = "") -> Graph:
        """A graph from YAML text; GraphError lists every fault with its line."""
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            lines = _lines(root)
            if isinstance(root, yaml.MappingNode):
                data = OmegaConf.to_container(OmegaConf.create(text), resolve=True)
            else:
                data = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            raise GraphError(
                [
                    Problem(
                        *(
                            "E001",
                            "YAML",
                            error.problem or str(error),
                            "YAML",
                            "mind colons, quotes, indentation",
                        ),
                        line=mark.line + 1 if mark else 0,
                    )
                ],
                name,
            ) from error
        except (yaml.YAMLError, OmegaConfBaseException, RecursionError, ValueError) as error:
            where = getattr(error, "full_key", None) or "YAML"
            first = (str(error).splitlines() or [type(error).__name__])[0]
            raise GraphError(
                [Problem("E001", str(where), first, "YAML with plain values", "correct that place")], name
            ) from error
        return cls.from_dict(data, name, lines)

    @classmethod
    def from_dict(cls, data: Any, name: str = "", lines: Mapping[str, int] | None = None) -> Graph:
        """A graph from plain data, in the form of the YAML file."""
        reader = _Reader(lines or {})
        data = reader.mapping(data, "", GRAPH_KEYS, "a graph")
        if data.get("pfy", VERSION) != VERSION:
            reader.fault("pfy", f"version {data['pfy']!r}", f"pfy: {VERSION}")
        inputs = {
            str(key): reader.input(value, f"inputs.{key}")
            for key, value in reader.mapping(data.get("inputs"), "inputs").items()
        }
        nodes = {
            str(key): reader.node(value, f"nodes.{key}")
            for key, value in reader.mapping(data.get("nodes"), "nodes").items()
        }
        outputs = {
            str(key): reader.text(value, f"outputs.{key}")
            for key, value in reader.mapping(data.get("outputs"), "outputs").items()
        }
        for key in nodes:
            if "." in key or key.startswith("$") or not key:
                reader.fault(f"nodes.{key}", f"node name {key!r}", "a name without '.' or '$'")
        if reader.problems:
            raise GraphError(reader.problems, name)
        label, doc = str(data.get("name") or name), str(data.get("doc") or "")
        return cls(label, doc, inputs, nodes, outputs, dict(lines or {}))

    def as_dict(self) -> dict[str, Any]:
        """Plain data in the form of the YAML file, without defaults."""
        nodes = {}
        for key, node in self.nodes.items():
            parts = {"use": node.use, "take": node.take, "with": node.config, "place": node.place}
            nodes[key] = {k: copy.deepcopy(v) for k, v in parts.items() if v}
        inputs: dict[str, Any] = {}
        for key, item in self.inputs.items():
            given = {k: v for k, v in vars(item).items() if v}
            inputs[key] = item.kind if given == {"kind": item.kind} else given
        data = {"pfy": VERSION, "name": self.name, "doc": self.doc}
        data |= {"inputs": inputs, "nodes": nodes, "outputs": dict(self.outputs)}
        return {key: value for key, value in data.items() if value}

    def to_yaml(self) -> str:
        """YAML text that reads back as an equal graph."""
        return OmegaConf.to_yaml(OmegaConf.create(literal(self.as_dict())))

    def digest(self) -> str:
        """sha256 of what the graph computes: its name and doc do not count."""
        data = {k: v for k, v in self.as_dict().items() if k not in ("name", "doc")}
        return digest.digest(data)

    # Building in Python -----------------------------------------------------------------------

    def input(self, name: str, kind: str, *, optional: bool = False) -> Graph:
        return replace(self, inputs=self.inputs | {name: GraphInput(kind, optional)})

    def add(
        self, name: str, use: str, config: Mapping[str, Any] | None = None, /, **take: str | list[str]
    ) -> Graph:
        """Add a node: ``graph.add("motion", "decoder/visemes", {"fps": 30}, phones="speech.phones")``."""
        return replace(self, nodes=self.nodes | {name: Node(use, dict(take), dict(config or {}))})

    def output(self, **references: str) -> Graph:
        return replace(self, outputs=self.outputs | references)

    # Changing ---------------------------------------------------------------------------------

    def set(self, *assignments: str) -> Graph:
        """Apply overrides: ``video=decoder/theirs`` swaps the component of a node,
        ``motion.fps=30`` sets an option, ``nodes.motion.take.wave=$speech`` any field.

        Raises InputError for an assignment that names no node or field.
        """
        data, lines = self.as_dict(), dict(self.lines)
        for assignment in assignments:
            key, equals, value = assignment.partition("=")
            if not equals or not key:
                raise InputError(
                    f"--set {assignment!r}", "NODE=COMPONENT or NODE.OPTION=VALUE", "--set motion.fps=30"
                )
            target = data
            *path, last = self._path(key)
            changed = ".".join([*path, last])
            lines = {
                place: line for place, line in lines.items() if not f"{place}.".startswith(f"{changed}.")
            }
            if path[:1] == ["inputs"] and isinstance(kind := data.get("inputs", {}).get(path[-1]), str):
                data["inputs"][path[-1]] = {"kind": kind}
            for part in path:
                target = target.setdefault(part, {})
                if not isinstance(target, dict):
                    raise InputError(f"--set {key}: {part!r} has no parts", "NODE.OPTION=VALUE")
            try:
                target[last] = _value(value) if value else ""
            except (yaml.YAMLError, OmegaConfBaseException, RecursionError, TypeError, ValueError) as error:
                raise InputError(
                    f"--set {assignment!r}: the value is not YAML: {error}",
                    "a YAML value",
                    "put it into quotes",
                ) from error
        return Graph.from_dict(data, self.name, lines)

    def _path(self, key: str) -> list[str]:
        head, *rest = key.split(".")
        if head in ("nodes", "inputs", "outputs") and rest and head not in self.nodes:
            return [head, *rest]
        if head not in self.nodes:
            hint = did_you_mean(head, self.nodes) or f"nodes are {', '.join(self.nodes)}"
            raise InputError(f"--set {key}: there is no node {head!r}", "a node of the graph", hint)
        if not rest:
            return ["nodes", head, "use"]
        return ["nodes", head, *(rest if rest[0] in NODE_KEYS else ["with", *rest])]

    def edit(self, name: str) -> Graph:
        """Apply a named edit (``registry/ablations/NAME.yaml`` or a path ending in ``.yaml``)."""
        edit = load_edit(name)
        of = edit.get("of")
        if of and self.name.partition("+")[0] not in of:
            raise InputError(f"edit {name!r} is made for {', '.join(of)}", f"not for {self.name!r}")
        data = {"nodes": {}} | self.set(*edit.get("set", [])).as_dict()
        for reference in edit.get("drop", []):
            node, _, port = reference.partition(".")
            if data["nodes"].get(node, {}).get("take", {}).pop(port, None) is None:
                raise InputError(f"edit {name!r} drops {reference}", "an edge of the graph")
        for node in edit.get("remove", []):
            if data["nodes"].pop(node, None) is None:
                raise InputError(f"edit {name!r} removes {node!r}", "a node of the graph")
            for other in data["nodes"].values():
                other["take"] = _without(other.get("take", {}), node)
            data["outputs"] = _without(data.get("outputs", {}), node)
        return replace(Graph.from_dict(data, self.name, self.lines), name=f"{self.name}+{name}")

    def run(self, **inputs: Any) -> Run:
        """Run the graph; see ``pfy_core.run.Run``."""
        from pfy_core.run import Run

        return Run(self, inputs)


def load_edit(name: str) -> dict[str, Any]:
    """A named edit as data: ``doc``, ``of`` (graphs), ``set``, ``drop`` (edges), ``remove`` (nodes)."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else registry.path("ablations", name)
    if not path.exists():
        hint = did_you_mean(name, registry.names("ablations"))
        raise InputError(f"no edit is named {name!r}", "see 'pfy graph list'", hint)
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"edit {path} cannot be read: {error}", "an edit as YAML") from error
    if not isinstance(data, dict) or set(data) - set(EDIT_KEYS):
        raise InputError(f"edit {path} has unknown keys", f"keys {', '.join(EDIT_KEYS)}")
    for key in set(data) - {"doc"}:
        if not (isinstance(data[key], list) and all(isinstance(item, str) for item in data[key])):
            raise InputError(f"edit {path}: {key} is {data[key]!r}", "a list of text")
    return data


def node_of(reference: str) -> str:
    """The node of a reference ``node`` or ``node.port``; empty for an input ``$name``."""
    return "" if reference.startswith("$") else reference.partition(".")[0]


def _split(source: str) -> tuple[str, list[str]]:
    """The name or file of a graph, and the edits after it; the path of a file may contain ``+``."""
    parts = source.split("+")
    for end in range(len(parts), 0, -1):
        base = Path("+".join(parts[:end]))
        if base.suffix in (".yaml", ".yml") and base.is_file():
            return str(base), parts[end:]
    return parts[0], parts[1:]


def _value(text: str) -> Any:
    """A value read as in a graph's file, where ``1e-3`` is a number and a date is text."""
    read: Any = OmegaConf.to_container(OmegaConf.from_dotlist([f"value={text}"]))
    return read["value"]


def _without(take: dict[str, Any], node: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for port, taken in take.items():
        if isinstance(taken, list):
            kept[port] = [item for item in taken if node_of(item) != node]
        elif node_of(taken) != node:
            kept[port] = taken
    return kept


def _lines(root: Any, path: str = "") -> dict[str, int]:
    found: dict[str, int] = {}
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            here = f"{path}.{key.value}" if path else str(key.value)
            found[here] = key.start_mark.line + 1
            found |= _lines(value, here)
    return found


class _Reader:
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
