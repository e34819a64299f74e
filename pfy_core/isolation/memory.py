"""Arrays and tensors in memory that two processes share: written once by one, mapped by the other.

The memory is a file without a name whose descriptor travels with the message, so that the kernel frees it
when both sides have let go of it or have been killed: nothing is left behind, and the size of ``/dev/shm``
(64 MB in most containers) does not matter.
"""

from __future__ import annotations

import math
import mmap
import os
import sys
import tempfile
import weakref
from contextlib import suppress
from typing import Any

from pfy_core import digest
from pfy_core.isolation.values import CannotCross, ForeignTensor

INLINE = 1 << 16
"""Bytes up to which arrays travel within the message: below, mapping costs more than copying twice."""
ALIGNMENT = 64
"""Bytes: a cache line, and the widest vector that numpy and torch load."""

MAPPED = 256
"""Mappings alive at a time: each holds a descriptor, of which a process has 1024 on most systems."""

_mapped: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


def lay_out(arrays: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """Where each array goes (``at`` bytes from the beginning), and the bytes of all.

    Raises CannotCross for a tensor that is more than a block of numbers (sparse, quantised).
    """
    layout, end = [], 0
    for name, array in arrays.items():
        tensor = not digest.is_array(array)
        device = str(array.device) if tensor else ""
        if tensor and (str(array.layout) != "torch.strided" or array.is_quantized or device == "meta"):
            sort = f"{array.layout} {array.dtype} on {device}"
            raise CannotCross(
                f"a tensor ({sort}) is no block of numbers: it cannot be sent to another process"
            )
        at = math.ceil(end / ALIGNMENT) * ALIGNMENT
        layout.append(
            {
                "name": name,
                "dtype": str(array.dtype).removeprefix("torch."),
                "shape": list(array.shape),
                "at": at,
                "bytes": array.nbytes,
                "device": device,
            }
        )
        end = at + array.nbytes
    return layout, end


def write(arrays: dict[str, Any], layout: list[dict[str, Any]], total: int) -> int:
    """A descriptor of memory that holds the arrays; the caller closes it.

    What lies in one piece on the CPU is written as it is; anything else is copied into the mapping, which
    costs page faults and yet is one copy only.
    """
    descriptor = _anonymous()
    try:
        os.ftruncate(descriptor, total)
        for place in layout:
            array = arrays[place["name"]]
            if not place["bytes"]:
                continue
            if _is_one_piece(array):
                _pwrite(descriptor, _bytes(array), place["at"])
            else:
                with mmap.mmap(descriptor, total) as memory:
                    _copy(array, _view(memory, place))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def joined(arrays: dict[str, Any], layout: list[dict[str, Any]], total: int) -> bytearray:
    """The same as bytes, for few of them."""
    memory = bytearray(total)
    for place in layout:
        if place["bytes"]:
            _copy(arrays[place["name"]], _view(memory, place))
    return memory


def map_in(descriptor: int, total: int) -> mmap.mmap | bytearray:
    """The memory behind a descriptor, which is closed: the arrays made of it keep it alive.

    Shared and writable: the sender has no mapping of it any more, so nobody else sees what is written. When
    very many are alive already (chunks that somebody collects) it is copied instead.
    """
    try:
        if len(_mapped) >= MAPPED:
            held = bytearray(total)
            os.preadv(descriptor, [held], 0)
            return held
        memory = mmap.mmap(descriptor, total)
        _mapped.add(memory)
        return memory
    finally:
        os.close(descriptor)


def read(memory: Any, layout: list[dict[str, Any]], device: str = "") -> dict[str, Any]:
    """The arrays and tensors in ``memory``, without a copy; tensors that came from another device than the
    CPU are put on ``device``, or on that one, where this process has it."""
    return {place["name"]: _placed(_view(memory, place), place, device) for place in layout}


def _placed(array: Any, place: dict[str, Any], device: str) -> Any:
    if place["device"] not in ("", "cpu") and digest.is_tensor(array):
        with suppress(RuntimeError, AssertionError):  # which is how torch says that it has no such device
            return array.to(place["device"] if device in ("", "auto", "cpu") else device)
    return array


def _view(memory: Any, place: dict[str, Any]) -> Any:
    """The array that ``place`` describes, over ``memory``."""
    if place["device"]:
        return _tensor(memory, place)
    import numpy as np

    dtype, shape = np.dtype(place["dtype"]), tuple(place["shape"])
    if not place["bytes"]:
        return np.empty(shape, dtype)
    return np.frombuffer(memory, dtype, math.prod(shape), place["at"]).reshape(shape)


def _tensor(memory: Any, place: dict[str, Any]) -> Any:
    try:
        import torch
    except ImportError:
        return ForeignTensor(memory, place)
    dtype, shape = getattr(torch, place["dtype"]), tuple(place["shape"])
    if not place["bytes"]:
        return torch.empty(shape, dtype=dtype)
    flat = torch.frombuffer(memory, dtype=dtype, count=math.prod(shape), offset=place["at"])
    return flat.reshape(shape)


def _is_one_piece(array: Any) -> bool:
    if digest.is_tensor(array):
        return (
            array.device.type == "cpu"
            and array.is_contiguous()
            and not array.is_conj()
            and not array.is_neg()
        )
    return not digest.is_array(array) or bool(array.flags.c_contiguous)


def _bytes(array: Any) -> memoryview:
    """The bytes of an array that lies in one piece."""
    if digest.is_tensor(array):
        torch = sys.modules["torch"]
        array = array.detach().reshape(-1).view(torch.uint8).numpy()
    elif digest.is_array(array):
        array = array.reshape(-1).view(sys.modules["numpy"].uint8)
    else:
        array = array.data
    return memoryview(array).cast("B")


def _copy(array: Any, target: Any) -> None:
    if digest.is_tensor(array):
        target.copy_(array.detach())
    elif digest.is_array(array):
        target[...] = array
    else:
        target.data[:] = array.data


def _pwrite(descriptor: int, data: memoryview, at: int) -> None:
    while data:
        done = os.pwrite(descriptor, data, at)
        data, at = data[done:], at + done


def _anonymous() -> int:
    """A descriptor of a file without a name: in memory on Linux, elsewhere in the temporary folder."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("pfy")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
