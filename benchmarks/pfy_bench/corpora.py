"""What is scored: the items of datasets, narrated by graphs; or two folders of videos, as they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pfy_core import InputError, catalogue, config, digest, media, weights
from pfy_core.graph_file import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pfy_bench.pairs import Pair

VOICE_RATE = 24_000
"""Hz of the reference voices that datasets give."""
KNOWN_RATE = 16_000
"""Hz of the sound of clips without a video."""
FOLDER = "folder"
"""The option by which a dataset is told where it lies: ``--data name=PATH``."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A real clip and what a graph makes its own of: the item of a dataset.

    photo: uint8 (h w 3), the source image; text: the words, "" when they are not known; voice: float32
    (s) at 24 kHz, the reference voice; start, seconds: the part of the file that is meant

    Where a dataset knows them: motion float32 (t 58) at 25 fps; phones: what is spoken when;
    landmarks: float32 (478 3) of ``photo``. A clip without a ``file`` has its ``wave``, float32 (s) at
    16 kHz, and these.
    """

    identity: str
    file: Path | None = None
    name: str = ""
    start: float = 0.0
    seconds: float | None = None
    photo: Any = None
    text: str = ""
    voice: Any = None
    wave: Any = None
    motion: Any = None
    phones: Any = None
    landmarks: Any = None

    def digest(self) -> str:
        """sha256 of all that a narration and its numbers depend on."""
        part: list[Any] = [self.start, self.seconds, self.text, self.photo, self.voice]
        known = [self.wave, self.motion, self.phones, self.landmarks]
        if any(value is not None for value in known):
            part.append(known)
        return digest.digest([weights.sha256(self.file) if self.file else "", *part])


PARTS = tuple(name for name in Clip.__dataclass_fields__ if name not in ("identity", "file", "name"))
"""What a dataset may give of a clip, by the names of its outputs."""


class Corpus(Protocol):
    """Items by name, in order; ``clip`` raises InputError for one that cannot be used."""

    @property
    def items(self) -> list[str]: ...

    def clip(self, item: str) -> Clip: ...

    def offers(self, part: str, /) -> bool: ...

    def about(self) -> dict[str, dict[str, Any]]: ...


@dataclass
class Datasets:
    """The datasets of a suite. ``limit`` takes the first items of each, ``most`` of some."""

    nodes: dict[str, Node]
    limit: int | None = None
    most: dict[str, int] = field(default_factory=dict)
    _built: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, nodes: Mapping[str, Node], folders: Mapping[str, Path], limit: int | None = None) -> Datasets:
        """The suite's datasets where ``folders`` says they lie; without any, those that need no folder.

        Raises InputError for names that the suite has not, for one without data, and where all want a folder.
        """
        if not nodes:
            raise InputError(
                "the suite names no data", "data: {NAME: {use: dataset/clips}} in it", "or pfy bench score"
            )
        if unknown := set(folders) - set(nodes):
            names = ", ".join(nodes)
            raise InputError(f"no dataset {', '.join(sorted(unknown))} in the suite", f"of {names}")
        chosen = {name: _in(node, folders[name]) for name, node in nodes.items() if name in folders}
        chosen = chosen or {name: node for name, node in nodes.items() if not _wants_folder(node)}
        if not chosen:
            raise InputError(
                f"the suite's data ({', '.join(nodes)}) has to be brought",
                "the folder of one of them",
                f"--data {next(iter(nodes))}=PATH",
            )
        return cls(chosen, limit)

    @classmethod
    def again(
        cls,
        nodes: Mapping[str, Node],
        recorded: Mapping[str, Mapping[str, Any]],
        folders: Mapping[str, Path],
    ) -> Datasets:
        """Those of the suite's datasets that a run had, by its record, and as many items of each.

        Raises InputError where the folder of one is not given, and for one that the run had not.
        """
        same = {name: node for name, node in nodes.items() if name in recorded}
        if lost := [name for name, node in same.items() if _wants_folder(node) and name not in folders]:
            raise InputError(
                f"the run was on {', '.join(recorded)}", "the same data", f"--data {lost[0]}=PATH"
            )
        cls.of(same, folders)
        made = {name: _in(node, folders[name]) if name in folders else node for name, node in same.items()}
        return cls(made, None, {name: int(recorded[name]["items"]) for name in made})

    @property
    def items(self) -> list[str]:
        return [f"{name}/{index:04d}" for name in self.nodes for index in range(self._count(name))]

    def clip(self, item: str) -> Clip:
        name, _, index = item.rpartition("/")
        found = self._dataset(name)(int(index))
        given = {part: getattr(found, part, None) for part in PARTS}
        return Clip(
            f"{name}/{found.identity}",
            Path(found.file) if getattr(found, "file", "") else None,
            found.name,
            **{part: value for part, value in given.items() if value is not None},
        )

    def offers(self, part: str, /) -> bool:
        """Whether every clip comes with a part, by what the datasets say."""
        known = catalogue.installed()
        return all(
            any(port.name == part and not port.optional for port in known.spec(node.use).outputs)
            for node in self.nodes.values()
        )

    def about(self) -> dict[str, dict[str, Any]]:
        """What a record says of the data; where it lies is not part of it."""
        return {
            name: {
                "use": node.use,
                "with": {key: value for key, value in node.config.items() if key != FOLDER},
                "items": self._count(name),
            }
            for name, node in self.nodes.items()
        }

    def _count(self, name: str) -> int:
        there = len(self._dataset(name))
        return min(there, self.most.get(name, there), there if self.limit is None else self.limit)

    def _dataset(self, name: str) -> Any:
        if name not in self._built:
            node, known = self.nodes[name], catalogue.installed()
            spec = known.spec(node.use)
            given, faults = config.validate(spec, node.config)
            for key, message in faults:
                raise InputError(f"data {name}: {key}: {message}", f"an option of {node.use}")
            self._built[name] = known.load(node.use)(**given)
        return self._built[name]


@dataclass
class Folders:
    """Real videos, and those made by each row, in a folder of its own; paired by name."""

    pairs: dict[str, list[Pair]]
    limit: int | None = None

    @property
    def items(self) -> list[str]:
        """The names of all rows, so that a clip that one of them lacks is missing there."""
        names = dict.fromkeys(pair.name for pairs in self.pairs.values() for pair in pairs)
        return sorted(names)[: self.limit]

    def clip(self, item: str) -> Clip:
        pairs = [self._pair(row, item) for row in self.pairs]
        for pair in pairs:
            if pair is not None and pair.real is not None:
                return Clip(_identity(item), pair.real, pair.real.name, text=_words(pair.real))
        raise InputError(next(pair.problem for pair in pairs if pair is not None))

    def made(self, row: str, item: str) -> Path:
        """The video that a row has of the item. Raises InputError where there is none."""
        pair = self._pair(row, item)
        if pair is None or pair.fake is None:
            raise InputError(pair.problem if pair else f"{row} has no video {item}", "one of that name")
        return Path(pair.fake)

    def offers(self, _: str, /) -> bool:
        """Nothing is known of videos besides what is in them."""
        return False

    def about(self) -> dict[str, dict[str, Any]]:
        return {"folders": {"use": "folders", "with": {}, "items": len(self.items)}}

    def _pair(self, row: str, item: str) -> Pair | None:
        return next((pair for pair in self.pairs[row] if pair.name == item), None)


def _in(node: Node, folder: Path) -> Node:
    return Node(node.use, node.take, node.config | {FOLDER: str(folder)}, node.place)


def _wants_folder(node: Node) -> bool:
    spec = catalogue.installed().components.get(node.use)
    return (
        spec is not None
        and FOLDER not in node.config
        and any(item.name == FOLDER and item.required for item in spec.config)
    )


def _identity(item: str) -> str:
    """Who is seen, as ``dataset/clips`` has it: a folder's name, and at the top every clip its own."""
    return item.rpartition("/")[0] or item


def _words(video: Path) -> str:
    """The words of a video, where a text file of its name lies beside it."""
    beside = video.with_suffix(".txt")
    return " ".join(media.text(beside).split()) if beside.is_file() else ""


def sources(given: list[str]) -> Iterator[tuple[str, Path]]:
    """Pairs of ``--data name=PATH``. Raises InputError for another form, and for what is not a folder."""
    for text in given:
        name, equals, path = text.partition("=")
        if not equals or not name:
            raise InputError(f"--data {text!r}", "NAME=PATH", "--data hdtf=/data/HDTF")
        if not Path(path).is_dir():
            raise InputError(f"--data {text}: {path} is not a folder", "the folder of the dataset")
        yield name, Path(path).absolute()
