"""Config of a component: its fields as an OmegaConf schema, built from the manifest's type texts."""

from __future__ import annotations

import ast
import dataclasses
import functools
import operator
import re
from typing import TYPE_CHECKING, Any, Literal

from omegaconf import MISSING, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from pfy_core.errors import PluginError
from pfy_core.literal import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pfy_core.component import ComponentSpec

TYPES: dict[str, Any] = {"int": int, "float": float, "str": str, "bool": bool, "Any": Any}
GENERICS: dict[str, Any] = {"list": list, "dict": dict, "tuple": tuple}


def parse_type(text: str) -> Any:
    """A type from its text: scalars, ``list[int]``, ``float | None``, ``Literal['a', 'b']``.

    Raises PluginError for anything else; nothing is evaluated.
    """
    try:
        return _type(ast.parse(text, mode="eval").body)
    except (SyntaxError, KeyError, TypeError, ValueError) as error:
        raise PluginError(
            f"config type {text!r} is not understood",
            "int, float, str, bool, list[...], dict[...], tuple[...], Literal[...] or a union of them",
        ) from error


def _type(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=None):
            return None
        case ast.Name(id=name):
            return TYPES[name] if name in TYPES else GENERICS[name]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _type(left) | _type(right)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            return Literal[ast.literal_eval(inner)]
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=items)):
            return GENERICS[name][tuple(... if _is_dots(i) else _type(i) for i in items)]
        case ast.Subscript(value=ast.Name(id=name), slice=inner):
            return GENERICS[name][_type(inner)]
    raise ValueError(ast.dump(node))


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


@functools.lru_cache(maxsize=256)
def schema(spec: ComponentSpec) -> type:
    """A dataclass with the component's config fields, for ``OmegaConf.structured``."""
    fields: list[tuple[str, Any, Any]] = []
    for item in spec.config:
        default = MISSING if item.required else item.default
        if isinstance(default, list | dict):
            made = dataclasses.field(default_factory=functools.partial(type(default), default))
        else:
            made = dataclasses.field(default=default)
        fields.append((item.name, parse_type(item.type), made))
    return dataclasses.make_dataclass(spec.id.replace("/", "_").replace("-", "_"), fields)


def validate(spec: ComponentSpec, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The full config of a component and the faults (field, message), each field on its own.

    Values are converted as OmegaConf does (``"3"`` to 3 for an int); an unknown field's message
    names the closest known one.
    """
    try:
        made, faults = OmegaConf.structured(schema(spec)), []
    except OmegaConfBaseException as error:
        name, reason = error.full_key or error.key, str(error).splitlines()[0]
        wants = next((item.type for item in spec.config if item.name == re.split(r"[.\[]", name)[0]), "")
        sends = f"{spec.id} has a default of another type, {name}: {reason}"
        raise PluginError(
            sends, wants, "give it a default of its type, or the type of its default"
        ) from error
    for key, value in given.items():
        try:
            made = OmegaConf.merge(made, {key: literal(value)})
        except OmegaConfBaseException as error:
            message = (
                str(error).splitlines()[0].replace(f" not in '{made._metadata.object_type.__name__}'", "")
            )
            faults.append((key, message.replace(f"Key '{key}'.", f"unknown option {key!r}.")))
        except (TypeError, ValueError) as error:
            faults.append((key, str(error)))
    missing = OmegaConf.missing_keys(made)
    faults += [(key, "a value is required") for key in sorted(missing)]
    return dict(_plain(made, missing)), faults


def _plain(made: Any, missing: set[str]) -> Iterator[tuple[str, Any]]:
    for key in made:
        if key not in missing:
            value = operator.getitem(made, key)
            yield key, OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
