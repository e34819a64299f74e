"""Checkpoints: read without executing anything, compared by name and shape, loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
import torch
from torch import Tensor, nn

from pfy_core import weights
from pfy_core.errors import WeightsError

SHOWN = 6
"""Names per line of an error; the rest is counted."""

M = TypeVar("M", bound=nn.Module)


def read(name: str, *, inside: str = "") -> dict[str, Tensor]:
    """The tensors of a weights entry or a file, by name; nothing is fetched.

    ``.safetensors`` is read as such, any other file with ``torch.load`` and ``weights_only``. ``inside`` is
    the key of a state dict that a training checkpoint may hold beside other things. Raises WeightsError when
    the file is absent, cannot be read or holds something else.
    """
    path = weights.path(name, fetch=False)
    wants = "a state dict as safetensors, or as torch.save writes it"
    try:
        found = _load(path)
    # Damaged files raise nearly anything, from EOFError to KeyError, out of torch's unpickler.
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(f"{path} cannot be read: {reason}", wants) from error
    if inside and isinstance(found, dict) and isinstance(found.get(inside), dict):
        found = found[inside]
    if not isinstance(found, dict):
        raise WeightsError(f"{path} holds a {type(found).__name__}", wants)
    others = [str(key) for key, value in found.items() if not isinstance(value, Tensor)]
    if others:
        raise WeightsError(f"{path} holds more than tensors: {_listed(others)}", wants)
    return found


def fill(module: M, state: Mapping[str, Tensor], name: str, dtype: torch.dtype, fix: str) -> M:
    """Give a module on the meta device the values of a state dict, in this dtype.

    Raises WeightsError naming every value that is missing, unexpected, of another shape or no float.
    """
    wanted = module.state_dict()
    faults = _faults(state, wanted)
    if faults:
        sends = "".join(f"\n           {fault}" for fault in faults)
        raise WeightsError(f"weights {name!r} do not fit:{sends}", f"exactly {len(wanted)} values", fix)
    module.load_state_dict({key: value.to(dtype) for key, value in state.items()}, assign=True)
    return module


def _load(path: Path) -> Any:
    if path.suffix == ".safetensors":
        return safetensors.torch.load_file(path)
    try:
        # Mapped, a file of 10 GB needs only the memory of the parts that are being converted.
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (RuntimeError, ValueError):  # written by a torch of before 1.6, or damaged
        return torch.load(path, map_location="cpu", weights_only=True)


def _faults(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> list[str]:
    """What is wrong with a state dict, one line for each sort of fault."""
    missing = [key for key in wanted if key not in state]
    unexpected = [str(key) for key in state if key not in wanted]
    shapes = [
        f"{key} is ({_dims(state[key])}), not ({_dims(value)})"
        for key, value in wanted.items()
        if key in state and state[key].shape != value.shape
    ]
    kinds = [
        f"{key} is {str(state[key].dtype).removeprefix('torch.')}, not a float"
        for key in wanted
        if key in state and not state[key].is_floating_point()
    ]
    parts = (("missing", missing), ("unexpected", unexpected), ("shape", shapes), ("dtype", kinds))
    return [f"{title}: {_listed(names)}" for title, names in parts if names]


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more


def _dims(value: Tensor) -> str:
    return " ".join(map(str, value.shape))
