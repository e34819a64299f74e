"""What a process of its own costs: a call with a small and with a large tensor, here and over there."""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from pfy_bench.processes import in_turn, medians, ratios
from pfy_core import Encoder, Port
from pfy_core.component import describe
from pfy_core.isolation import Isolated

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = {"1 kB": 1_000, "100 MB": 100_000_000}
REPEATS = {"1 kB": 200, "100 MB": 1}
"""Calls in a round: a small one is too short to be timed alone."""

Block = Annotated[np.ndarray, Port("bytes", "n", dtype="uint8")]


class Take(Encoder, name="take"):
    """One way: a block goes there, a number comes back."""

    def __call__(self, block: Block) -> Annotated[int, Port("number")]:
        return len(block)


class Return(Encoder, name="return"):
    """There and back."""

    def __call__(self, block: Block) -> Block:
        return block


def measure(runs: int) -> dict[str, Any]:
    """Milliseconds a call in this process and in another, GB a second of each crossing, and of a copy
    into new memory and into old beside them; seconds until a process is there."""
    found: dict[str, Any] = {}
    began = time.perf_counter()
    with ExitStack() as stack:
        far = {cls.id: stack.enter_context(Isolated(describe(cls))) for cls in (Take, Return)}
        found["seconds to start a process"] = round((time.perf_counter() - began) / len(far), 2)
        for name, size in SIZES.items():
            block = np.random.default_rng(0).integers(0, 255, size, np.uint8)
            room, count = block.copy(), REPEATS[name]
            tasks: dict[str, Callable[[], float]] = {
                "here": partial(_spent, Return(), count, block=block),
                "there": partial(_spent, far[Take.id], count, block=block),
                "there and back": partial(_spent, far[Return.id], count, block=block),
                "copy into new memory": partial(_spent, block.copy, count),
                "copy into old memory": partial(_spent, np.copyto, count, dst=room, src=block),
            }
            values = in_turn(tasks, runs)
            made = found[name] = {
                "milliseconds": {task: round(1e3 * spent, 4) for task, spent in medians(values, 9).items()},
                "relative to a copy into new memory": ratios(values, "copy into new memory"),
            }
            if size >= 1_000_000:
                moved = {task: size * (2 if "back" in task else 1) for task in tasks if task != "here"}
                spent = medians(values, 9)
                made["GB a second"] = {t: round(amount / spent[t] / 1e9, 2) for t, amount in moved.items()}
    return found


def _spent(call: Any, count: int, **given: Any) -> float:
    began = time.perf_counter()
    for _ in range(count):
        call(**given)
    return (time.perf_counter() - began) / count
