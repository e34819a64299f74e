"""Digests and encodings of the values on edges: text, numbers, arrays, tensors and their containers."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Unhashable(TypeError):
    """A value whose content cannot be digested; what depends on it is never stored."""


def digest(value: Any) -> str:
    """sha256 of a value's content: equal for equal arrays, whatever their memory layout.

    Raises Unhashable for types that are not values (open files, models, ...).
    """
    state = hashlib.sha256()
    _feed(value, state.update)
    return state.hexdigest()


def _feed(value: Any, add: Callable[[Any], None]) -> None:
    if is_scalar(value):
        value = sys.modules["numpy"].asarray(value)
    if value is None or isinstance(value, bool | int | float | str | bytes):
        data = value if isinstance(value, bytes) else repr(value).encode()
        add(f"{type(value).__name__}:{len(data)}:".encode() + data)
    elif isinstance(value, list | tuple):
        add(f"sequence:{len(value)}:".encode())
        for item in value:
            _feed(item, add)
    elif isinstance(value, dict):
        add(f"mapping:{len(value)}:".encode())
        for key in sorted(value, key=repr):
            _feed(key, add)
            _feed(value[key], add)
    elif is_dataclass(value):
        add(type_name(value).encode())
        for field in dataclasses.fields(value):
            _feed(getattr(value, field.name), add)
    elif is_array(value) and _holds_its_content(value):
        import numpy as np

        add(f"array:{value.dtype}:{value.shape}:".encode())
        add(np.ascontiguousarray(value).reshape(-1).view(np.uint8).data)
    elif is_tensor(value):
        import torch

        flat = value.detach().cpu().contiguous().reshape(-1)
        add(f"tensor:{value.dtype}:{tuple(value.shape)}:".encode())
        add(flat.view(torch.uint8).numpy().data)
    else:
        raise Unhashable(f"a {type(value).__qualname__} has no content digest")


def encode(value: Any, arrays: dict[str, Any]) -> Any:
    """A value as JSON data whose arrays and tensors are put into ``arrays`` under new names.

    Raises Unhashable for what would not read back as it was: subclasses (enums, named tuples), text
    arrays, dataclasses inside functions.
    """
    if value is None or type(value) in (bool, int, float, str):
        return {"v": value}
    if type(value) in (list, tuple):
        return {type(value).__name__: [encode(item, arrays) for item in value]}
    if type(value) is dict:
        return {"dict": [[encode(k, arrays), encode(v, arrays)] for k, v in value.items()]}
    if is_dataclass(value) and _can_be_made_again(value):
        fields = {f.name: encode(getattr(value, f.name), arrays) for f in dataclasses.fields(value)}
        return {"dataclass": type_name(value), "fields": fields}
    if is_scalar(value):
        return {"scalar": encode(sys.modules["numpy"].asarray(value), arrays)["array"]}
    if (is_array(value) and _holds_its_content(value) and _is_numeric(value.dtype)) or is_tensor(value):
        name = f"{'torch' if is_tensor(value) else 'numpy'}.{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    raise Unhashable(f"a {type(value).__qualname__} cannot be stored")


def decode(
    data: Any, arrays: dict[str, Any], make: Callable[[str, dict[str, Any]], Any] | None = None
) -> Any:
    """The value that ``encode`` described; dataclasses only from packages already trusted to run.

    ``make(name, fields)`` makes the dataclasses instead, where they may have to be stood in for.
    """
    ((key, item), *rest) = data.items()
    match key:
        case "v":
            return item
        case "list" | "tuple":
            items = [decode(part, arrays, make) for part in item]
            return items if key == "list" else tuple(items)
        case "dict":
            return {decode(k, arrays, make): decode(v, arrays, make) for k, v in item}
        case "array":
            return arrays[item]
        case "scalar":
            return arrays[item][()]
        case "dataclass":
            fields = {name: decode(part, arrays, make) for name, part in rest[0][1].items()}
            return make(item, fields) if make else known_dataclass(item)(**fields)
    raise ValueError(f"unknown encoding {key!r}")


def known_dataclass(name: str) -> Any:
    """The dataclass ``module:name`` of pfy_core or of an installed plugin; ValueError for any other."""
    from pfy_core.catalogue import installed

    module, _, attribute = name.partition(":")
    packages = {"pfy_core", *(plugin.package for plugin in installed().plugins.values())}
    if module not in sys.modules and module.partition(".")[0] not in packages:
        raise ValueError(f"{name} is no value of an installed plugin")
    found = getattr(importlib.import_module(module), attribute, None)
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise ValueError(f"{name} is no dataclass")
    return found


def _can_be_made_again(value: Any) -> bool:
    module, _, name = type_name(value).partition(":")
    fields = dataclasses.fields(value)
    home = vars(sys.modules.get(module, object))
    return home.get(name) is type(value) and all(field.init for field in fields)


def _holds_its_content(array: Any) -> bool:
    return not array.dtype.hasobject and not hasattr(array, "mask")


def _is_numeric(dtype: Any) -> bool:
    return dtype.kind in "biuf" and dtype.isnative and dtype.itemsize <= 8


def type_name(value: Any) -> str:
    return f"{type(value).__module__}:{type(value).__qualname__}"


def is_dataclass(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def is_array(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def is_scalar(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.generic)


def is_tensor(value: Any) -> bool:
    # Another thread may be in the middle of importing torch; no value is a tensor before it is there.
    kind = getattr(sys.modules.get("torch"), "Tensor", None)
    return kind is not None and isinstance(value, kind)


def concatenate(chunks: list[Any]) -> Any:
    """Chunks of a stream as one value: arrays and tensors along the first dimension, lists joined.

    Raises ValueError when there are no chunks, TypeError for kinds that cannot be joined.
    """
    if not chunks:
        raise ValueError("a stream without chunks has no value")
    if len(chunks) == 1:
        return chunks[0]
    if is_array(chunks[0]):
        import numpy as np

        return np.concatenate(chunks)
    if is_tensor(chunks[0]):
        import torch

        return torch.cat(chunks)
    if isinstance(chunks[0], list | tuple | str):
        joined = chunks[0]
        for chunk in chunks[1:]:
            joined = joined + chunk
        return joined
    raise TypeError(f"chunks of {type(chunks[0]).__qualname__} cannot be joined")


def length(chunk: Any) -> int:
    """Items of a chunk along its first dimension."""
    return len(chunk) if hasattr(chunk, "__len__") else 0
