"""Cold starts: how long the commands take that should only look, and what they import."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pfy_bench.processes import in_turn, medians, ratios, run

if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "pfy --help": [sys.executable, "-m", "pfy_core", "--help"],
    "pfy check portrait": [sys.executable, "-m", "pfy_core", "check", "portrait"],
    "pfy plugins list": [sys.executable, "-m", "pfy_core", "plugins", "list"],
}
HEAVY = ("torch", "numpy", "pfy_plugin_speech", "pfy_plugin_portrait", "onnxruntime", "cv2")


def measure(runs: int) -> dict[str, Any]:
    """Wall seconds of each command, in turn, and the modules it imports."""
    tasks: dict[str, Callable[[], float]] = {
        name: lambda command=command: run(command).wall  # type: ignore[misc]
        for name, command in COMMANDS.items()
    }
    values = in_turn(tasks, runs)
    imported = {name: modules(command) for name, command in COMMANDS.items()}
    return {
        "seconds": medians(values, 3),
        "relative to python -c pass": ratios(values, "python -c pass"),
        "modules": {name: len(found) for name, found in imported.items()},
        "heavy modules": {name: sorted(found & set(HEAVY)) for name, found in imported.items()},
    }


def modules(command: list[str], env: dict[str, str] | None = None) -> set[str]:
    """Names of the modules that a Python command imports."""
    output = run([command[0], "-X", "importtime", *command[1:]], env).output
    lines = [line for line in output.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}
