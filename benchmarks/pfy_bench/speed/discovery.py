"""Discovery: commands that only look, with many slow plugins installed, against importing these plugins.

The other side is what loading the entry points of all plugins costs before the same command, as hosts do
that ask their plugins what they bring (pluggy's ``load_setuptools_entrypoints``, and so ``llm --help``).
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pfy_bench.processes import in_turn, medians, ratios, run
from pfy_bench.speed.starts import modules
from pfy_core import manifest
from pfy_core.component import ComponentSpec
from pfy_core.ports import Port, PortSpec

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 20
SLEEP = 0.1
"""Seconds that each plugin takes to import; torch alone takes more than ten times as long."""

GRAPH = """\
pfy: 1
inputs: {text: text}
nodes: {slow: {use: encoder/slow-0, take: {text: $text}}}
outputs: {text: slow}
"""
COMMANDS = ("--help", "plugins list", "check GRAPH", "graph show GRAPH")
MAIN = "from pfy_core.cli import main; main()"
EAGER = f"""
from importlib.metadata import entry_points
for point in entry_points(group="pfy.plugins"):
    if point.name.startswith("slow-"):
        point.load()
{MAIN}
"""


def measure(runs: int) -> dict[str, Any]:
    """Wall seconds of each command, and how often as long it takes when all plugins are imported first."""
    with TemporaryDirectory() as folder:
        site, graph = Path(folder) / "site", Path(folder) / "slow.yaml"
        graph.write_text(GRAPH, encoding="utf-8")
        for number in range(COUNT):
            install(site, number)
        env = {"PYTHONPATH": str(site)}
        found: dict[str, Any] = {"plugins": COUNT, "seconds each to import": SLEEP, "commands": {}}
        for command in COMMANDS:
            argv = [str(graph) if word == "GRAPH" else word for word in command.split()]
            tasks: dict[str, Callable[[], float]] = {
                name: lambda code=code, argv=argv: run([sys.executable, "-c", code, *argv], env).wall  # type: ignore[misc]
                for name, code in {"manifests": MAIN, "imports": EAGER}.items()
            }
            values = in_turn(tasks, runs)
            loaded = modules([sys.executable, "-c", MAIN, *argv], env)
            found["commands"][f"pfy {command}"] = {
                "seconds": medians(values, 3),
                "imports relative to manifests": ratios(values, "manifests")["imports"],
                "slow plugins imported": sum(name.startswith("pfy_plugin_slow_") for name in loaded),
                "torch or numpy imported": sorted(loaded & {"numpy", "torch"}),
            }
        return found


def install(site: Path, number: int) -> None:
    """Put a plugin whose import takes its time into a folder, as ``pip install --target`` leaves it."""
    package = f"pfy_plugin_slow_{number}"
    text = Port("text")
    spec = ComponentSpec(
        f"encoder/slow-{number}",
        f"{package}:Slow",
        "A text as it is.",
        (PortSpec("text", text),),
        (PortSpec("out", text),),
    )
    root, info = site / package, site / f"{package}-1.0.dist-info"
    root.mkdir(parents=True)
    info.mkdir()
    (root / "__init__.py").write_text(f"import time\n\ntime.sleep({SLEEP})\n", encoding="utf-8")
    listed = {"schema": manifest.SCHEMA, "components": [spec.as_dict()]}
    (root / manifest.FILE).write_text(manifest.text(listed), encoding="utf-8")
    name = package.replace("_", "-")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    points = f"[pfy.plugins]\nslow-{number} = {package}\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
