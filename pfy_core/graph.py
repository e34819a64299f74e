"""Graphs: slots, the components that fill them, and the edges between their ports.

    pfy: 1
    inputs:  {text: text, face: image.rgb, voice: {kind: audio.wave, optional: true}}
    nodes:
      speech: {use: decoder/speech, take: {text: $text}}
      motion: {use: decoder/visemes, take: {phones: speech.phones, wave: speech.wave}, with: {fps: 25}}
    outputs: {wave: speech.wave, motion: motion}
    options: {head: motion.head}

``$name`` is an input of the graph, ``node.port`` an output of a node (``node`` alone when it has
one), a list of these feeds a variadic port. Options are names under which a graph offers what its
nodes can be set to (``pfy narrate --head lively``).
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from pfy_core import digest, registry
from pfy_core.errors import GraphError, InputError, Problem, did_you_mean
from pfy_core.events import note
from pfy_core.graph_file import GRAPH_KEYS, NODE_KEYS, VERSION, GraphInput, Node, Reader, line_numbers
from pfy_core.literal import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pfy_core.run import Run

EDIT_KEYS = ("doc", "of", "set", "drop", "remove")


@dataclass(frozen=True)
class Graph:
    """A graph as written; ``pfy_core.check`` says whether it can run. Changes return a new graph."""

    name: str = ""
    doc: str = ""
    inputs: dict[str, GraphInput] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    folder: str = field(default="", compare=False, repr=False)
    """Of the graph's file: paths in it may be relative to this."""

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
            graph = _beside(replace(graph, folder=str(path.parent)))
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
            lines = line_numbers(root)
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
        reader = Reader(lines or {})
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
        options = {
            str(key): reader.places(value, f"options.{key}")
            for key, value in reader.mapping(data.get("options"), "options").items()
        }
        for key in nodes:
            if "." in key or key.startswith("$") or not key:
                reader.fault(f"nodes.{key}", f"node name {key!r}", "a name without '.' or '$'")
        if reader.problems:
            raise GraphError(reader.problems, name)
        label, doc = str(data.get("name") or name), str(data.get("doc") or "")
        return cls(label, doc, inputs, nodes, outputs, options, dict(lines or {}))

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
        data["options"] = {k: v[0] if len(v) == 1 else list(v) for k, v in self.options.items()}
        return {key: value for key, value in data.items() if value}

    def to_yaml(self) -> str:
        """YAML text that reads back as an equal graph."""
        return OmegaConf.to_yaml(OmegaConf.create(literal(self.as_dict())))

    def digest(self) -> str:
        """sha256 of what the graph computes: its name, doc and options do not count."""
        data = {k: v for k, v in self.as_dict().items() if k not in ("name", "doc", "options")}
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
        ``motion.fps=30`` sets an option, ``nodes.motion.take.wave=$speech`` any field. A component that
        is swapped in keeps the options of the node that it has too; a note names the others.

        Raises InputError for an assignment that names no node or field.
        """
        pairs = []
        for assignment in assignments:
            key, equals, text = assignment.partition("=")
            if not equals or not key:
                raise InputError(
                    f"--set {assignment!r}", "NODE=COMPONENT or NODE.OPTION=VALUE", "--set motion.fps=30"
                )
            try:
                pairs.append((key, _value(text) if text else ""))
            except (yaml.YAMLError, OmegaConfBaseException, RecursionError, TypeError, ValueError) as error:
                raise InputError(
                    f"--set {assignment!r}: the value is not YAML: {error}",
                    "a YAML value",
                    "put it into quotes",
                ) from error
        return self._assign(pairs)

    def choose(self, **values: Any) -> Graph:
        """Set options that the graph offers, ``choose(head="lively")``; those that are None stay.

        Raises InputError for one that it does not offer.
        """
        pairs = []
        for name, value in values.items():
            if value is None:
                continue
            if name not in self.options:
                hint = did_you_mean(name, self.options) or f"it has {', '.join(self.options) or 'none'}"
                raise InputError(
                    f"graph {self.name!r} has no option {name!r}", "an option of the graph", hint
                )
            pairs += [(place, value) for place in self.options[name]]
        return self._assign(pairs)

    def sweep(self, axes: Mapping[str, Sequence[Any]]) -> list[tuple[dict[str, Any], Graph]]:
        """Every combination of values as (settings, graph): those of the last place change fastest.

        ``graph.sweep({"fusion": ["fuser/ete", "fuser/ste"], "fusion.init_seed": [0, 1, 2]})`` gives six.
        A place is written as for ``set``; the name of each graph says its settings. Run with one
        ``Store``, what the graphs share is computed once. Raises InputError for a place that the graph
        has not and for one without a list of values.
        """
        for place, values in axes.items():
            if isinstance(values, str) or not isinstance(values, Sequence) or not values:
                raise InputError(
                    f"sweep over {place}: {values!r}", "a list of values", f"{{{place!r}: [...]}}"
                )
        found = []
        for values in itertools.product(*axes.values()):
            settings = dict(zip(axes, values, strict=True))
            name = "+".join([self.name, *(f"{place}={value}" for place, value in settings.items())])
            found.append((settings, replace(self._assign(settings.items()), name=name)))
        return found

    def _assign(self, pairs: Iterable[tuple[str, Any]]) -> Graph:
        data, lines = self.as_dict(), dict(self.lines)
        for key, value in pairs:
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
            target[last] = value
            if path[:1] == ["nodes"] and last == "use" and target.get("with"):
                target["with"] = _kept(path[1], value, target["with"])
        return replace(Graph.from_dict(data, self.name, lines), folder=self.folder)

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
            data["options"] = _unless_of(data.get("options", {}), node)
        made = Graph.from_dict(data, self.name, self.lines)
        return replace(made, name=f"{self.name}+{name}", folder=self.folder)

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


def _beside(graph: Graph) -> Graph:
    """A graph whose options name files beside it (``./weights/fusion.safetensors``) from anywhere."""
    nodes = {}
    for name, node in graph.nodes.items():
        found = {
            key: str((Path(graph.folder) / value).absolute())
            for key, value in node.config.items()
            if isinstance(value, str) and value.startswith("./") and (Path(graph.folder) / value).is_file()
        }
        nodes[name] = replace(node, config=node.config | found) if found else node
    return replace(graph, nodes=nodes)


def _value(text: str) -> Any:
    """A value read as in a graph's file, where ``1e-3`` is a number and a date is text."""
    read: Any = OmegaConf.to_container(OmegaConf.from_dotlist([f"value={text}"]))
    return read["value"]


def _unless_of(options: dict[str, Any], node: str) -> dict[str, Any]:
    """Options without the places that belong to a node."""
    kept = {}
    for name, places in options.items():
        left = [
            place for place in ([places] if isinstance(places, str) else places) if node_of(place) != node
        ]
        if left:
            kept[name] = left
    return kept


def _without(take: dict[str, Any], node: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for port, taken in take.items():
        if isinstance(taken, list):
            kept[port] = [item for item in taken if node_of(item) != node]
        elif node_of(taken) != node:
            kept[port] = taken
    return kept


def _kept(node: str, use: Any, options: dict[str, Any]) -> dict[str, Any]:
    """The options of a node that its new component has; all of them, where that is not known here."""
    from pfy_core import catalogue

    spec = catalogue.installed().components.get(str(use))
    if spec is None:
        return options
    known = {item.name for item in spec.config}
    if lost := [name for name in options if name not in known]:
        note(f"{node}: {use} has no {', '.join(lost)}; it is used without")
    return {name: value for name, value in options.items() if name in known}
