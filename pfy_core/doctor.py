"""doctor: what is installed, what is missing, how to get it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pfy_core import check, paths, registry, weights
from pfy_core.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pfy_core.catalogue import Catalogue

LOW_DISK = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One thing looked at: ``state`` is ok, note or missing; ``fix`` says what to do."""

    room: str
    what: str
    state: str
    detail: str = ""
    fix: str = ""


def examine(catalogue: Catalogue) -> list[Finding]:
    """Look at the machine, the plugins, the shipped graphs and the weights of the default graph."""
    return [*_machine(), *_plugins(catalogue), *_graphs(catalogue), *_weights(catalogue)]


def healthy(findings: list[Finding]) -> bool:
    """Whether the default graph can run."""
    return not any(item.state == "missing" and item.room in ("machine", "portrait") for item in findings)


def _machine() -> Iterator[Finding]:
    yield Finding(
        "machine", "python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    )
    yield Finding("machine", "processors", "ok", str(os.cpu_count()))
    home = paths.home()
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    low = free < LOW_DISK
    yield Finding(
        "machine",
        "disk",
        "note" if low else "ok",
        f"{free / 1e9:.1f} GB free for {home}",
        "free some space" if low else "",
    )
    if not os.access(place, os.W_OK):
        yield Finding(
            "machine", "folder", "missing", f"{home} may not be written", "set PFY_HOME to a folder of yours"
        )
    for module, why in (("pip", "weights from wheels"), ("torch", "neural plugins")):
        there = find_spec(module) is not None
        fix = "" if there else f"{sys.executable} -m ensurepip" if module == "pip" else "pip install torch"
        yield Finding("tools", module, "ok" if there else "note", f"for {why}", fix)
    signs = find_spec("c2pa") is not None
    fix = "" if signs else "pip install c2pa-python"
    yield Finding("tools", "c2pa", "ok" if signs else "note", "for content credentials in videos", fix)
    npm = shutil.which("npm")
    yield Finding(
        "tools", "npm", "ok" if npm else "note", "for some weights", "" if npm else "install Node.js"
    )


def _plugins(catalogue: Catalogue) -> Iterator[Finding]:
    catalogue.examine()
    for plugin in catalogue.plugins.values():
        count = len(plugin.manifest.get("components", []))
        state = "missing" if plugin.broken else "ok"
        yield Finding("plugins", plugin.name, state, plugin.broken or f"{plugin.version}, {count} components")
    for known in registry.plugins():
        if known["name"] not in catalogue.plugins:
            yield Finding("plugins", known["name"], "note", "not installed", f"pip install {known['name']}")


def _graphs(catalogue: Catalogue) -> Iterator[Finding]:
    for name in registry.names("graphs"):
        problems = check.check(Graph.load(name), catalogue)
        room = "portrait" if name == "portrait" else "graphs"
        detail = f"{len(problems)} problems: {problems[0].sends}" if problems else "can run"
        fix = problems[0].fix if problems else ""
        yield Finding(room, f"graph {name}", "missing" if problems else "ok", detail, fix)


def _weights(catalogue: Catalogue) -> Iterator[Finding]:
    resolved = check.resolve(Graph.load("portrait"), catalogue)
    optional = weights.optional(resolved)
    for name, item in sorted(weights.used(resolved).items()):
        size = f"{item.size / 1e6:.1f} MB, {item.licence}"
        if item.present:
            yield Finding("weights", name, "ok", size)
        else:
            when = "optional" if name in optional else "fetched at first use"
            yield Finding("weights", name, "note", f"{size}, {when}", f"pfy weights pull {name}")
