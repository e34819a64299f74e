"""What the runtime costs: a chain of nodes that do next to nothing, against plain calls and others.

haystack-ai and diffusers run in an environment of their own (``--peers PYTHON``).
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

from pfy_bench.processes import in_turn, medians, ratios, run
from pfy_core import Encoder, Graph, Port, Runner
from pfy_core.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

LENGTH = 50
REPEATS = 20

PEERS = {
    "haystack": """
from haystack import Pipeline, component
@component
class Add:
    @component.output_types(value=int)
    def run(self, value: int):
        return {"value": value + 1}
chain = Pipeline()
for k in range(LENGTH):
    chain.add_component(f"n{k}", Add())
for k in range(LENGTH - 1):
    chain.connect(f"n{k}.value", f"n{k + 1}.value")
call = lambda: chain.run({"n0": {"value": 0}})[f"n{LENGTH - 1}"]["value"]
""",
    "diffusers modular": """
from diffusers.modular_pipelines import (
    InputParam, ModularPipelineBlocks, OutputParam, PipelineState, SequentialPipelineBlocks)
class Add(ModularPipelineBlocks):
    @property
    def description(self): return "adds one"
    @property
    def inputs(self): return [InputParam("value")]
    @property
    def intermediate_outputs(self): return [OutputParam("value")]
    def __call__(self, components, state):
        block = self.get_block_state(state)
        block.value = (block.value or 0) + 1
        self.set_block_state(state, block)
        return components, state
chain = SequentialPipelineBlocks.from_blocks_dict({f"n{k}": Add() for k in range(LENGTH)}).init_pipeline()
call = lambda: chain(value=0, output="value")
""",
}
TIMING = """
import json, time
assert call() == LENGTH, call()
best = []
for _ in range(REPEATS):
    began = time.perf_counter()
    call()
    best.append(time.perf_counter() - began)
best.sort()
print(json.dumps(best[len(best) // 2] / LENGTH))
"""

Number = Annotated[int, Port("number")]


class Add(Encoder, name="add"):
    """One more."""

    def __call__(self, value: Number) -> Number:
        return value + 1


def measure(runs: int, peers: str) -> dict[str, Any]:
    """Microseconds a node, in turn: pfy, plain calls, and the peers if their Python is given."""
    tasks: dict[str, Callable[[], float]] = {"plain calls": _plain, "pfy": _pfy()}
    for name, code in PEERS.items() if peers else ():
        tasks[name] = _peer(peers, code)
    values = in_turn(tasks, runs)
    return {
        "nodes in the chain": LENGTH,
        "microseconds a node": {name: round(1e6 * value, 2) for name, value in medians(values, 9).items()},
        "relative to pfy": ratios(values, "pfy"),
    }


def _median(call: Callable[[], int]) -> float:
    spent = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        if call() != LENGTH:
            raise RuntimeError("the chain is wrong")
        spent.append(time.perf_counter() - began)
    return sorted(spent)[REPEATS // 2] / LENGTH


def _plain() -> float:
    nodes = [Add() for _ in range(LENGTH)]

    def call() -> int:
        value = 0
        for node in nodes:
            value = node(value)
        return value

    return _median(call)


def _pfy() -> Callable[[], float]:
    catalogue = Catalogue()
    catalogue.add(Add)
    graph = Graph("chain").input("value", "number")
    for k in range(LENGTH):
        graph = graph.add(f"n{k}", "encoder/add", value=f"n{k - 1}" if k else "$value")
    runner = Runner(graph.output(value=f"n{LENGTH - 1}"), catalogue=catalogue)

    def call() -> int:
        with runner({"value": 0}) as run:
            value: int = run["value"]
            return value

    return lambda: _median(call)


def _peer(python: str, code: str) -> Callable[[], float]:
    script = f"LENGTH, REPEATS = {LENGTH}, {REPEATS}\n{code}{TIMING}"
    return lambda: float(json.loads(run([python, "-W", "ignore", "-c", script]).output.splitlines()[-1]))
