"""The records of a run: an append-only file of JSON lines in the run's folder, written and read.

    RUN/records.jsonl           the lines of this module
    RUN/made/ROW/ITEM.mp4       clips that were made, "/" in an item's name replaced by "_"; motion is .npy
    RUN/features/SHA256.npy     features by content, float32 (n d)
    RUN/local.json              where the real clips lie on this machine

A line counts once its newline is there, so that a process that is killed while it writes loses only the
line under way. A later line replaces an earlier one of the same address.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pfy_core import InputError, Score
from pfy_core.errors import OutputError

if TYPE_CHECKING:
    from typing import IO

SCHEMA = 2
"""Version of the lines' layout and of what their numbers mean."""
Address = tuple[str, str, int]
"""Of an item (row, item, replicate) or a distance of sets (row, measure, replicate)."""
FILE = "records.jsonl"
LOCAL = "local.json"
"""Where clips lie on this machine: ``real`` by item, ``made`` by row and item for those outside the folder.
Everything else in a run folder may be given away."""


@dataclass(frozen=True)
class Run:
    """What was run: the suite as it was read, the data it was given, and on which machine."""

    kind: ClassVar[str] = "run"
    id: str
    started: str
    argv: list[str]
    suite: dict[str, Any]
    seed: int
    data: dict[str, dict[str, Any]]
    machine: dict[str, Any] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class Row:
    """Whose clips are scored: a graph, an ablation of it, a negative control, or what others published.

    ``replicate`` counts the rows of one name, of which each is a model that was trained again; ``baseline``
    is the control by which all real clips were spoiled, to stand beside what was made.
    """

    kind: ClassVar[str] = "row"
    row: str
    title: str
    graph: dict[str, Any] | None = None
    digest: str = ""
    ablation: str | None = None
    control: str | None = None
    weights: dict[str, dict[str, Any]] = field(default_factory=dict)
    published: dict[str, str] | None = None
    replicate: int = 0
    baseline: str | None = None

    @property
    def address(self) -> tuple[str, int]:
        return (self.row, self.replicate)


@dataclass(frozen=True)
class Measure:
    """What is measured and by which protocol; ``sides`` tells whether clips are compared with real ones."""

    kind: ClassVar[str] = "measure"
    measure: str
    unit: str
    better: Literal["high", "low", "zero", "human"]
    digits: int
    over: Literal["clip", "set"]
    sides: Literal["pair", "one"]
    doc: str = ""
    protocol: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> tuple[str, ...]:
        return (self.measure,)


@dataclass(frozen=True)
class Made:
    """A clip that was scored; ``file`` is relative to the run's folder, a mere name outside of it."""

    file: str
    sha256: str
    seconds: float
    frames: int


@dataclass(frozen=True)
class Real:
    """The real clip beside it, by its name in the data."""

    sha256: str
    seconds: float
    frames: int
    name: str


@dataclass(frozen=True)
class Item:
    """A clip of a row with its values, NaN with a reason where a measure has none.

    ``identity`` is who is seen, ``key`` the digest of what it was made and measured from, ``features``
    the addresses of its features by side, ``seconds`` the time of every stage, ``problem`` why the clip
    could not be made.
    """

    kind: ClassVar[str] = "item"
    row: str
    item: str
    identity: str
    key: str
    made: Made | None = None
    real: Real | None = None
    values: dict[str, Score] = field(default_factory=dict)
    real_values: dict[str, Score] = field(default_factory=dict)
    features: dict[str, dict[str, str | None]] = field(default_factory=dict)
    problem: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    replicate: int = 0

    @property
    def address(self) -> Address:
        return (self.row, self.item, self.replicate)


@dataclass(frozen=True)
class SetValue:
    """A distance between all clips of a row and all real ones.

    ``n`` counts the features of both sides, ``floor`` is the same distance between two halves of the
    real clips, at their own n.
    """

    kind: ClassVar[str] = "set"
    row: str
    measure: str
    value: float
    reason: str = ""
    n: tuple[int, int] = (0, 0)
    clips: int = 0
    interval: tuple[float, float] | None = None
    method: str = ""
    floor: float | None = None
    replicate: int = 0

    @property
    def address(self) -> Address:
        return (self.row, self.measure, self.replicate)


@dataclass(frozen=True)
class Calibration:
    """Whether a measure put the negative controls in their order; None where no control tells."""

    kind: ClassVar[str] = "calibration"
    measure: str
    calibrated: bool | None
    why: str = ""

    @property
    def address(self) -> tuple[str, ...]:
        return (self.measure,)


Line = Run | Row | Measure | Item | SetValue | Calibration
KINDS: dict[str, type[Line]] = {cls.kind: cls for cls in (Run, Row, Measure, Item, SetValue, Calibration)}


@dataclass(frozen=True)
class Results:
    """A run folder as read: rows, items and sets by their addresses.

    ``real`` has the files of the real clips that are on this machine, ``made`` those of made clips (row,
    item) that lie outside the folder.
    """

    folder: Path
    run: Run
    rows: dict[tuple[str, int], Row]
    measures: dict[str, Measure]
    items: dict[Address, Item]
    sets: dict[Address, SetValue]
    calibrations: dict[str, Calibration]
    real: dict[str, Path] = field(default_factory=dict)
    made: dict[tuple[str, str], Path] = field(default_factory=dict)

    def file(self, item: Item) -> Path | None:
        """Where the made clip of an item should lie; None where none was made."""
        if item.made is None:
            return None
        return self.made.get((item.row, item.item), self.folder / item.made.file)

    def of(self, row: str, replicate: int = 0) -> list[Item]:
        """The items of a row in the order in which they were first written."""
        return list(self._by_row.get((row, replicate), ()))

    @cached_property
    def _by_row(self) -> dict[tuple[str, int], list[Item]]:
        found: dict[tuple[str, int], list[Item]] = {}
        for item in self.items.values():
            found.setdefault((item.row, item.replicate), []).append(item)
        return found


def append(folder: Path, line: Line) -> None:
    """Add a line to the run's records in one write and see it onto the disk; one process writes to a run.

    A torn line that a killed process left is removed first. Raises OutputError when that cannot be done.
    """
    data = (json.dumps(encode(line), ensure_ascii=False, allow_nan=False) + "\n").encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / FILE).open("ab+") as file:
            _drop_torn(file)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(
            f"{folder / FILE} cannot be written: {error}", "a folder that can be written to"
        ) from error


def _drop_torn(file: IO[bytes]) -> None:
    end = file.seek(0, os.SEEK_END)
    if end:
        file.seek(end - 1)
        if file.read(1) != b"\n":
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)


def encode(line: Line) -> dict[str, Any]:
    """A line as JSON-ready data: numbers that are not finite become None."""
    fields = {one.name: _plain(getattr(line, one.name)) for one in dataclasses.fields(line)}
    return {"schema": SCHEMA, "kind": line.kind, **fields}


def _plain(value: Any) -> Any:
    if isinstance(value, Score):
        return [_plain(value.value), value.reason]
    if isinstance(value, Made | Real):
        return dataclasses.asdict(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    return _plain(value.item())  # a number of numpy


def decode(data: dict[str, Any]) -> Line:
    """A line from JSON data; keys it does not know are passed over. Raises InputError for faulty data."""
    cls = KINDS.get(str(data.get("kind")))
    if cls is None:
        raise InputError(f"a line of kind {data.get('kind')!r}", f"one of {', '.join(KINDS)}")
    found: dict[str, Any] = {}
    try:
        for one in dataclasses.fields(cls):
            if one.name in data:
                found[one.name] = READ.get((cls.kind, one.name), _same)(data[one.name])
        return cls(**found)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise InputError(f"a line of kind {cls.kind!r} that is faulty: {error}") from error


def _same(value: Any) -> Any:
    return value


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _scores(values: dict[str, list[Any]]) -> dict[str, Score]:
    return {name: Score(_number(value), str(reason)) for name, (value, reason) in values.items()}


def _interval(value: list[Any] | None) -> tuple[float, float] | None:
    return None if value is None else (_number(value[0]), _number(value[1]))


READ: dict[tuple[str, str], Any] = {
    ("item", "made"): lambda value: None if value is None else Made(**value),
    ("item", "real"): lambda value: None if value is None else Real(**value),
    ("item", "values"): _scores,
    ("item", "real_values"): _scores,
    ("set", "value"): _number,
    ("set", "n"): lambda value: (int(value[0]), int(value[1])),
    ("set", "interval"): _interval,
}
"""How fields are read that JSON cannot hold as they are."""


def begun(folder: Path) -> bool:
    """Whether a folder's records have a line: a process may have been killed before it wrote one."""
    return b"\n" in (folder / FILE).read_bytes()


def load(folder: Path | str) -> Results:
    """The records of a run folder.

    Raises InputError for a folder that is no run, for records of a newer schema, and for a line before
    the last that cannot be read.
    """
    file = Path(folder) / FILE
    try:
        lines = file.read_bytes().split(b"\n")[:-1]
    except OSError as error:
        raise InputError(
            f"{folder} is no run of the benchmark: {file.name} cannot be read ({error.strerror})",
            "a folder that 'pfy bench run' or 'pfy bench score' has written",
        ) from error
    found: dict[str, dict[tuple[Any, ...], Any]] = {kind: {} for kind in KINDS}
    for number, text in enumerate(lines, 1):
        line = _line(file, number, text)
        found[line.kind][line.address] = line
    if not found["run"]:
        raise InputError(f"{file} does not say what was run", "a line of kind 'run'", "run it again")
    return Results(
        folder=Path(folder),
        run=found["run"][()],
        rows=found["row"],
        measures={line.measure: line for line in found["measure"].values()},
        items=found["item"],
        sets=found["set"],
        calibrations={line.measure: line for line in found["calibration"].values()},
        **_local(Path(folder)),
    )


def _line(file: Path, number: int, text: bytes) -> Line:
    try:
        data = json.loads(text)
        schema = int(data["schema"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file}:{number} is no record: {error}",
            f"a JSON object with a schema (this pfy-bench writes {SCHEMA})",
            "remove the line; the run then does it again",
        ) from error
    if schema > SCHEMA:
        raise InputError(
            f"{file}:{number} has schema {schema}", f"schema {SCHEMA} or older", "upgrade pfy-bench"
        )
    try:
        return decode(data)
    except InputError as error:
        raise InputError(
            f"{file}:{number}: {error.sends}", error.wants, "remove the line; the run then does it again"
        ) from error


def _local(folder: Path) -> dict[str, dict[Any, Path]]:
    try:
        places = json.loads((folder / LOCAL).read_text(encoding="utf-8"))
        return {
            "real": {str(item): Path(path) for item, path in places.get("real", {}).items()},
            "made": {
                (str(row), str(item)): Path(path)
                for row, items in places.get("made", {}).items()
                for item, path in items.items()
            },
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # given away without it, as it should be
