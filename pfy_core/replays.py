"""Replaying a video: made again from what it carries, and compared with what it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core import check, digest, media, narration, weights
from pfy_core import record as records
from pfy_core.errors import InputError
from pfy_core.graph import Graph
from pfy_core.provenance import consent as consents
from pfy_core.provenance.inspection import inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pfy_core.events import Event
    from pfy_core.media.likeness import Likeness
    from pfy_core.narration import Narration
    from pfy_core.store import Store

SCHEMAS = (2,)
"""Of container tags that say enough to repeat a run."""
INPUTS = {"text": "text", "face": "face", "voice": "voice", "speech": "speech", "motion": "motion_in"}
"""Inputs of graphs that ``narrate`` takes, and its names for them; a video can give no other argument."""
FLAGS = {name: f"--{argument.replace('_', '-')} FILE" for name, argument in INPUTS.items()}
VERSIONED = ("plugins", "packages", "environments", "weights", "machine")
"""Parts of a tag on which pictures and sound may depend besides graph, seed and inputs."""


@dataclass
class Replay:
    """A video made again.

    narration: the new one; likeness: how it compares with the first; changed: what is not as it was
    then, name to (then, now)
    """

    narration: Narration
    likeness: Likeness
    changed: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def identical(self) -> bool:
        """Whether pictures and sound are the same as they were."""
        return self.likeness.identical


def replay(
    path: str | Path,
    out: str | Path | None = None,
    *,
    overrides: Sequence[str] = (),
    force: bool = False,
    certificate: str | Path | None = None,
    key: str | Path | None = None,
    store: Store | None = None,
    watch: Callable[[Event], None] | None = None,
    **inputs: Any,
) -> Replay:
    """Make a video again from what it carries, and compare.

    path:   a video made by pfy; its tag has the graph, the seed and the words
    out:    the new video; without it, ``NAME-replay.mp4`` beside the first
    inputs: face, voice, speech, motion (paths); without them, the files that the local records know by
            their sha256. One that is not the file of then is refused.
    overrides: as for ``Graph.set``, e.g. where a graph names files that lie elsewhere now
    Raises InputError for a video that does not say how it was made, whose credentials are broken, or
    whose inputs are not here.
    """
    from pfy_core.media import likeness

    first = Path(path)
    made = _made(first)
    graph = _graph(made, overrides)
    given = _inputs(made, graph, inputs)
    target = Path(out) if out is not None else first.with_name(f"{first.stem}-replay{first.suffix}")
    if target.exists() and target.samefile(first):
        raise InputError(f"{target} is the video to be replayed", "another name", "-o again.mp4")
    again = narration.narrate(
        **given,
        out=target,
        graph=graph,
        seed=made["seed"],
        force=force,
        consent=consents.kept(str(made.get("consent", ""))),
        certificate=certificate,
        key=key,
        store=store,
        watch=watch,
    )
    return Replay(again, likeness.compare(first, target), _changed(made, again.record))


def _made(path: Path) -> dict[str, Any]:
    """How a video was made, by its tag; InputError when that is not said, or cannot be believed."""
    seen = inspect(path)
    wants = "a video as pfy wrote it"
    if seen.broken:
        raise InputError(
            f"{path} was changed after it was signed; what it says of its making cannot be believed",
            wants,
            f"see 'pfy inspect {path}', and replay the video as it was",
        )
    if seen.made is None:
        here = "has lost what it said of its making" if seen.generated else "does not say how it was made"
        raise InputError(f"{path} {here}", wants, "platforms and editors remove tags: replay the file itself")
    schema = seen.made["schema"]
    if schema not in SCHEMAS:
        raise InputError(
            f"{path} has a tag of schema {schema}", f"schema {SCHEMAS[0]}", "pip install -U pfy-core"
        )
    parts = {"graph": dict, "inputs": dict, "seed": int, "digest": str}
    if not all(isinstance(seen.made.get(name), kind) for name, kind in parts.items()):
        raise InputError(f"{path} has a damaged tag", wants, "replay the file itself")
    return seen.made


def _graph(made: dict[str, Any], overrides: Sequence[str]) -> Graph:
    """The graph of the local record of the same run, or else of the tag."""
    local = _record(made).get("graph")
    if isinstance(local, dict) and local.get("digest") == made["digest"]:
        return Graph.from_dict({key: value for key, value in local.items() if key != "digest"}).set(
            *overrides
        )
    places = [text for text in _texts(made["graph"]) if records.is_path(text)]
    if places:
        raise InputError(
            f"the video's graph names the file {places[0]!r} of this machine",
            "a graph that pfy wrote into a video",
        )
    graph = Graph.from_dict(made["graph"], str(made["graph"].get("name", "")))
    if not overrides and graph.digest() != made["digest"]:
        raise InputError(
            "the graph in the video is not complete: it named files of the machine that it was made on",
            "these files",
            "--set NODE.OPTION=FILE for each; 'pfy inspect --json' shows the graph",
        )
    return graph.set(*overrides)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _record(made: dict[str, Any]) -> dict[str, Any]:
    """The local record of the run that made a video, or nothing."""
    return next((item for item in records.read() if item.get("id") == made.get("record")), {})


def _part(data: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of a record that should be a mapping; an empty one where a line holds something else."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _inputs(made: dict[str, Any], graph: Graph, given: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    rates = check.resolve(graph).require().rates
    names = _part(_record(made), "inputs")
    for name, about in made["inputs"].items():
        if name not in INPUTS or name not in graph.inputs or not isinstance(about, dict):
            raise InputError(f"the video was made from an input {name!r}", "inputs that pfy narrate takes")
        if isinstance(about.get("text"), str):
            if about["text"] == "-" or media.names_text_file(about["text"]):
                raise InputError(
                    f"{name}: the video names the file {about['text']!r} of this machine", "words"
                )
            found[INPUTS[name]] = about["text"]
            continue
        kind, rate = graph.inputs[name].kind, rates.get((f"${name}", ""))
        file = _part(names, name).get("file", "")
        wanted = f"the file {file or 'that was used then'}, sha256 {about.get('sha256', 'unknown')}"
        if given.get(name) is not None:
            if not _same(given[name], about, kind, rate, name):
                raise InputError(
                    f"{name}: {given[name]} is not what the video was made from", wanted, FLAGS[name]
                )
            found[INPUTS[name]] = given[name]
            continue
        here = _lookup(str(about.get("sha256", "")))
        if here is None:
            raise InputError(
                f"{name}: what the video was made from is not found on this machine", wanted, FLAGS[name]
            )
        found[INPUTS[name]] = here
    surplus = [name for name, value in given.items() if value is not None and name not in made["inputs"]]
    if surplus:
        raise InputError(
            f"{surplus[0]}: the video was made without one", f"no --{surplus[0]}", "leave it out"
        )
    return found


def _same(value: Any, about: dict[str, Any], kind: str, rate: float | None, name: str) -> bool:
    """Whether an input is the one of then: the same file, or one with the same content (a PNG saved
    from a BMP, say)."""
    path = Path(value) if isinstance(value, str | Path) else None
    if path is not None:
        file = media.existing(path, name, "a file")
        if weights.sha256(file) == about.get("sha256"):
            return True
    return digest.digest(media.load(kind, value, rate, name)) == about.get("digest")


def _lookup(sha256: str) -> Path | None:
    """A file with this content, where a local record or the weights say that it lies."""
    if not sha256:
        return None
    places: dict[str, None] = {}
    for item in records.read():
        files = _part(_part(item, "local"), "files")
        for name, about in _part(item, "inputs").items():
            if isinstance(about, dict) and about.get("sha256") == sha256 and isinstance(files.get(name), str):
                places[files[name]] = None
    for place in reversed(places):
        file = Path(place)
        if file.is_file() and weights.sha256(file) == sha256:
            return file
    entry = next((name for name, item in weights.entries().items() if item.recorded == sha256), None)
    return weights.path(entry) if entry else None


def _changed(made: dict[str, Any], record: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs between the tag of then and the record of now, by name."""
    now = dict(record)
    now["weights"] = {name: about["sha256"] for name, about in record["weights"].items()}
    now["machine"] = records.machine()
    changed: dict[str, tuple[Any, Any]] = {}
    for part in VERSIONED:
        before = _part(made, part)
        for name in sorted({*before, *now[part]}):
            pair = before.get(name), now[part].get(name)
            if pair[0] != pair[1]:
                changed[name] = pair
    if made["digest"] != record["graph"]["digest"]:
        changed["graph"] = made["digest"], record["graph"]["digest"]
    return changed
