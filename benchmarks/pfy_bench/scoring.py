"""Scoring a clip: every feature and measure of a suite, each on its own, so that one that fails costs
only its own number.

Each is run as a graph of one node, with the core's store: a feature is found there by the digests of
its component's code, config, weights and of the clip.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

from pfy_bench.reasons import told
from pfy_bench.suite import SIDES
from pfy_core import Score, check, digest, weights
from pfy_core.catalogue import installed
from pfy_core.errors import GraphError, InputError, PfyError
from pfy_core.graph import Graph
from pfy_core.graph_file import GraphInput
from pfy_core.runner import Runner
from pfy_core.trace import key_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pfy_bench.sides import Side
    from pfy_bench.suite import Suite
    from pfy_core.store import Store

NOT_HERE = ("E101", "E501")
"""Codes of problems that leave a number out: a component that is not installed, weights that are not here."""


SPEED = frozenset({"device", "batch", "workers"})
"""Options that change how fast a number is there, and not which."""


@dataclass(frozen=True)
class Failure:
    """Why a feature could not be had."""

    reason: str


@dataclass
class Scores:
    """What a clip gave: numbers by measure, of the made side (or of both), of the real one alone, features
    (n d) by name and side that set measures need, seconds by what they went to."""

    values: dict[str, Score] = field(default_factory=dict)
    real: dict[str, Score] = field(default_factory=dict)
    features: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


class Scorer:
    """A suite's features and measures, built at first use and kept.

    ``store`` keeps features between runs, ``device`` is where networks run that can. Raises GraphError when
    the suite does not fit the components; one that is not installed, or weights that are not, only leave out
    what needs them (``missing``).
    """

    def __init__(self, suite: Suite, store: Store | None = None, device: str = "") -> None:
        self.suite = suite
        self.graph = _on(device, suite.graph()) if device else suite.graph()
        self.resolved = check.resolve(self.graph)
        grave = [problem for problem in self.resolved.problems if problem.code not in NOT_HERE]
        if grave:
            raise GraphError(grave, suite.name)
        self.missing: dict[str, str] = {}
        for problem in self.resolved.problems:
            why = f"{problem.sends}; {problem.fix}" if problem.fix else problem.sends
            self.missing.setdefault(problem.where.split(".")[1], why.replace("\n", " "))
        self._store = store
        self._runners: dict[str, Runner] = {}
        self._real: tuple[Any, dict[str, Any]] = (None, {})

    def fetch(self) -> None:
        """Have the weights of all components here; what cannot be had leaves out what needs it."""
        for cell, spec in self.resolved.specs.items():
            for item in spec.config:
                name = self.resolved.config[cell].get(item.name)
                if item.weights and name and (reason := _fetched(str(name))) and item.weights == "required":
                    self.missing.setdefault(cell, reason)

    def __call__(
        self, made: Side | Failure, real: Side | Failure, only: Collection[str] | None = None
    ) -> Scores:
        """Every number of a clip, or ``only`` some. A side that could not be read, or made, is a Failure."""
        if self._real[0] is not real:
            self._real = (real, {})
        scores = Scores()
        found = dict(self._real[1])
        sides = {"made": made, "real": real}
        for name, measure in self.suite.measures.items():
            if measure.over == "set" or (only is not None and name not in only):
                continue
            if measure.paired:
                scores.values[name] = self._number(name, sides, found, scores)
            else:
                scores.values[name] = self._number(f"made_{name}", sides, found, scores)
                scores.real[name] = self._number(f"real_{name}", sides, found, scores)
        for name in pooled(self.suite, only):
            ends = {side: self._value(f"{side}_{name}", sides, found, scores) for side in SIDES}
            scores.features[name] = ends
        self._real[1].update({cell: value for cell, value in found.items() if cell.startswith("real_")})
        return scores

    def of_sets(self, measure: str, made: Any, real: Any) -> Score:
        """A set measure of the rows (n d) of both sides."""
        node = self.graph.nodes[measure]
        ports = {reference.partition("_")[0]: port for port, reference in node.sources()}
        if measure in self.missing:
            return Score(nan, self.missing[measure])
        try:
            return _score(self._run(measure, {ports["made"]: made, ports["real"]: real}, keep=False))
        except PfyError as error:
            return Score(nan, told(error))

    def protocol(self, measure: str) -> dict[str, Any]:
        """Everything that the number depends on besides the clips: what two rows must share.

        Component, version, config and weights of the measure and of every feature behind it, and how
        clips are decoded.
        """
        clip = vars(self.suite.clip)
        found = {f"clip.{name}": value for name, value in clip.items()}
        if self.suite.renders:
            found["clip.decoder"] = _decoder()
        name = measure if measure in self.graph.nodes else f"made_{measure}"
        self._describe(name, measure, found)
        return found

    def _describe(self, cell: str, label: str, found: dict[str, Any]) -> None:
        node, spec = self.graph.nodes[cell], self.resolved.specs.get(cell)
        found[f"{label}.component"] = node.use
        if spec is not None:
            fields = key_fields(spec, self.resolved.config[cell], {}, None, node.place, installed()) or {}
            found[f"{label}.version"] = spec.version
            config = {key: value for key, value in self.resolved.config[cell].items() if key not in SPEED}
            found |= {f"{label}.{key}": value for key, value in config.items()}
            files = fields.get("weights", {})
            found |= {f"{label}.{key}.sha256": value for key, value in files.items()}
        for _, reference in node.sources():
            head = reference.partition(".")[0]
            if not head.startswith("$"):
                self._describe(head, head.partition("_")[2], found)

    def code(self) -> str:
        """A digest of all that is run, weights and decoder too: once it changes, items are scored again."""
        return self._code

    @cached_property
    def _code(self) -> str:
        catalogue = installed()
        about = {}
        for cell, spec in self.resolved.specs.items():
            place = self.graph.nodes[cell].place
            fields = key_fields(spec, self.resolved.config[cell], {}, None, place, catalogue) or {}
            about[cell] = [spec.version, fields.get("code", ""), fields.get("weights", {})]
        decoder = _decoder() if self.suite.renders else ""
        return digest.digest([about, self.missing, self.suite.digest(), decoder])

    # One cell -----------------------------------------------------------------------------------

    def _number(
        self, cell: str, sides: Mapping[str, Side | Failure], found: dict[str, Any], scores: Scores
    ) -> Score:
        value = self._value(cell, sides, found, scores)
        return Score(nan, value.reason) if isinstance(value, Failure) else _score(value)

    def _value(
        self, cell: str, sides: Mapping[str, Side | Failure], found: dict[str, Any], scores: Scores
    ) -> Any:
        """What a cell gives, by output, or a Failure; calculated once."""
        if cell not in found:
            try:
                found[cell] = self._calculated(cell, sides, found, scores)
            except PfyError as error:
                found[cell] = Failure(told(error))
        return found[cell]

    def _calculated(
        self, cell: str, sides: Mapping[str, Side | Failure], found: dict[str, Any], scores: Scores
    ) -> Any:
        if cell in self.missing:
            return Failure(self.missing[cell])
        takes = {}
        for port, reference in self.graph.nodes[cell].sources():
            takes[port] = self._source(reference, sides, found, scores)
            if isinstance(takes[port], Failure):
                return takes[port]
        began = time.perf_counter()
        try:
            return self._run(cell, takes)
        finally:
            label = cell.partition("_")[2] if cell.startswith(SIDES) else cell
            scores.seconds[label] = scores.seconds.get(label, 0.0) + time.perf_counter() - began

    def _source(
        self,
        reference: str,
        sides: Mapping[str, Side | Failure],
        found: dict[str, Any],
        scores: Scores,
    ) -> Any:
        if reference.startswith("$"):
            side, _, name = reference[1:].partition("_")
            clip = sides[side]
            return clip if isinstance(clip, Failure) else clip.take(name)
        cell, _, port = reference.partition(".")
        value = self._value(cell, sides, found, scores)
        if isinstance(value, Failure):
            return value
        return value[port] if port else next(iter(value.values()))

    def _run(self, cell: str, takes: dict[str, Any], *, keep: bool = True) -> dict[str, Any]:
        if cell not in self._runners:
            self._runners[cell] = self._alone(cell, keep=keep)
        with self._runners[cell](takes) as run:
            return {name: _whole(list(run.chunks(name))) for name in run.plan.outputs}

    def _alone(self, cell: str, *, keep: bool) -> Runner:
        """The runner of a graph with this node alone, whose inputs are the node's."""
        node, spec = self.graph.nodes[cell], self.resolved.specs[cell]
        kinds = {port.name: port.port.kind for port in spec.inputs}
        inputs = {port: GraphInput(kinds[port]) for port in node.take}
        alone = replace(node, take={port: f"${port}" for port in node.take})
        outputs = {port.name: f"{cell}.{port.name}" for port in spec.outputs}
        graph = Graph(cell, "", inputs, {cell: alone}, outputs)
        return Runner(graph, store=self._store if keep else None)


@cache
def _fetched(name: str) -> str:
    """Fetch weights unless they are here; why they cannot be had, or empty. Asked once a process."""
    try:
        weights.path(name)
    except PfyError as error:
        return told(error)
    return ""


def _decoder() -> str:
    """What reads videos: its library is needed only where there are some."""
    from pfy_core.media import clip as clips

    return clips.DECODER


def _on(device: str, graph: Graph) -> Graph:
    """The graph with every component that has an option ``device`` on that one."""
    known = installed().components
    nodes = {}
    for name, node in graph.nodes.items():
        fields = {item.name for item in known[node.use].config} if node.use in known else set()
        nodes[name] = replace(node, config=node.config | {"device": device}) if "device" in fields else node
    return replace(graph, nodes=nodes)


def pooled(suite: Suite, only: Collection[str] | None = None) -> list[str]:
    """The features whose rows set measures (``only`` some) compare, in the suite's order."""
    wanted = {
        reference.partition(".")[2].partition(".")[0]
        for name, measure in suite.measures.items()
        if measure.over == "set" and (only is None or name in only)
        for _, reference in measure.node.sources()
    }
    return [name for name in suite.features if name in wanted]


def rows(value: Any) -> Any:
    """The array (n d) of a feature as ``Scores`` holds it; InputError with the reason of a Failure."""
    if isinstance(value, Failure):
        raise InputError(value.reason)
    return next(iter(value.values()))


def _whole(chunks: list[Any]) -> Any:
    return chunks[0] if len(chunks) == 1 else digest.concatenate(chunks)


def _score(outputs: Mapping[str, Any]) -> Score:
    """The number among a metric's outputs, and its reason."""
    value = float(outputs.get("value", next(iter(outputs.values()))))
    reason = str(outputs.get("reason", ""))
    return Score(value, reason) if isfinite(value) else Score(nan, reason or "not a number")
