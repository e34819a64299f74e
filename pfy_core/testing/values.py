"""Values on ports, whatever they are: copied, compared, looked into."""

from __future__ import annotations

import copy
import dataclasses
import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core.digest import concatenate, is_array, is_dataclass, is_tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def copied(value: Any) -> Any:
    """A value that shares nothing with the original."""
    if is_tensor(value):
        return value.detach().clone()
    return copy.deepcopy(value)


def joined(chunks: list[Any]) -> Any:
    """Chunks of a stream as one value; where they cannot be joined, the list of them."""
    filled = [chunk for chunk in chunks if not (hasattr(chunk, "__len__") and not len(chunk))] or chunks[:1]
    try:
        return concatenate(filled)
    except (TypeError, ValueError, RuntimeError):
        return filled


def numbers_in(value: Any) -> Iterator[NDArray[Any]]:
    """All numbers in a value, as arrays; those of a tensor without data (device meta) are left out."""
    if is_tensor(value):
        if value.device.type != "meta":
            yield as_array(value)
    elif is_array(value):
        if value.dtype.kind in "biuf":
            yield value
    elif isinstance(value, numbers.Real):
        yield np.asarray(value)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, dict):
        yield from numbers_in(list(value.values()))
    elif is_dataclass(value):
        yield from numbers_in([getattr(value, field.name) for field in dataclasses.fields(value)])


def as_array(tensor: Any) -> NDArray[Any]:
    """A tensor's content; types that numpy has not (bfloat16) as float32."""
    plain = tensor.detach().cpu()
    if str(plain.dtype) in ("torch.bfloat16", "torch.float16"):
        plain = plain.float()
    return np.asarray(plain.numpy())


def difference(one: Any, other: Any, *, within: float = 0.0, steps: int = 0) -> str:
    """Where and how two values differ first, or an empty string.

    Floats may differ by ``within`` of the largest magnitude in their array, integers by ``steps``.
    Objects that only know their own identity count as equal to others of their type.
    """
    if is_array(one) or is_tensor(one):
        return _of_arrays(one, other, within, steps)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other):
            return f"{len(one)} items and {len(other)}"
        pairs = ((f"[{index}]", *pair) for index, pair in enumerate(zip(one, other, strict=True)))
    elif isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return f"keys {sorted(map(str, one))} and {sorted(map(str, other))}"
        pairs = ((f"[{key!r}]", one[key], other[key]) for key in one)
    elif is_dataclass(one) and type(one) is type(other):
        names = [field.name for field in dataclasses.fields(one)]
        pairs = ((f".{name}", getattr(one, name), getattr(other, name)) for name in names)
    else:
        return _of_plain(one, other, within)
    for where, a, b in pairs:
        found = difference(a, b, within=within, steps=steps)
        if found:
            return f"{where}{'' if found.startswith(('[', '.')) else ': '}{found}"
    return ""


def _of_plain(one: Any, other: Any, within: float) -> str:
    if isinstance(one, float) and isinstance(other, float):
        close = math.isclose(one, other, rel_tol=within) or (math.isnan(one) and math.isnan(other))
        return "" if close else f"{one!r} and {other!r}"
    if type(one) is not type(other):
        return f"a {type(one).__name__} and a {type(other).__name__}"
    if type(one).__eq__ is vars(object)["__eq__"]:
        return ""
    return "" if one == other else f"{one!r} and {other!r}"


def _of_arrays(one: Any, other: Any, within: float, steps: int) -> str:
    if type(one) is not type(other):
        return f"a {type(one).__name__} and a {type(other).__name__}"
    if tuple(one.shape) != tuple(other.shape):
        return f"shapes {tuple(one.shape)} and {tuple(other.shape)}"
    if one.dtype != other.dtype:
        return f"dtypes {one.dtype} and {other.dtype}"
    if is_tensor(one):
        if "meta" in (one.device.type, other.device.type):
            return ""
        one, other = as_array(one), as_array(other)
    if one.dtype.kind not in "biuf":
        return "" if bool(np.all(one == other)) else "other items"
    a, b = one.astype(np.float64), other.astype(np.float64)
    known = np.isfinite(a)
    scale = float(np.abs(a[known]).max(initial=0.0))
    allowed = within * scale if one.dtype.kind == "f" else float(steps)
    with np.errstate(invalid="ignore"):
        apart = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
    wrong = ~(apart <= allowed)
    if not wrong.any():
        return ""
    place = tuple(int(index) for index in np.argwhere(wrong)[0])
    return f"{a[place]:g} and {b[place]:g} at {list(place)}, {int(wrong.sum())} of {a.size} items"
