"""The registry: data shipped with pfy-core. Named graphs, edits, weights entries, plugin index."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
ROOT = HERE / "registry" if (HERE / "registry").is_dir() else HERE.parent / "registry"
"""Inside the package in a wheel, beside it in a checkout."""
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C where PyYAML was built with it: ten times faster."""


def names(room: str) -> list[str]:
    """Names of the YAML entries in a room (``graphs``, ``ablations``, ``weights``), sorted."""
    return sorted(file.stem for file in (ROOT / room).glob("*.yaml"))


def path(room: str, name: str) -> Path:
    """Where the entry ``name`` of a room is (it may not exist)."""
    return ROOT / room / f"{name}.yaml"


@cache
def plugins() -> tuple[dict[str, Any], ...]:
    """The index of known plugins: name, summary, components."""
    files = sorted((ROOT / "plugins").glob("*.toml"))
    return tuple(tomllib.loads(file.read_text(encoding="utf-8")) for file in files)


@cache
def weights() -> dict[str, dict[str, Any]]:
    """All weights entries of the registry by name."""
    entries: dict[str, dict[str, Any]] = {}
    for name in names("weights"):
        entries |= yaml.load(path("weights", name).read_text(encoding="utf-8"), LOADER) or {}  # noqa: S506
    return entries
