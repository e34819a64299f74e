"""Manifests: ``pfy.json`` beside a plugin's ``__init__``, generated from its code.

A manifest lists components (ports, config), weights entries (from ``weights.yaml`` in the package),
hooks and commands, so that discovery imports nothing.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import keyword
import pkgutil
import reprlib
from pathlib import Path
from typing import Any, NamedTuple, get_args

from pfy_core.component import Component, describe, place
from pfy_core.errors import PluginError, raised_at

SCHEMA = 1
FILE = "pfy.json"
AGAIN = "generate it again: pfy plugins manifest PACKAGE"


def _is_name(value: Any) -> bool:
    """A name as Python allows it."""
    return isinstance(value, str) and value.isidentifier() and not keyword.iskeyword(value)


# What a manifest looks like: [x] is a list of x, {"*": x} a mapping to x, a key with ? may be absent,
# a function says whether a value will do.
PORT: dict[str, Any] = {
    "name": _is_name,
    "kind": str,
    "dims?": str,
    "dtype?": str,
    "rate?": int | float | str,
    "range?": [int | float],
}
CONFIG: dict[str, Any] = {
    "name": _is_name,
    "type": str,
    "default": object,
    "required?": bool,
    "weights?": str,
}
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
        where = raised_at(error, _folder(package))
        sends = f"{where}{package} cannot be imported: {type(error).__name__}: {error}"
        raise PluginError(sends, fix="correct it, or install the plugin with its dependencies") from error
    classes = {
        item
        for module in modules
        for item in vars(module).values()
        if inspect.isclass(item) and issubclass(item, Component) and item.id
        if item.__module__ == module.__name__
    }
    by_id: dict[str, type[Component]] = {}
    for cls in sorted(classes, key=lambda cls: (cls.id, cls.__module__, cls.__qualname__)):
        first = by_id.setdefault(cls.id, cls)
        if first is not cls:
            sends = f"{place(cls, cls)}: {cls.__qualname__} is {cls.id}, and so is {first.__qualname__}"
            raise PluginError(f"{sends} in {place(first, first)}", "one component of a name", "rename one")
    components = [describe(cls).as_dict() for cls in by_id.values()]
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


def _folder(package: str) -> str:
    """The folder of a package that could not be imported whole, or a name that no file has."""
    try:
        found = importlib.util.find_spec(package)
    except (ImportError, ValueError, AttributeError):
        return "\0"
    return str(Path(found.origin).parent) if found and found.origin else "\0"


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
        line = getattr(error, "lineno", 1)
        raise PluginError(f"{path}:{line}: {path.name} is not JSON: {error}", fix=AGAIN) from error
    if not isinstance(data, dict):
        raise PluginError(f"{path} is no JSON object", fix=AGAIN)
    schema = data.get("schema")
    if not isinstance(schema, int):
        raise PluginError(f"{path} has no schema number", f"schema {SCHEMA}", AGAIN)
    if schema > SCHEMA:
        raise PluginError(f"manifest schema {schema}", f"schema {SCHEMA} or older", "pip install -U pfy-core")
    return _shaped(data, path.name, path)


def _shaped(data: dict[str, Any], name: str, path: Path | None = None) -> dict[str, Any]:
    """The manifest itself, or PluginError where it is not of the shape above."""
    fault = _fault(data, SHAPE)
    if fault is None and data.get("commands") and "hooks" not in data:
        fault = Fault(("hooks",), None, HOOKS)
    if fault is None:
        return data
    place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in fault.keys).lstrip(".")
    where = f"{path}:{_line(path, fault.keys)}: " if path else ""
    sends = "nothing" if fault.value is None else f"{reprlib.repr(fault.value)}"
    raise PluginError(f"{where}{name} is malformed: {place} is {sends}", _worded(fault.shape), AGAIN)


class Fault(NamedTuple):
    """A place in a manifest, what is there, and the shape that it should have (or words for it)."""

    keys: tuple[str | int, ...]
    value: Any
    shape: Any


def _fault(value: Any, shape: Any, keys: tuple[str | int, ...] = ()) -> Fault | None:
    """The first place in ``value`` that does not fit, or None."""
    parts: list[tuple[Any, Any, tuple[str | int, ...]]]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return Fault(keys, value, shape)
        names = [item.get("name") for item in value if isinstance(item, dict) and "name" in item]
        twice = next((index for index, name in enumerate(names) if name in names[:index]), None)
        if twice is not None:
            return Fault((*keys, twice, "name"), names[twice], "each name once")
        parts = [(item, shape[0], (*keys, index)) for index, item in enumerate(value)]
    elif isinstance(shape, dict):
        if not isinstance(value, dict):
            return Fault(keys, value, shape)
        if "*" in shape:
            parts = [(item, shape["*"], (*keys, key)) for key, item in value.items()]
        else:
            wanted = {k.removesuffix("?"): v for k, v in shape.items() if k[-1] != "?" or k[:-1] in value}
            parts = [(value.get(key), part, (*keys, key)) for key, part in wanted.items()]
    else:
        fits = shape(value) if inspect.isfunction(shape) else isinstance(value, shape)
        return None if fits else Fault(keys, value, shape)
    return next(filter(None, (_fault(*part) for part in parts)), None)


def _worded(shape: Any) -> str:
    """A shape in words: ``a list``, ``an object with kind, name``, ``int or float``."""
    if isinstance(shape, str):
        return shape
    if isinstance(shape, list):
        return "a list"
    if isinstance(shape, dict):
        needed = sorted(key for key in shape if key != "*" and not key.endswith("?"))
        return f"an object with {', '.join(needed)}" if needed else "an object"
    if inspect.isfunction(shape):
        text = (shape.__doc__ or "").rstrip(".")
        return text[:1].lower() + text[1:]
    return " or ".join(item.__name__ for item in get_args(shape) or (shape,))


def _line(path: Path, keys: tuple[str | int, ...]) -> int:
    """The line of a place in a JSON file, or of the nearest place around it that is written; from 1."""
    import yaml

    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
    except yaml.YAMLError:  # JSON that is no YAML: tabs between its words
        return 1
    for key in keys:
        if isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            node = node.value[key]
        elif isinstance(node, yaml.MappingNode):
            inner = [value for name, value in node.value if name.value == key]
            if not inner:
                break
            node = inner[0]
    return 1 if node is None else int(node.start_mark.line) + 1
