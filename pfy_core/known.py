"""Known plugins: which distribution brings a component that is not installed.

They are those of the index (``registry/plugins``), and those that were installed on this machine before:
``plugins.json`` in pfy's folder remembers the components of plugins that the index does not name.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pfy_core import paths, registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pfy_core.component import ComponentSpec

FILE = "plugins.json"


@dataclass(frozen=True)
class Known:
    """The plugin that brings a component; ``version`` is the one last seen here, empty for the index."""

    plugin: str
    version: str = ""


def components() -> dict[str, Known]:
    """Who brings what, by component id; the index has the last word."""
    indexed = {id: Known(item["name"]) for item in registry.plugins() for id in item["components"]}
    return _remembered() | indexed


def remember(specs: Iterable[ComponentSpec]) -> None:
    """Remember which plugins bring these components, as far as the index does not name the plugin.

    Writes only what is new; where the folder cannot be written nothing is remembered.
    """
    indexed = {item["name"] for item in registry.plugins()} | {"", "pfy-core"}
    seen = {spec.id: Known(spec.plugin, spec.version) for spec in specs if spec.plugin not in indexed}
    if not seen:
        return
    before = _remembered()
    if (now := before | seen) == before:
        return
    file = paths.home() / FILE
    part = file.with_name(f".{FILE}-{os.getpid()}")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps({id: asdict(item) for id, item in sorted(now.items())}, indent=1))
        part.replace(file)


def advice(id: str, installed: Iterable[str], plugins: Mapping[str, str]) -> str:
    """How to get a component that is not installed; empty when nothing like it is known.

    ``installed`` are the ids of the components that are, ``plugins`` the versions of their plugins.
    """
    known, here = components(), set(installed)
    if id in known:
        return _get(known[id], plugins)
    for meant in get_close_matches(id, {*here, *known}, n=1):
        how = "" if meant in here else f" {_get(known[meant], plugins)}"
        return f"did you mean {meant!r}?{how}"
    return ""


def _get(item: Known, plugins: Mapping[str, str]) -> str:
    name, version, there = item.plugin, item.version, plugins.get(item.plugin)
    if not version:
        return f"pip install {'' if there is None else '-U '}{name}"
    if there is None:
        return f"it was brought by {name} {version}: pip install {name}"
    return f"{name} {version} brought it, {there} does not: pip install {name}=={version}"


def _remembered() -> dict[str, Known]:
    try:
        data: Any = json.loads((paths.home() / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(data, dict):
        return {}
    items = ((id, item) for id, item in data.items() if isinstance(item, dict))
    return {id: Known(str(item.get("plugin", "")), str(item.get("version", ""))) for id, item in items}
