"""Reading tensors from a PyTorch checkpoint of the old format, without PyTorch and without running code.

The format (torch.save before version 1.6) is a row of pickles: a magic number, a protocol version, facts
about the machine, the object with its tensors as references, the keys of the storages; then, for each key, a
count and the numbers. The unpickler here knows the names that a dictionary of tensors needs and refuses
all others, as ``torch.load(weights_only=True)`` does.
"""

from __future__ import annotations

import collections
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from pfy_core.errors import WeightsError
from pfy_plugin_speech.ports import Array

MAGIC = 0x1950A86A20F9469CFC6C
"""What torch.save writes first."""
STORAGE = "FloatStorage"
WANTS = "a dictionary of float32 tensors saved by PyTorch before version 1.6"


@dataclass(frozen=True)
class _Tensor:
    """A tensor's place in its storage: which one, where it begins, its shape and strides in numbers."""

    storage: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_tensors(file: Path, key: str) -> dict[str, Array]:
    """The float32 tensors of the dictionary under ``key`` in a checkpoint, by name.

    Raises WeightsError for anything but plain tensors in plain containers.
    """
    try:
        with file.open("rb") as stream:
            if _Unpickler(stream).load() != MAGIC:
                raise WeightsError(f"{file} is no PyTorch checkpoint", WANTS)
            for _ in ("protocol version", "facts about the machine"):
                _Unpickler(stream).load()
            saved, keys = _Unpickler(stream).load(), _Unpickler(stream).load()
            storages = {name: _numbers(stream) for name in keys}
        tensors = {name: item for name, item in saved[key].items() if isinstance(item, _Tensor)}
        return {name: _view(item, storages[item.storage]) for name, item in tensors.items()}
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise WeightsError(f"{file} cannot be read: {error}", WANTS) from error


def _numbers(stream: IO[bytes]) -> Array:
    count = int(np.frombuffer(stream.read(8), "<i8")[0])
    return np.frombuffer(stream.read(4 * count), "<f4")


def _view(item: _Tensor, storage: Array) -> Array:
    last = item.offset + sum((size - 1) * step for size, step in zip(item.shape, item.strides, strict=True))
    if item.offset < 0 or min(item.strides, default=0) < 0 or last >= len(storage):
        raise ValueError(f"a tensor of shape {item.shape} reaches beyond its storage")
    steps = [step * storage.itemsize for step in item.strides]
    view = np.lib.stride_tricks.as_strided(storage[item.offset :], item.shape, steps, writeable=False)
    return np.array(view, np.float32)


def _rebuilt(storage: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> _Tensor:
    """Stands for torch._utils._rebuild_tensor_v2; what follows the strides concerns training."""
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


class _Unpickler(pickle.Unpickler):
    """Builds dictionaries and tensors' places, nothing else."""

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        match module, name:
            case "collections", "OrderedDict":
                return collections.OrderedDict
            case "torch._utils", "_rebuild_tensor_v2":
                return _rebuilt
            case "torch", storage if storage == STORAGE:
                return _Marker
        raise pickle.UnpicklingError(f"it wants {module}.{name}")

    def persistent_load(self, reference: Any) -> str:
        """The key of a storage, from ``("storage", type, key, place, count, view)``."""
        kind, storage, key = reference[:3]
        if kind != "storage" or storage is not _Marker:
            raise pickle.UnpicklingError("it refers to something that is no storage of float32")
        return str(key)


class _Marker:
    """Stands for the type of a storage; never made."""
