"""Local checkpoints: recognised by the tensors they hold, and put under their registered name.

What an entry holds is listed in ``registry/weights/shapes/NAME.txt`` (``/`` as ``-``), a tensor a line: its
name and sides. ``prefix P`` says where else the names may begin, ``ignore PATTERN`` which others may stand
beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pfy_core import registry, tensor_file, weights
from pfy_core.errors import WeightsError, listed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Shapes = dict[str, tuple[int, ...]]

SHARE = 0.25
"""Part of an entry's names that a file must have to be taken for a faulty copy of it."""
TORCH_FILES = (".pth", ".pt", ".bin", ".ckpt")


@dataclass(frozen=True)
class Pattern:
    """What a registered checkpoint holds: the tensors, where their names may begin, what may be beside."""

    shapes: Shapes
    prefixes: tuple[str, ...]
    ignored: tuple[str, ...]


def patterns() -> dict[str, Pattern]:
    """What is known of the entries, by name; entries without a list are not in it."""
    found = {}
    for name in weights.entries():
        file = registry.ROOT / "weights" / "shapes" / f"{name.replace('/', '-')}.txt"
        if file.is_file():
            found[name] = _pattern(file)
    return found


def adopt(file: Path, name: str = "") -> tuple[str, Path]:
    """Put a local file under its registered name; returns the name and where it is now.

    A checkpoint is recognised by its tensors; another file (ONNX, a vocabulary) by its registered sha256,
    or has to be named. The sha256 of a file whose entry has none is recorded. Raises WeightsError, and
    changes nothing, for a file that is not what an entry holds: which tensors are missing, unexpected or
    of another shape, or how many bytes are.
    """
    if not file.is_file():
        raise WeightsError(f"{file} is not a file", "a checkpoint, a network or a vocabulary")
    item = weights.entry(name or _recognised(file))
    # What is registered byte for byte may be older than the formats that are looked into here.
    if item.sha256 and weights.sha256(file) == item.sha256:
        weights.place(item, file)
        return item.name, item.cached
    if name:
        pattern = patterns().get(name)
        if pattern is not None:
            faults = _faults(_shapes(file), pattern)
            if faults:
                raise _misfit(file, name, faults, pattern)
    if item.file.endswith(TORCH_FILES) and not _is_archive(file):
        raise WeightsError(
            f"{file} is no archive of torch.save, and {item.name} is {item.file}",
            f"a file like {item.file}",
            f"name the file itself: --set NODE.weights={file}",
        )
    weights.place(item, file)
    return item.name, item.cached


def _recognised(file: Path) -> str:
    """The name of the entry that a file is; WeightsError when it is none, or a faulty one."""
    found = weights.sha256(file)
    for item in weights.entries().values():
        if item.sha256 and item.sha256 == found:
            return item.name
    shapes = _shapes(file)
    known = patterns()
    for name, pattern in known.items():
        if not _faults(shapes, pattern):
            return name
    likeness = {name: _likeness(shapes, pattern) for name, pattern in known.items()}
    nearest = max(likeness, key=lambda name: likeness[name], default="")
    if nearest and likeness[nearest] >= SHARE:
        raise _misfit(file, nearest, _faults(shapes, known[nearest]), known[nearest])
    raise WeightsError(
        f"{file} is none of the checkpoints that are known; it holds {listed(shapes) or 'no tensors'}",
        f"one of {', '.join(known)}",
        "say what it is with --as NAME, or name the file itself: --set NODE.weights=./FILE",
    )


def _shapes(file: Path) -> Shapes:
    try:
        return {key: held.shape for key, held in tensor_file.tensors(file).items()}
    except WeightsError as error:
        fix = error.fix or "another file (ONNX, JSON) has to be named: --as NAME"
        raise WeightsError(error.sends, error.wants, fix) from error


def _pattern(file: Path) -> Pattern:
    shapes: Shapes = {}
    prefixes, ignored = [""], []
    for line in file.read_text(encoding="utf-8").splitlines():
        first, *rest = line.split()
        if first == "prefix":
            prefixes += rest
        elif first == "ignore":
            ignored += rest
        elif first != "#":
            shapes[tensor_file.current(first)] = tuple(map(int, rest))
    return Pattern(shapes, tuple(prefixes), tuple(ignored))


def _under(shapes: Mapping[str, tuple[int, ...]], pattern: Pattern) -> Shapes:
    """A file's tensors under the prefix that has most of a pattern's names, the prefix taken off."""
    best: Shapes = {}
    for prefix in pattern.prefixes:
        found = {
            tensor_file.current(key[len(prefix) :]): side
            for key, side in shapes.items()
            if key.startswith(prefix)
        }
        if not best or _common(found, pattern) > _common(best, pattern):
            best = found
    return best


def _common(shapes: Shapes, pattern: Pattern) -> int:
    return len(shapes.keys() & pattern.shapes.keys())


def _likeness(shapes: Shapes, pattern: Pattern) -> float:
    return _common(_under(shapes, pattern), pattern) / max(1, len(pattern.shapes))


def _faults(shapes: Shapes, pattern: Pattern) -> list[str]:
    """What keeps a file from being what a pattern says, one line for each sort of fault."""
    found, wanted = _under(shapes, pattern), pattern.shapes
    missing = [key for key in wanted if key not in found]
    surplus = [
        key
        for key in found
        if key not in wanted and not any(fnmatchcase(key, ignored) for ignored in pattern.ignored)
    ]
    other = [
        f"{key} is ({_sides(found[key])}), not ({_sides(side)})"
        for key, side in wanted.items()
        if key in found and found[key] != side
    ]
    parts = (("missing", missing), ("unexpected", surplus), ("shape", other))
    return [f"{title}: {listed(names)}" for title, names in parts if names]


def _misfit(file: Path, name: str, faults: list[str], pattern: Pattern) -> WeightsError:
    lines = "".join(f"\n           {fault}" for fault in faults)
    return WeightsError(
        f"{file} is not {name}:{lines}",
        f"exactly its {len(pattern.shapes)} tensors",
        "fetch the file again, or name it itself: --set NODE.weights=./FILE",
    )


def _is_archive(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def _sides(shape: tuple[int, ...]) -> str:
    return " ".join(map(str, shape))
