"""Manifests: ``pfy.json`` beside a plugin's ``__init__``, generated from its code.

A manifest lists components (ports, config), weights entries (from ``weights.yaml`` in the package),
hooks and commands, so that discovery imports nothing.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from pathlib import Path
from typing import Any

from pfy_core.component import Component, describe
from pfy_core.errors import PluginError

SCHEMA = 1
FILE = "pfy.json"

# What a manifest looks like: [x] is a list of x, {"*": x} a mapping to x, a key with ? may be absent.
PORT: dict[str, Any] = {
    "name": str,
    "kind": str,
    "dims?": str,
    "dtype?": str,
    "rate?": int | float | str,
    "range?": [int | float],
}
CONFIG: dict[str, Any] = {"name": str, "type": str, "default": object, "required?": bool, "weights?": str}
COMPONENT: dict[str, Any] = {
    "id": str,
    "target": str,
    "doc": str,
    "inputs": [PORT],
    "outputs": [PORT],
    "config": [CONFIG],
    "seeded": bool,
    "cache": bool,
    "framewise?": bool,
}
WEIGHTS: dict[str, Any] = {
    "file": str,
    "sha256?": str,
    "size?": int,
    "licence?": str,
    "commercial?": bool,
    "doc?": str,
    "sources?": [{"*": object}],
}
HOOKS: dict[str, Any] = {"module": str, "names": [str]}
SHAPE: dict[str, Any] = {
    "components": [COMPONENT],
    "weights?": {"*": WEIGHTS},
    "hooks?": HOOKS,
    "commands?": {"*": str},
}


def build(package: str) -> dict[str, Any]:
    """The manifest of an importable package; imports all its modules.

    Raises PluginError when a module cannot be imported or a signature is not understood.
    """
    try:
        root = importlib.import_module(package)
        names = [package]
        found = pkgutil.walk_packages(root.__path__, package + ".")
        left_out = (".__main__", f"{package}.conformance")  # a program, and what only the kit imports
        names += [module.name for module in found if not module.name.endswith(left_out)]
        modules = [importlib.import_module(name) for name in names]
    except Exception as error:
        raise PluginError(
            f"{package} cannot be imported: {error}", fix="install the plugin with its dependencies"
        ) from error
    classes = {
        item
        for module in modules
        for item in vars(module).values()
        if inspect.isclass(item) and issubclass(item, Component) and item.id
        if item.__module__ == module.__name__
    }
    components = sorted((describe(cls).as_dict() for cls in classes), key=lambda spec: spec["id"])
    manifest: dict[str, Any] = {"schema": SCHEMA, "components": components}
    weights = Path(str(root.__file__)).parent / "weights.yaml"
    if weights.exists():
        import yaml

        try:
            manifest["weights"] = yaml.safe_load(weights.read_text(encoding="utf-8")) or {}
        except (ValueError, yaml.YAMLError) as error:
            raise PluginError(f"{weights} is not YAML: {error}") from error
    hooks = [module for module in modules if module.__name__ == f"{package}.hooks"]
    if hooks:
        from pfy_core import hooks as core_hooks

        manifest["hooks"] = {"module": hooks[0].__name__, "names": core_hooks.implemented(hooks[0])}
        manifest["commands"] = core_hooks.commands(hooks[0])
    return _shaped(manifest, package)


def text(manifest: dict[str, Any]) -> str:
    """The manifest as the file holds it."""
    return json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> dict[str, Any]:
    """A manifest from its file.

    Raises PluginError when it is absent, malformed, or of a newer schema than this pfy-core reads.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        fix = "run 'pfy plugins manifest' in the plugin's folder"
        raise PluginError(f"{path.name} is missing", fix=fix) from error
    except OSError as error:
        raise PluginError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise PluginError(f"{path.name} is not JSON: {error}", fix="generate it again") from error
    if not isinstance(data, dict):
        raise PluginError(f"{path.name} is no JSON object", fix="generate it again")
    schema = data.get("schema")
    if not isinstance(schema, int):
        raise PluginError(f"{path.name} has no schema number", f"schema {SCHEMA}", "generate it again")
    if schema > SCHEMA:
        raise PluginError(f"manifest schema {schema}", f"schema {SCHEMA} or older", "pip install -U pfy-core")
    return _shaped(data, path.name)


def _shaped(data: dict[str, Any], name: str) -> dict[str, Any]:
    """The manifest itself, or PluginError where it is not of the shape above."""
    where = _fault(data, SHAPE, name)
    if not where and data.get("commands") and "hooks" not in data:
        where = f"{name}.hooks"
    if where:
        raise PluginError(f"{name} is malformed at {where}", fix="generate it again")
    return data


def _fault(value: Any, shape: Any, where: str) -> str:
    """The first place in ``value`` that does not fit, or an empty string."""
    if isinstance(shape, list):
        if not isinstance(value, list):
            return where
        parts = [(item, shape[0], f"{where}[{index}]") for index, item in enumerate(value)]
    elif isinstance(shape, dict):
        if not isinstance(value, dict):
            return where
        if "*" in shape:
            parts = [(item, shape["*"], f"{where}.{key}") for key, item in value.items()]
        else:
            wanted = {k.removesuffix("?"): v for k, v in shape.items() if k[-1] != "?" or k[:-1] in value}
            parts = [(value.get(key), part, f"{where}.{key}") for key, part in wanted.items()]
    else:
        return "" if isinstance(value, shape) else where
    return next(filter(None, (_fault(*part) for part in parts)), "")
