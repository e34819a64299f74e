"""Measuring whole processes: wall and CPU seconds, peak memory, as the operating system counts them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Spent:
    """What one run of a process took: seconds, seconds of all its threads, and MB (10^6) at its peak."""

    wall: float
    cpu: float
    peak_mb: float
    output: str


def run(command: Sequence[str], env: dict[str, str] | None = None) -> Spent:
    """Run a command to its end and measure it; RuntimeError with its output when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(env or {})},
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Spent(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6, output)


def in_turn(tasks: dict[str, Callable[[], float]], runs: int) -> dict[str, list[float]]:
    """Values of several tasks that take turns, so that a machine's moods fall on all alike.

    One round before the counted ones warms caches.
    """
    values: dict[str, list[float]] = {name: [] for name in tasks}
    for round_ in range(runs + 1):
        for name, task in tasks.items():
            value = task()
            if round_:
                values[name].append(value)
    return values


def ratios(values: dict[str, list[float]], base: str) -> dict[str, float]:
    """Median over rounds of each task's value relative to ``base`` in the same round."""
    return {
        name: round(statistics.median(a / b for a, b in zip(found, values[base], strict=True)), 3)
        for name, found in values.items()
    }


def medians(values: dict[str, list[float]], digits: int = 4) -> dict[str, float]:
    """The median of each task's values."""
    return {name: round(statistics.median(found), digits) for name, found in values.items()}
