"""The plan of a training: a recipe held against its graph, with every problem at once.

Each input of a part that learns comes from a field of a sample (``data.give``), from another part that
learns, or from frozen nodes: these make up a graph of their own, which is run once per clip.
"""

from __future__ import annotations

import dataclasses
import inspect
from typing import TYPE_CHECKING, Any

from pfy_core import catalogue as catalogues
from pfy_core import check, config
from pfy_core.errors import GraphError, InputError, PfyError, PluginError, did_you_mean
from pfy_core.graph import Graph, node_of
from pfy_core.graph_file import GraphInput
from pfy_core.ports import fits, rate_text
from pfy_core.trainable import Trainable
from pfy_train.fields import FIELDS
from pfy_train.parts import Criterion, Part, Plan, Value, made_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pfy_core.catalogue import Catalogue
    from pfy_core.component import ComponentSpec
    from pfy_core.ports import PortSpec
    from pfy_train.recipe import Source, Term

SEEDS = "seeds"
"""The parameter of ``learn`` that gets the seed of each clip."""


def plan(source: Source, catalogue: Catalogue | None = None) -> Plan:
    """The plan of a recipe. Raises RecipeError with all problems of the recipe, its graph and its parts."""
    return _Planner(source, catalogue or catalogues.installed()).planned()


class _Planner:
    def __init__(self, source: Source, catalogue: Catalogue) -> None:
        self.source, self.recipe, self.catalogue = source, source.recipe, catalogue
        self.given: dict[str, str] = {}
        self.values: dict[str, Value] = {}
        self.outputs: dict[str, set[str] | None] = {}
        self.needed: dict[str, bool] = {}

    def planned(self) -> Plan:
        graph = self._graph()
        if graph is None:
            self.source.require()
            raise AssertionError
        self.graph, self.resolved = graph, check.resolve(graph, self.catalogue)
        self.source.problems += self.resolved.problems
        self._given()
        parts = list(self._parts())
        criteria = [
            found for name, term in self.recipe.losses.items() if (found := self._criterion(name, term))
        ]
        drop = self._dropped()
        self.source.require()
        frozen = self._frozen()
        gives = {ref.removeprefix("$"): name for ref, name in self.given.items()}
        return Plan(graph, self.catalogue, parts, criteria, self.values, frozen, gives, drop)

    def _graph(self) -> Graph | None:
        name = self.recipe.graph
        base = name.partition("+")[0]
        beside = self.source.folder / name
        try:
            is_file = base.endswith((".yaml", ".yml")) and (self.source.folder / base).exists()
            return Graph.load(str(beside) if is_file else name).set(*self.recipe.set)
        except GraphError as error:
            self.source.problems += error.problems
        except InputError as error:
            where = "set" if error.sends.startswith("--set") else "graph"
            self.source.report("R101", where, error.sends, error.wants, error.fix)
        return None

    # What a sample gives --------------------------------------------------------------------------

    def _given(self) -> None:
        for reference, name in self.recipe.data.give.items():
            where = f"data.give.{reference}"
            found = self._origin(reference, where)
            known = self._field(name, where)
            if found is None or known is None:
                continue
            canonical, kind, rate = found
            if not fits(known.kind, kind):
                self.source.report("R203", where, f"{name}: {known.kind}", f"{kind} for {reference}")
            elif known.rate and rate and rate != known.rate:
                sends, wants = f"{name} @ {rate_text(known.rate)}", f"{reference} @ {rate_text(rate)}"
                self.source.report("R204", where, sends, wants, "set the graph's rate by 'set'")
            self.given[canonical] = name

    def _field(self, name: str, where: str) -> Any:
        if name not in FIELDS:
            hint = did_you_mean(name, FIELDS)
            self.source.report("R202", where, f"field {name!r}", f"one of {', '.join(FIELDS)}", hint)
        return FIELDS.get(name)

    def _origin(self, reference: str, where: str) -> tuple[str, str, float] | None:
        """A reference by its full name, its kind and its rate; None after reporting that there is none."""
        if reference.startswith("$"):
            item = self.graph.inputs.get(reference[1:])
            if item is not None:
                return reference, item.kind, self.resolved.rates.get((reference, ""), 0.0)
            known = [f"${name}" for name in self.graph.inputs]
        else:
            node, _, _port = reference.partition(".")
            if node in self.graph.nodes and node not in self.resolved.specs:
                return None  # its component is unknown, which is told already
            found = self.resolved.source(reference)
            if found is not None:
                name = f"{found[0]}.{found[1].name}"
                return name, found[1].port.kind, self.resolved.rates.get((found[0], found[1].name), 0.0)
            known = (
                [f"{node}.{item.name}" for item in self.resolved.specs[node].outputs]
                if node in self.resolved.specs
                else list(self.graph.nodes)
            )
        hint = did_you_mean(reference, known)
        self.source.report("R201", where, f"{reference!r}", f"one of {', '.join(known)}", hint)
        return None

    def _dropped(self) -> dict[str, float]:
        """What is emptied, of the outputs of frozen nodes that anything takes: an ablation may take none."""
        found = {}
        for reference, share in self.recipe.data.drop.items():
            where = f"data.drop.{reference}"
            origin = self._origin(reference, where)
            if origin is not None and (reference.startswith("$") or node_of(origin[0]) in self.recipe.learn):
                self.source.report("R206", where, f"{reference!r}", "an output of a frozen node")
            elif origin is not None and origin[0] in self.values:
                found[origin[0]] = share
        return found

    # Parts that learn -----------------------------------------------------------------------------

    def _parts(self) -> Iterator[Part]:
        learn = list(dict.fromkeys(self.recipe.learn))
        for node in [node for node in learn if node not in self.graph.nodes]:
            hint = did_you_mean(node, self.graph.nodes)
            wants = f"nodes: {', '.join(self.graph.nodes)}"
            self.source.report("R301", "learn", f"node {node!r}", wants, hint)
        for node in [node for node in self.recipe.data.targets if node not in learn]:
            where = f"data.targets.{node}"
            self.source.report(
                "R302", where, f"targets of {node!r}", "a node of 'learn'", did_you_mean(node, learn)
            )
        for node in [node for node in self.resolved.order if node in learn]:
            if node in self.resolved.specs and (part := self._part(node, self.resolved.specs[node])):
                yield part

    def _part(self, node: str, spec: ComponentSpec) -> Part | None:
        try:
            cls = self.catalogue.load(spec.id)
        except PluginError as error:
            self.source.report("R303", "learn", f"{node}: {error.sends}", error.wants, error.fix)
            return None
        learn = getattr(cls, "learn", None)
        if learn is None or not hasattr(cls, "network"):
            sends = f"{node}: {spec.id} has no parameters that learn"
            wants = f"a component with the methods of pfy_core.{Trainable.__name__}"
            self.source.report(
                "R303", "learn", sends, wants, "leave it out: what is not in 'learn' is frozen"
            )
            return None
        self.outputs[node] = made_by(learn, spec)
        take, many = self._takes(node, spec)
        for name, wanted in self.recipe.data.targets.get(node, {}).items():
            if (reference := self._target(wanted, f"data.targets.{node}.{name}")) is not None:
                take[name] = reference
        seeded = self._fit(node, spec, learn, set(take))
        return Part(node, spec, take, tuple(many), seeded, f"{node}.{spec.outputs[0].name}")

    def _takes(self, node: str, spec: ComponentSpec) -> tuple[dict[str, str], list[str]]:
        take, many = dict[str, str](), list[str]()
        ports = {port.name: port for port in spec.inputs}
        for name, reference in self.graph.nodes[node].sources():
            if name not in ports:
                continue  # told with the graph's problems
            found = self._reference(reference, f"nodes.{node}.take.{name}")
            if found is None:
                if not ports[name].optional:
                    sends = f"nothing for input {name!r} of {node}, which takes {reference}"
                    self.source.report(
                        "R205", "data.give", sends, str(ports[name].port), f"{reference}: FIELD"
                    )
            elif ports[name].variadic:
                many.append(found)
            else:
                take[name] = found
        return take, many

    def _target(self, wanted: str, where: str) -> str | None:
        if "." in wanted:
            return self._reference(wanted, where)
        known = self._field(wanted, where)
        if known is None:
            return None
        self.values[wanted] = Value(field=wanted, rate=known.rate)
        return wanted

    def _fit(self, node: str, spec: ComponentSpec, learn: Any, given: set[str]) -> bool:
        """Hold the parameters of ``learn`` against what it will get; whether it takes seeds."""
        parameters = list(inspect.signature(learn).parameters.values())[1:]
        named = {p.name: p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        for name, parameter in named.items():
            if parameter.default is parameter.empty and name not in {*given, SEEDS}:
                ports = {port.name for port in spec.inputs}
                sends = f"nothing for {name!r} of {spec.id}.learn"
                where = "data.give" if name in ports else f"data.targets.{node}"
                self.source.report("R304", where, sends, f"{name}: FIELD", f"fields: {', '.join(FIELDS)}")
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
            for name in sorted(given - set(named)):
                sends = f"{name!r}, which {spec.id}.learn does not take"
                wants = ", ".join(key for key in named if key != SEEDS)
                self.source.report(
                    "R305", f"data.targets.{node}.{name}", sends, wants, did_you_mean(name, named)
                )
        return SEEDS in named

    # References -----------------------------------------------------------------------------------

    def _reference(self, reference: str, where: str) -> str | None:
        """The full name of a reference, noted among the values unless a part gives it; None when it is
        absent."""
        found = self._origin(reference, where)
        if found is None:
            return None
        name, _, rate = found
        if name in self.given:
            known = FIELDS[self.given[name]]
            self.values[name] = Value(field=self.given[name], rate=known.rate)
        elif name.startswith("$"):
            return None
        elif node_of(name) in self.recipe.learn:
            return name
        elif self._runs(node_of(name), where):
            self.values[name] = Value(output=name, rate=rate)
        else:
            return None
        return name

    def _runs(self, node: str, where: str) -> bool:
        """Whether a frozen node has all that it needs; it then belongs to the graph that is run once per
        clip."""
        if node in self.needed or node not in self.resolved.specs:
            return self.needed.get(node, False)
        self.needed[node] = True  # a cycle is the graph's own problem
        ports = {port.name: port for port in self.resolved.specs[node].inputs}
        for name, reference in self.graph.nodes[node].sources():
            if name in ports and not self._comes(reference, node, where) and not ports[name].optional:
                self.needed[node] = False
        return self.needed[node]

    def _comes(self, reference: str, node: str, where: str) -> bool:
        found = self._origin(reference, where)
        if found is None or (found[0] not in self.given and reference.startswith("$")):
            return False
        if found[0] in self.given:
            return True
        other = node_of(found[0])
        if other in self.recipe.learn:
            sends = f"{node}, which is frozen, takes {reference} of {other}, which learns"
            self.source.report(
                "R306", "learn", sends, "frozen nodes that need none that learns", f"add {node}"
            )
            return False
        return self._runs(other, where)

    def _frozen(self) -> Graph | None:
        outputs = {value.output: value.output for value in self.values.values() if value.output}
        if not outputs:
            return None
        nodes = {name: self._rewired(name) for name in self.graph.nodes if self.needed.get(name)}
        taken = {reference for node in nodes.values() for _, reference in node.sources()}
        inputs = {}
        for reference, name in self.given.items():
            if f"${reference.removeprefix('$')}" in taken:
                _, kind, rate = self._origin(reference, "") or ("", "", 0.0)
                inputs[reference.removeprefix("$")] = GraphInput(kind, rate=rate or FIELDS[name].rate or None)
        return Graph(f"{self.graph.name} (frozen)", inputs=inputs, nodes=nodes, outputs=outputs)

    def _rewired(self, name: str) -> Any:
        """A frozen node that takes given outputs of other nodes as inputs of the graph."""
        node, take = self.graph.nodes[name], dict[str, Any]()
        for port, taken in node.take.items():
            kept = []
            for reference in taken if isinstance(taken, list) else [taken]:
                source = self.resolved.source(reference)
                full = f"{source[0]}.{source[1].name}" if source else reference
                if not reference.startswith("$") and full in self.given:
                    kept.append(f"${full}")
                elif full in self.given or self.needed.get(node_of(full)):
                    kept.append(reference)
            if kept:
                take[port] = kept if isinstance(taken, list) else kept[0]
        return dataclasses.replace(node, take=take)

    # Losses ---------------------------------------------------------------------------------------

    def _criterion(self, name: str, term: Term) -> Criterion | None:
        where = f"losses.{name}"
        try:
            spec = self.catalogue.spec(term.use)
            options, faults = config.validate(spec, term.options)
        except PfyError as error:
            self.source.report("R401", f"{where}.use", error.sends, error.wants, error.fix)
            return None
        if spec.role != "loss":
            self.source.report(
                "R401", f"{where}.use", f"{term.use}, a {spec.role}", "a loss, e.g. loss/velocity"
            )
            return None
        for key, message in faults:
            self.source.report("R402", f"{where}.with.{key}", message, f"an option of {spec.id}")
        ports = {port.name: port for port in spec.inputs}
        for port in ports.values():
            if not port.optional and port.name not in term.take:
                sends = f"nothing for input {port.name!r} of {spec.id}"
                self.source.report("R403", f"{where}.take", sends, f"{port.name}: NODE.OUTPUT")
        take = {}
        for key, reference in term.take.items():
            if key not in ports:
                wants = f"inputs of {spec.id}: {', '.join(ports)}"
                self.source.report(
                    "R404", f"{where}.take.{key}", f"input {key!r}", wants, did_you_mean(key, ports)
                )
            elif (found := self._compared(reference, f"{where}.take.{key}", ports[key])) is not None:
                take[key] = found
        return Criterion(name, spec, options, take, term.weight)

    def _compared(self, reference: str, where: str, port: PortSpec) -> str | None:
        """What a loss takes: an output of a part's ``learn``, or any other value of a clip."""
        node, _, name = reference.partition(".")
        if node not in self.outputs:
            if node in self.recipe.learn and node in self.graph.nodes:
                return None  # it cannot learn, which is told already
            found = self._reference(reference, where)
            if found is None and not self._known_problem(where):
                sends = f"{reference}, which is absent"
                self.source.report("R405", where, sends, f"a value for {port.name}", "give it in data.give")
            return found
        known = self.outputs[node]
        if not name and (known is None or len(known) == 1):
            return f"{node}.{next(iter(known or ()), self.resolved.specs[node].outputs[0].name)}"
        if known is not None and name not in known:
            sends = f"output {name!r} of {node}.learn"
            wants = f"one of {', '.join(sorted(known))}"
            self.source.report("R406", where, sends, wants, did_you_mean(name, known))
            return None
        return reference

    def _known_problem(self, where: str) -> bool:
        return any(problem.where == where for problem in self.source.problems)
