"""What a checkpoint holds, read without torch and without running anything that is in it.

safetensors begin with their header. What ``torch.save`` writes is a zip archive with a pickle in it; the
pickle is read with every class and function replaced by an inert stand-in, so that a foreign config or a
hostile payload stays what it is: data that nobody calls.
"""

from __future__ import annotations

import io
import json
import math
import pickle
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pfy_core.errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

DTYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64",
    "I32": "int32", "I16": "int16", "I8": "int8", "U8": "uint8", "BOOL": "bool",
    "DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16", "LongStorage": "int64", "IntStorage": "int32",
    "ShortStorage": "int16", "CharStorage": "int8", "ByteStorage": "uint8", "BoolStorage": "bool",
}  # fmt: skip
"""Names of safetensors and of torch's storages, as numpy says them (bfloat16 it does not)."""
SIZES = {"float64": 8, "int64": 8, "float32": 4, "int32": 4, "float16": 2, "bfloat16": 2, "int16": 2}
"""Bytes of a number; 1 for those that are not here."""
MAX_HEADER = 100_000_000
"""Bytes of a safetensors header, its own library's limit; a pickle beyond it is no state dict either."""


@dataclass(frozen=True)
class Held:
    """A tensor in a checkpoint: shape, dtype, and where its bytes begin.

    ``room`` is the file inside a zip archive, empty for safetensors; ``start`` counts bytes in it.
    """

    shape: tuple[int, ...]
    dtype: str
    room: str = ""
    start: int = 0
    plain: bool = True

    @property
    def size(self) -> int:
        return math.prod(self.shape) * SIZES.get(self.dtype, 1)


def tensors(file: Path) -> dict[str, Held]:
    """The tensors of a checkpoint by name, those of nested tables with dots (``model.gpt.mel_head.bias``).

    Raises WeightsError for what is neither safetensors nor torch's zip format, and for a file that has
    been cut short: how many bytes there are and how many there should be.
    """
    try:
        with file.open("rb") as stream:
            start = stream.read(8)
        if start[:4] == b"PK\x03\x04":
            return _zipped(file)
        return _safetensors(file, start)
    except OSError as error:
        raise WeightsError(f"{file} cannot be read: {error.strerror or error}", "a checkpoint") from error


def read(file: Path, name: str) -> NDArray[np.floating]:
    """One tensor of a checkpoint as float32 (or its own integers); WeightsError when it is not there."""
    import numpy as np

    found = tensors(file)
    if name not in found:
        raise WeightsError(f"{file} has no tensor {name!r}", f"one of {_some(found)}")
    held = found[name]
    if not held.plain:
        raise WeightsError(f"{file}: {name!r} is not contiguous", "a tensor stored row by row")
    if held.room:
        with zipfile.ZipFile(file) as archive, archive.open(held.room) as stream:
            stream.seek(held.start)
            data = stream.read(held.size)
    else:
        with file.open("rb") as plain:
            plain.seek(held.start)
            data = plain.read(held.size)
    if held.dtype == "bfloat16":
        wide = np.frombuffer(data, np.uint16).astype(np.uint32) << 16
        return wide.view(np.float32).reshape(held.shape)
    made: NDArray[Any] = np.frombuffer(data, held.dtype).reshape(held.shape)
    return made.astype(np.float32) if made.dtype.kind == "f" else made.copy()


def _safetensors(file: Path, start: bytes) -> dict[str, Held]:
    size = file.stat().st_size
    if not size:
        raise WeightsError(f"{file} is empty", "safetensors, or what torch.save writes")
    length = int.from_bytes(start, "little")
    if len(start) < 8 or not 2 <= length <= MAX_HEADER:
        raise WeightsError(f"{file} is no checkpoint", "safetensors, or what torch.save writes")
    with file.open("rb") as stream:
        stream.seek(8)
        raw = stream.read(length)
    try:
        header = json.loads(raw)
        items = {key: value for key, value in header.items() if key != "__metadata__"}
        end = 8 + length + max((value["data_offsets"][1] for value in items.values()), default=0)
        found = {
            key: Held(
                tuple(value["shape"]),
                DTYPES.get(value["dtype"], value["dtype"]),
                start=8 + length + value["data_offsets"][0],
            )
            for key, value in items.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        short = f"; {size} bytes, its header alone takes {8 + length}" if size < 8 + length else ""
        raise WeightsError(
            f"{file} is no checkpoint{short}", "safetensors, or what torch.save writes"
        ) from error
    if size < end:
        raise WeightsError(f"{file} ends after {size} bytes", f"{end} bytes", "fetch or copy it again")
    return found


# torch's zip format -------------------------------------------------------------------------------


def _zipped(file: Path) -> dict[str, Held]:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            pickles = [name for name in names if name.endswith("data.pkl") and name.count("/") <= 1]
            if len(pickles) != 1 or archive.getinfo(pickles[0]).file_size > MAX_HEADER:
                raise WeightsError(f"{file} is an archive of something else", "what torch.save writes")
            root = pickles[0].removesuffix("data.pkl")
            tree = _Inert(io.BytesIO(archive.read(pickles[0]))).load()
            sizes = {info.filename: info.file_size for info in archive.infolist()}
    except zipfile.BadZipFile as error:
        size = file.stat().st_size
        raise WeightsError(
            f"{file} is damaged or cut short at {size} bytes: {error}",
            "the whole archive, its table of contents at the end",
            "fetch or copy it again",
        ) from error
    except WeightsError:
        raise
    # A pickle that is not one raises nearly anything out of the unpickler.
    except Exception as error:
        raise WeightsError(
            f"{file} cannot be read: {type(error).__name__}: {error}", "what torch.save writes"
        ) from error
    found = {}
    for name, tensor in _named(tree, ""):
        held = tensor.held(root)
        if held.plain and sizes.get(held.room, -1) < held.start + held.size:
            raise WeightsError(f"{file} lacks the numbers of {name!r}", "the whole archive")
        found[name] = held
    return found


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: str


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    def held(self, root: str) -> Held:
        expected, step = [], 1
        for side in reversed(self.shape):
            expected.append(step)
            step *= side
        plain = all(
            side <= 1 or have == want
            for side, have, want in zip(self.shape, self.stride, reversed(expected), strict=True)
        )
        start = self.offset * SIZES.get(self.storage.dtype, 1)
        return Held(self.shape, self.storage.dtype, f"{root}data/{self.storage.key}", start, plain)


class _StandIn:
    """Takes the place of any foreign object: it can be made and filled, and does nothing."""

    def __new__(cls, *_: Any, **__: Any) -> _StandIn:
        return super().__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __setstate__(self, _: Any) -> None: ...

    def __setitem__(self, _: Any, __: Any) -> None: ...

    def append(self, _: Any) -> None: ...

    def extend(self, _: Any) -> None: ...

    def __call__(self, *_: Any, **__: Any) -> _StandIn:
        return self


def _rebuilt(storage: Any, offset: int, size: Any, stride: Any, *_: Any) -> Any:
    if not isinstance(storage, _Storage):
        return _StandIn()
    return _Tensor(storage, int(offset), tuple(map(int, size)), tuple(map(int, stride)))


KNOWN: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuilt,
    ("torch._utils", "_rebuild_parameter"): lambda data, *_: data,
    ("torch", "Size"): tuple,
}
"""All that a pickle may call; none of it does more than build plain data."""


class _Inert(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module in ("torch", "torch.storage") and name.endswith("Storage"):
            return name
        return KNOWN.get((module, name), _StandIn)

    def persistent_load(self, pid: Any) -> Any:
        if isinstance(pid, tuple) and len(pid) >= 3 and pid[0] == "storage" and isinstance(pid[1], str):
            return _Storage(str(pid[2]), DTYPES.get(pid[1], pid[1]))
        return _StandIn()


def _named(tree: Any, prefix: str) -> Iterator[tuple[str, _Tensor]]:
    """Tensors of nested tables; a table that holds itself is followed once."""
    waiting, seen = [(prefix, tree)], set[int]()
    while waiting:
        name, item = waiting.pop()
        if isinstance(item, _Tensor):
            yield name, item
        elif isinstance(item, dict) and id(item) not in seen:
            seen.add(id(item))
            waiting += [(f"{name}.{key}" if name else str(key), value) for key, value in item.items()]


def _some(names: dict[str, Held]) -> str:
    shown = ", ".join(list(names)[:6])
    return shown + (f" and {len(names) - 6} more" if len(names) > 6 else "")
