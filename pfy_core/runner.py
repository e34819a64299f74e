"""The runner: a checked graph with its components, built once and run many times."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core import catalogue as catalogues
from pfy_core import check, hooks
from pfy_core.errors import InputError, PluginError, WeightsError
from pfy_core.plan import Plan, plan
from pfy_core.stream import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pfy_core.catalogue import Catalogue
    from pfy_core.component import ComponentSpec
    from pfy_core.events import Event
    from pfy_core.graph import Graph
    from pfy_core.run import Run
    from pfy_core.store import Store


class Runner:
    """A graph ready to run.

    Raises GraphError with all problems. Without ``store`` nothing is kept between runs; ``watch``
    receives the events of every run, from several threads.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        catalogue: Catalogue | None = None,
        store: Store | None = None,
        watch: Callable[[Event], None] | None = None,
    ) -> None:
        self.graph = graph
        self.catalogue = catalogue or catalogues.installed()
        self.resolved = check.resolve(graph, self.catalogue).require()
        self.store = store
        self.watch = watch
        here = [spec for node, spec in self.resolved.specs.items() if node not in self.resolved.homes]
        self.hooks = hooks.manager(self.catalogue, here)
        self.traced = bool(self.hooks.hook.pfy_node.get_hookimpls())
        self._instances: dict[str, Any] = {}
        self._lanes: dict[str, Lane] = {}
        self._plans: dict[tuple[frozenset[str], tuple[str, ...] | None], Plan] = {}
        self._loading = threading.Lock()

    def __call__(
        self,
        inputs: Mapping[str, Any],
        *,
        seed: int = 0,
        outputs: Iterable[str] | None = None,
        skip: Callable[[Run], Mapping[str, int]] | None = None,
    ) -> Run:
        from pfy_core.run import Run

        return Run(self, inputs, seed=seed, outputs=outputs, skip=skip)

    def plan(self, given: frozenset[str], outputs: tuple[str, ...] | None) -> Plan:
        """The plan for these inputs and outputs, made once."""
        made = self._plans.get((given, outputs))
        if made is None:
            made = self._plans[given, outputs] = plan(self.resolved, given, outputs)
        return made

    def instance(self, node: str) -> Any:
        """The component of a node, built at first use from its config and its place."""
        made = self._instances.get(node)
        if made is None:
            spec, place = self.resolved.specs[node], self.graph.nodes[node].place
            fields = {item.name for item in spec.config}
            config = self.resolved.config[node] | {k: v for k, v in place.items() if k in fields}
            if place.get("executor") == check.PROCESS:
                made = self._instances[node] = self._build(node, self._isolated(node, spec), config)
                return made
            with self._loading:
                cls = self.catalogue.load(spec.id)
            if place.get("executor"):
                made = self.hooks.hook.pfy_executor(component=cls, config=config, place=place)
                if made is None:
                    raise PluginError(f"node {node!r}: no executor {place['executor']!r} is installed")
            else:
                made = self._build(node, cls, config)
            self._instances[node] = made
        return made

    def _isolated(self, node: str, spec: ComponentSpec) -> Callable[..., Any]:
        """What builds a component in a process of its own."""
        from pfy_core.isolation import Isolated

        home = self.resolved.homes.get(node)
        device = str(self.graph.nodes[node].place.get("device", ""))
        return lambda **config: Isolated(spec, config, home.python if home else None, node, device=device)

    def _build(self, node: str, cls: Callable[..., Any], config: dict[str, Any]) -> Any:
        try:
            return cls(**config)
        except (InputError, WeightsError) as error:
            value = "./FILE" if isinstance(error, WeightsError) else "VALUE"
            use = self.graph.nodes[node].use
            fix = error.fix or f"--set {node}.OPTION={value}; see 'pfy plugins show {use}'"
            raise type(error)(f"{node}: {error.sends}", error.wants, fix) from error

    def built(self, node: str) -> Any:
        """The component of a node if it was built, or None."""
        return self._instances.get(node)

    def lane(self, node: str) -> Lane:
        """The lane of a node's device; the CPU's is open to any number of nodes."""
        device = str(self.graph.nodes[node].place.get("device", "cpu"))
        return self._lanes.setdefault(device, Lane(exclusive=device != "cpu"))

    def release(self, node: str) -> None:
        """Let go of a component with weights after its turn, when memory is short."""
        holds = any(item.weights for item in self.resolved.specs[node].config)
        if holds and memory_is_short():
            self._instances.pop(node, None)


def memory_is_short() -> bool:
    """Whether less than an eighth of the machine's memory, or of the GPU's in use, is available.

    Where the system does not say (no /proc/meminfo), False.
    """
    # Another thread may be in the middle of importing torch, which then has no cuda yet.
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    if cuda is not None and getattr(cuda, "is_initialized", bool)():
        free, total = cuda.mem_get_info()
        if free * 8 < total:
            return True
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return False
    known = {line.partition(":")[0]: int(line.split()[1]) for line in lines}
    return known.get("MemAvailable", 1) * 8 < known.get("MemTotal", 1)
