"""Suites: which clips, decoded how, give which numbers, by which protocols. YAML files in ``suites/``.

    suite: quick
    version: 1
    data: {mini: {use: dataset/mini, with: {clips: 4}}}
    clip: {fps: 25, rate: 16000, seconds: 8, fewest: 10}
    features:
      face: {use: extractor/face-track, take: {frames: frames}}
    measures:
      stoi: {use: metric/stoi, take: {made: made.wave, reference: real.wave}, better: high}
      lip-speed: {use: metric/lip-speed, take: {face: face}, unit: iod/s, better: human}
      fd-x: {use: metric/fd, over: set, take: {made: made.x, reference: real.x}, better: low}

Features are made of each side, of the clip that was made and of the real one. A measure that takes
``made.…`` and ``real.…`` compares them; one that names no side is taken of both, so that the number of
filmed people stands beside. ``over: set`` compares the rows of all clips at once.

A suite that looks at ``motion`` and at no frames renders nothing: graphs run for their motion alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import yaml

from pfy_core import InputError, digest
from pfy_core.errors import GraphError, did_you_mean
from pfy_core.graph import Graph
from pfy_core.graph_file import GraphInput, Node, Reader, line_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SIDES = ("made", "real")
FILMED = {
    "frames": "video.frames",
    "wave": "audio.wave",
    "text": "text",
    "photo": "image.rgb",
    "voice": "audio.wave",
}
"""What every side offers, by kind."""
KNOWN = {"motion": "motion.face", "phones": "speech.phones", "landmarks": "face.landmarks"}
"""What a clip may come with besides, known and not found in it; a feature of such a name takes its place."""
GIVEN = FILMED | KNOWN
Over = Literal["clip", "set"]
Better = Literal["high", "low", "zero", "human"]
"""What to wish for; ``human`` is near the real clip's."""
KEYS = ("suite", "version", "doc", "data", "clip", "features", "measures", "controls")
NAME = re.compile(r"\w[\w.+-]*")
"""Of a suite: it names the folder of its run."""
CLIP_KEYS = ("fps", "rate", "seconds", "fewest")
FEATURE_KEYS = ("use", "take", "with", "place")
MEASURE_KEYS = (*FEATURE_KEYS, "over", "unit", "better", "digits", "sees", "doc")


@dataclass(frozen=True)
class Measure:
    """A number: the node that gives it, and how to read it.

    over:   ``clip``, or ``set``: of the rows of all clips
    digits: behind the point, when shown
    sees:   negative controls that it must put in order; without any it is not calibrated
    """

    node: Node
    over: Over = "clip"
    unit: str = ""
    better: Better = "human"
    digits: int = 2
    sees: tuple[str, ...] = ()
    doc: str = ""

    @property
    def paired(self) -> bool:
        """Whether it compares the two sides, rather than being taken of each."""
        return any(_side(reference) for _, reference in self.node.sources())


@dataclass(frozen=True)
class ClipProtocol:
    """How a clip is decoded: frames and samples a second, longest seconds, fewest frames."""

    fps: float = 25.0
    rate: int = 16_000
    seconds: float = 10.0
    fewest: int = 5


@dataclass(frozen=True)
class Suite:
    """A suite as written; ``graph`` holds it against the installed components."""

    name: str
    version: int
    doc: str
    data: dict[str, Node]
    clip: ClipProtocol
    features: dict[str, Node]
    measures: dict[str, Measure]
    controls: int = 2
    """Clips of which negative controls are made; 0 leaves them out."""
    source: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, name: str | Path) -> Suite:
        """A suite by name, or from a YAML file. Raises InputError, GraphError with every fault by line."""
        path = Path(name)
        if path.suffix not in (".yaml", ".yml"):
            known = names()
            if str(name) not in known:
                hint = did_you_mean(str(name), known) or f"one of {', '.join(known)}"
                raise InputError(f"no suite is named {str(name)!r}", "a name or a .yaml file", hint)
            path = Path(str(resources.files("pfy_bench") / "suites" / f"{name}.yaml"))
        try:
            text = path.read_text(encoding="utf-8")
            lines = line_numbers(yaml.compose(text, Loader=yaml.SafeLoader))
            return cls.from_dict(yaml.safe_load(text), lines)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise InputError(f"{path} cannot be read: {error}", "a suite as YAML", "check it") from error

    @classmethod
    def from_dict(cls, data: Any, lines: Mapping[str, int] | None = None) -> Suite:
        """A suite from plain data, in the form of the YAML file; GraphError lists every fault."""
        reader = Reader(lines or {})
        given = reader.mapping(data, "", KEYS, "a suite")
        name = str(given.get("suite") or "")
        if not NAME.fullmatch(name):
            reader.fault("suite", f"{given.get('suite')!r}", "the suite's name: letters, digits, - . _")
        features = {
            str(key): reader.node(value, f"features.{key}")
            for key, value in reader.mapping(given.get("features"), "features").items()
        }
        measures = {
            str(key): _measure(reader, value, f"measures.{key}")
            for key, value in reader.mapping(given.get("measures"), "measures").items()
        }
        if not measures:
            reader.fault("measures", "a suite without measures", "measures: {name: {use: ..., take: ...}}")
        sources = {
            str(key): reader.node(value, f"data.{key}")
            for key, value in reader.mapping(given.get("data"), "data").items()
        }
        _names(reader, features, measures)
        made = cls(
            name,
            int(_number(reader, given, "version", "version", 1)),
            str(given.get("doc") or ""),
            sources,
            _clip(reader, given.get("clip")),
            features,
            measures,
            int(_number(reader, given, "controls", "controls", cls.controls)),
            dict(given),
        )
        if reader.problems:
            raise GraphError(reader.problems, name)
        return made

    @classmethod
    def of_record(cls, kept: Mapping[str, Any]) -> Suite:
        """The suite that a run's record holds."""
        return cls.from_dict({key: kept[key] for key in KEYS if key in kept})

    def as_dict(self) -> dict[str, Any]:
        """Plain data in the form of the YAML file."""
        return self.source

    def digest(self) -> str:
        """sha256 of what the suite measures: its data may differ from run to run."""
        return digest.digest({key: value for key, value in self.source.items() if key not in ("doc", "data")})

    @cached_property
    def takes(self) -> frozenset[str]:
        """Which of ``GIVEN`` its features and measures look at."""
        references = (reference for _, node in self.cells() for _, reference in node.sources())
        return frozenset(head for head in map(_head, references) if self._is_given(head))

    @property
    def renders(self) -> bool:
        """Whether clips have to be made as videos: for a suite that sees no frames, their motion may do."""
        return "frames" in self.takes or "motion" not in self.takes

    def graph(self) -> Graph:
        """Features and measures of both sides as a graph: what it has to say is found by ``check``.

        Nodes are ``made_NAME``, ``real_NAME``, and ``NAME`` for what compares the two.
        """
        inputs = {f"{side}_{name}": GraphInput(kind) for side in SIDES for name, kind in GIVEN.items()}
        nodes = {}
        for name, node in self.cells():
            take: dict[str, str | list[str]] = {
                port: self._wire(name, reference) for port, reference in node.sources()
            }
            nodes[name] = replace(node, take=take)
        numbers = [
            name for name in nodes if name.removeprefix("made_").removeprefix("real_") in self.measures
        ]
        return Graph(self.name, "", inputs, nodes, {name: f"{name}.value" for name in numbers})

    def cells(self) -> Iterator[tuple[str, Node]]:
        """Everything that is calculated, by its node in ``graph``, features first."""
        for name, node in self.features.items():
            yield from ((f"{side}_{name}", node) for side in SIDES)
        for name, measure in self.measures.items():
            if measure.paired:
                yield name, measure.node
            else:
                yield from ((f"{side}_{name}", measure.node) for side in SIDES)

    def _wire(self, cell: str, reference: str) -> str:
        """A reference of the suite as one of ``graph``; a node of one side takes of its own."""
        side = _side(reference)
        rest = reference.partition(".")[2] if side else reference
        head, _, port = rest.partition(".")
        side = side or cell.partition("_")[0]
        if self._is_given(head):
            return f"${side}_{head}"
        return f"{side}_{head}.{port}" if port else f"{side}_{head}"

    def _is_given(self, head: str) -> bool:
        return head in GIVEN and head not in self.features


def names() -> list[str]:
    """The suites that come with pfy-bench."""
    folder = resources.files("pfy_bench") / "suites"
    return sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml"))


def _side(reference: str) -> str:
    head = reference.partition(".")[0]
    return head if head in SIDES and "." in reference else ""


def _head(reference: str) -> str:
    """What a reference takes, whatever the side and the port: ``face`` of ``made.face.points``."""
    rest = reference.partition(".")[2] if _side(reference) else reference
    return rest.partition(".")[0]


def _measure(reader: Reader, value: Any, where: str) -> Measure:
    data = reader.mapping(value, where, MEASURE_KEYS, "use, take, with, and how to read it")
    node = reader.node({key: data[key] for key in FEATURE_KEYS if key in data}, where)
    over, better = str(data.get("over", "clip")), str(data.get("better", "human"))
    if over not in get_args(Over):
        reader.fault(f"{where}.over", f"over: {over}", "clip or set")
    if better not in get_args(Better):
        reader.fault(f"{where}.better", f"better: {better}", ", ".join(get_args(Better)))
    sees = data.get("sees") or []
    if not isinstance(sees, list) or not all(isinstance(item, str) for item in sees):
        reader.fault(f"{where}.sees", f"{sees!r}", "a list of negative controls")
        sees = []
    digits = int(_number(reader, data, "digits", f"{where}.digits", 2))
    made = Measure(
        node,
        cast("Over", over),
        str(data.get("unit", "")),
        cast("Better", better),
        digits,
        tuple(sees),
        str(data.get("doc", "")),
    )
    if over == "set" and not made.paired:
        reader.fault(f"{where}.take", "one side", "a set measure compares made.FEATURE with real.FEATURE")
    return made


def _clip(reader: Reader, value: Any) -> ClipProtocol:
    data = reader.mapping(value, "clip", CLIP_KEYS, "how clips are decoded")
    usual = ClipProtocol()
    found = {key: _number(reader, data, key, f"clip.{key}", getattr(usual, key)) for key in CLIP_KEYS}
    for key in ("fps", "rate", "seconds"):
        if not found[key]:
            reader.fault(f"clip.{key}", "0", "more than 0")
    return ClipProtocol(found["fps"], int(found["rate"]), found["seconds"], int(found["fewest"]))


def _number(reader: Reader, data: Mapping[Any, Any], key: str, where: str, usual: float) -> float:
    value = data.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        reader.fault(where, f"{value!r}", "a number, 0 or more")
        return usual
    return value


def _names(reader: Reader, features: Mapping[str, Node], measures: Mapping[str, Measure]) -> None:
    """Every reference names what a side has, and no two things have one name."""
    known = [*GIVEN, *features]
    taken: Iterable[tuple[str, Node]] = [
        *((f"features.{name}", node) for name, node in features.items()),
        *((f"measures.{name}", item.node) for name, item in measures.items()),
    ]
    for where, node in taken:
        name = where.partition(".")[2]
        if name in FILMED or "." in name or name.startswith(SIDES) or (name in features and name in measures):
            reader.fault(where, f"the name {name!r}", "one that nothing else has, without '.'")
        for port, reference in node.sources():
            if isinstance(node.take[port], list):
                reader.fault(f"{where}.take.{port}", "a list", "one reference")
            side = _side(reference)
            if side and where.startswith("features."):
                reader.fault(f"{where}.take.{port}", reference, "of its own side: without 'made.' or 'real.'")
            head = _head(reference)
            if head not in known:
                reader.fault(
                    f"{where}.take.{port}", reference, f"one of {', '.join(known)}", did_you_mean(head, known)
                )
