"""check: every reason why a graph cannot run, found at once, without importing a plugin or torch."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from pfy_core import catalogue as catalogues
from pfy_core import config, weights
from pfy_core.errors import GraphError, PluginError, Problem, did_you_mean
from pfy_core.graph import Graph, node_of
from pfy_core.ports import Port, PortSpec, fits, rate_text
from pfy_core.unify import Clash, Terms

if TYPE_CHECKING:
    from pfy_core.catalogue import Catalogue
    from pfy_core.component import ComponentSpec
    from pfy_core.isolation.environment import Environment

PLACE_KEYS = ("device", "dtype", "executor", "venv")
PROCESS = "process"
"""The executor that comes with pfy: a process of its own, see ``pfy_core.isolation``."""


@dataclass
class Resolved:
    """A graph with its components looked up: what the planner, the runner and ``show`` read.

    ``rates`` and ``dims`` hold what is known of each output ``(node, port)`` and input
    ``("$name", "")`` after unification; ``homes`` the environments of nodes that have one of their own.
    """

    graph: Graph
    specs: dict[str, ComponentSpec] = field(default_factory=dict)
    config: dict[str, dict[str, Any]] = field(default_factory=dict)
    rates: dict[tuple[str, str], float] = field(default_factory=dict)
    dims: dict[tuple[str, str], str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    homes: dict[str, Environment] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def require(self) -> Resolved:
        """Self, or GraphError with all problems."""
        if self.problems:
            raise GraphError(self.problems, self.graph.name)
        return self

    def catalogue(self, node: str, here: Catalogue) -> Catalogue:
        """Where a node's component comes from: its own environment's catalogue, or the one ``here``."""
        return self.homes[node].catalogue if node in self.homes else here

    def source(self, reference: str) -> tuple[str, PortSpec] | None:
        """The node and output port behind ``node`` or ``node.port``; None when there is none."""
        node, _, name = reference.partition(".")
        if node not in self.specs:
            return None
        outputs = self.specs[node].outputs
        ports = [port for port in outputs if port.name == name] if name else list(outputs)
        return (node, ports[0]) if len(ports) == 1 else None


def check(graph: Graph, catalogue: Catalogue | None = None) -> list[Problem]:
    """All problems of a graph; empty when it can run.

    Looks closer at the plugins that the graph uses than running it does: whether they can be imported.
    """
    catalogue = catalogue or catalogues.installed()
    used = {
        catalogue.components[node.use].plugin
        for node in graph.nodes.values()
        if node.use in catalogue.components
    }
    catalogue.examine(used & set(catalogue.plugins))
    return resolve(graph, catalogue).problems


def resolve(graph: Graph, catalogue: Catalogue | None = None) -> Resolved:
    """Look up the components of a graph, validate its config and unify its edges."""
    return _Resolver(graph, catalogue or catalogues.installed()).resolved()


class _Resolver:
    def __init__(self, graph: Graph, catalogue: Catalogue) -> None:
        self.graph, self.catalogue = graph, catalogue
        self.found = Resolved(graph)
        self.terms = Terms()

    def resolved(self) -> Resolved:
        for name in self.graph.nodes:
            self._component(name)
        for name, spec in self.found.specs.items():
            self._edges(name, spec)
        for name, reference in self.graph.outputs.items():
            self._reference(f"outputs.{name}", reference)
        for name, places in self.graph.options.items():
            for place in places:
                self._option(f"options.{name}", place)
        if not self.graph.outputs:
            self._report("E303", "outputs", "a graph without outputs", "outputs: {name: node.port}")
        self._order()
        self._facts()
        return self.found

    def _report(self, code: str, where: str, sends: str, wants: str = "", fix: str = "") -> None:
        parts = where.split(".")
        keys = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
        line = next((self.graph.lines[key] for key in keys if key in self.graph.lines), 0)
        self.found.problems.append(Problem(code, where, sends, wants, fix, line))

    # Components and config --------------------------------------------------------------------

    def _component(self, name: str) -> None:
        node, where = self.graph.nodes[name], f"nodes.{name}"
        self._place(name, f"{where}.place")
        if node.place.get("venv") and name not in self.found.homes:
            return
        catalogue = self.found.catalogue(name, self.catalogue)
        try:
            spec = catalogue.spec(node.use)
            given, faults = config.validate(spec, node.config)
        except PluginError as error:
            self._report("E101", f"{where}.use", error.sends, error.wants, error.fix)
            return
        self.found.specs[name] = spec
        self.found.config[name] = given
        for key, message in faults:
            self._report("E401", f"{where}.with.{key}", message, f"an option of {spec.id} {spec.version}")
        offline = bool(os.environ.get(weights.OFFLINE))
        for item in spec.config:
            named = bool(node.config.get(item.name))
            needed = item.weights == "required" or (offline and named)
            if not item.weights or item.name not in given or not (needed or given[item.name]):
                continue
            if fault := weights.fault(given[item.name], catalogue, needed=needed):
                self._report("E501", f"{where}.with.{item.name}", *fault)

    def _place(self, name: str, where: str) -> None:
        """Look at where a node is to run; its environment is read, not run."""
        place = self.graph.nodes[name].place
        for key in place:
            if key not in PLACE_KEYS:
                hint = did_you_mean(key, PLACE_KEYS)
                self._report("E402", f"{where}.{key}", f"unknown key {key!r}", ", ".join(PLACE_KEYS), hint)
        executor, venv = place.get("executor"), place.get("venv")
        known = [PROCESS, *self.catalogue.executors()]
        if executor and executor not in known and len(known) == 1:
            hint = did_you_mean(str(executor), known) or "install the plugin that brings it"
            self._report("E602", f"{where}.executor", f"executor {executor!r}", f"executor: {PROCESS}", hint)
        elif venv and not executor:
            fix = f"executor: {PROCESS}"
            self._report("E602", f"{where}.venv", "a venv without an executor", fix, f"add {fix}")
        elif venv and executor == PROCESS:
            from pfy_core.isolation.environment import Environment

            try:
                self.found.homes[name] = Environment.at(str(venv), self.graph.folder)
            except PluginError as error:
                self._report("E601", f"{where}.venv", error.sends, error.wants, error.fix)

    def _option(self, where: str, place: str) -> None:
        """An option sets a field of a node, or of an input; whether the component has it shows when used."""
        head, rest = place.split(".", 1)
        known = self.graph.inputs if head == "inputs" else self.graph.nodes
        name = rest.split(".")[0] if head == "inputs" else head
        if name not in known:
            self._report("E304", where, place, f"one of {', '.join(known)}", did_you_mean(name, known))

    # Edges ------------------------------------------------------------------------------------

    def _edges(self, name: str, spec: ComponentSpec) -> None:
        node, where = self.graph.nodes[name], f"nodes.{name}.take"
        ports = {port.name: port for port in spec.inputs}
        for port in spec.inputs:
            if not port.optional and not node.take.get(port.name):
                fix = self._offer(name, port.port)
                self._report(
                    "E201", where, f"nothing for input {port.name!r} of {spec.id}", str(port.port), fix
                )
        for key, taken in node.take.items():
            if key not in ports:
                wants = f"inputs of {spec.id}: {', '.join(ports) or 'none'}"
                self._report("E202", f"{where}.{key}", f"input {key!r}", wants, did_you_mean(key, ports))
                continue
            if isinstance(taken, list) and not ports[key].variadic:
                self._report(
                    "E208",
                    f"{where}.{key}",
                    f"a list of {len(taken)}",
                    "one reference",
                    "this port is not variadic",
                )
            for reference in taken if isinstance(taken, list) else [taken]:
                self._edge(name, ports[key], reference)

    def _offer(self, name: str, wanted: Port) -> str:
        """References in the graph whose kind fits, as a suggestion."""
        offers = [f"${k}" for k, item in self.graph.inputs.items() if fits(item.kind, wanted.kind)]
        for other, spec in self.found.specs.items():
            if other != name:
                ports = [port for port in spec.outputs if fits(port.port.kind, wanted.kind)]
                offers += [f"{other}.{port.name}" for port in ports]
        return f"take it from {' or '.join(offers[:3])}" if offers else f"add a node that makes {wanted.kind}"

    def _reference(self, where: str, reference: str) -> tuple[str, PortSpec] | None:
        """The source behind a reference, or None after reporting why there is none."""
        if reference.startswith("$"):
            item = self.graph.inputs.get(reference[1:])
            if item is None:
                hint = did_you_mean(reference[1:], self.graph.inputs)
                known = ", ".join(f"${key}" for key in self.graph.inputs) or "none"
                self._report("E203", where, f"graph input {reference!r}", f"inputs: {known}", hint)
                return None
            return reference, PortSpec("", Port(item.kind, rate=item.rate))
        node, _, port = reference.partition(".")
        if node not in self.graph.nodes:
            hint = did_you_mean(node, self.graph.nodes)
            self._report("E203", where, f"node {node!r}", f"nodes: {', '.join(self.graph.nodes)}", hint)
            return None
        spec = self.found.specs.get(node)
        found = self.found.source(reference)
        if spec is not None and found is None:
            names = [item.name for item in spec.outputs]
            sends = f"output {port!r} of {node}" if port else f"{node!r}, which has several outputs"
            self._report("E203", where, sends, f"one of {', '.join(names)}", did_you_mean(port, names))
        return found

    def _edge(self, name: str, port: PortSpec, reference: str) -> None:
        where = f"nodes.{name}.take.{port.name}"
        source = self._reference(where, reference)
        if source is None:
            return
        origin, sent = source
        sends = f"{self._shown(origin, sent.port)}  from {self._title(origin, reference)}"
        wants = f"{self._shown(name, port.port)}  into {self._title(name, f'{name}.{port.name}')}"
        if not fits(sent.port.kind, port.port.kind):
            self._report(
                "E204",
                where,
                sends,
                wants,
                self._adapter(sent.port, port.port) or self._offer(name, port.port),
            )
            return
        if sent.port.dtype and port.port.dtype and sent.port.dtype != port.port.dtype:
            self._report("E207", where, f"{sent.port.dtype} {sends}", f"{port.port.dtype} {wants}")
        given = reference.startswith("$")
        try:
            self.terms.edge(self._rate(origin, sent.port, given=given), self._rate(name, port.port))
        except Clash:
            self._report(
                "E206", where, sends, wants, self._adapter(sent.port, port.port) or "make both rates the same"
            )
        if not given:
            self._unify_dims(where, (origin, sent.port), (name, port.port), sends, wants)

    def _unify_dims(
        self, where: str, a: tuple[str, Port], b: tuple[str, Port], sends: str, wants: str
    ) -> None:
        left, right = a[1].dims.split(), b[1].dims.split()
        if not left or not right or "..." in left or "..." in right:
            return
        try:
            if len(left) != len(right):
                raise Clash
            for one, other in zip(left, right, strict=True):
                if "_" not in (one, other):
                    self.terms.edge(self._dim(a[0], one), self._dim(b[0], other))
        except Clash:
            self._report("E205", where, sends, wants, self._adapter(a[1], b[1]) or "make the dims agree")

    def _adapter(self, sent: Port, wanted: Port) -> str:
        for spec in self.catalogue.components.values():
            if spec.role == "adapter" and len(spec.outputs) == 1 and spec.inputs:
                enters = fits(sent.kind, spec.inputs[0].port.kind)
                if enters and fits(spec.outputs[0].port.kind, wanted.kind):
                    return f"insert {spec.id} between them"
        return ""

    # Terms: numbers, or variables of a node -----------------------------------------------------

    def _rate(self, node: str, port: Port, *, given: bool = False) -> Any:
        if isinstance(port.rate, str):
            value = self.found.config.get(node, {}).get(port.rate)
            return float(value) if isinstance(value, int | float) else (node, "rate " + port.rate)
        if port.rate is None:
            return (node, "rate") if given else None
        return float(port.rate)

    def _dim(self, node: str, dim: str) -> Any:
        if dim.isdigit():
            return int(dim)
        value = self.found.config.get(node, {}).get(dim)
        return value if isinstance(value, int) else (node, dim)

    def _dims(self, node: str, port: Port) -> str:
        """The dims of a port, names replaced by numbers where they are known."""
        values = [(dim, self.terms.value(self._dim(node, dim))) for dim in port.dims.split()]
        return " ".join(str(value) if isinstance(value, int) else dim for dim, value in values)

    def _shown(self, node: str, port: Port) -> str:
        """A port with what is known of its dims and its rate."""
        dims, rate = self._dims(node, port), self.terms.value(self._rate(node, port))
        text = f"{port.kind} ({dims})" if dims else port.kind
        return f"{text} @ {rate_text(rate)}" if isinstance(rate, int | float) else text

    def _title(self, node: str, reference: str) -> str:
        spec = self.found.specs.get(node)
        return f"{reference} ({spec.id} {spec.version})".replace(" )", ")") if spec else reference

    # Shape of the whole -------------------------------------------------------------------------

    def _order(self) -> None:
        """Nodes so that each follows its sources; every cycle is reported with its path."""
        edges = {
            name: {node_of(source) for _, source in node.sources()} & set(self.graph.nodes)
            for name, node in self.graph.nodes.items()
        }
        while True:
            try:
                self.found.order = list(TopologicalSorter(edges).static_order())
                return
            except CycleError as error:
                path = list(reversed(error.args[1]))
                sends = f"cycle {' takes from '.join(path)}"
                self._report("E301", f"nodes.{path[0]}.take", sends, "no cycles", "remove one of these edges")
                edges[path[0]] -= {path[1]}

    def _facts(self) -> None:
        for name, spec in self.found.specs.items():
            for port in spec.outputs:
                rate = self.terms.value(self._rate(name, port.port))
                if isinstance(rate, int | float):
                    self.found.rates[name, port.name] = float(rate)
                self.found.dims[name, port.name] = self._dims(name, port.port)
        for key, item in self.graph.inputs.items():
            rate = self.terms.value(self._rate(f"${key}", Port(item.kind, rate=item.rate), given=True))
            if isinstance(rate, int | float):
                self.found.rates[f"${key}", ""] = float(rate)
