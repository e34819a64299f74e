"""A narration before it runs: its graph, what is given to it, and who is told of what happens."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from pfy_core import record as records
from pfy_core import weights
from pfy_core.check import resolve
from pfy_core.errors import InputError
from pfy_core.events import Event, watching
from pfy_core.graph import Graph
from pfy_core.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pfy_core.provenance.seal import Seal
    from pfy_core.run import Run
    from pfy_core.store import Store

DEMO_FACE = "demo/astronaut"
TEXT_GRAPH, SPEECH_GRAPH, MOTION_GRAPH = "portrait", "portrait-speech", "portrait-motion"
CAPTIONS = "captions"
"""Node that draws subtitles into the picture."""
MEDIA = ("frames", "wave")
"""Outputs that a narration's graph must have, each with a rate."""
TIMES = ("phones", "words")
"""Outputs that are taken where a graph has them."""


class Job:
    """A narration that may be started.

    ``given``: the inputs of the graph as the user gave them (text, face, voice, speech, motion), a demo
    portrait where there is no face; ``options`` as for ``Graph.choose``, ``overrides`` as for
    ``Graph.set``, which win; ``captions`` draws the words into the picture; ``watch`` is told of
    everything, by default notes and fetches go to standard error; ``notes`` gathers the notes.
    Raises InputError without anything to say or for an option that the graph has not, GraphError for
    a graph that cannot run.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        *,
        graph: str | Path | Graph | None = None,
        options: Mapping[str, Any] | None = None,
        overrides: Sequence[str] = (),
        captions: bool = False,
        store: Store | None = None,
        watch: Callable[[Event], None] | None = None,
    ) -> None:
        self.began = time.perf_counter()
        self.given = {name: value for name, value in given.items() if value is not None}
        if "text" not in self.given and "speech" not in self.given:
            raise InputError("nothing to say", "a text, or a recording as speech", 'pfy narrate "Hello."')
        of_captions = [item for item in overrides if captions and item.startswith(f"{CAPTIONS}.")]
        others = [item for item in overrides if item not in of_captions]
        self.graph = _graph(graph, self.given).choose(**options or {}).set(*others)
        for name in MEDIA:
            if name not in self.graph.outputs:
                raise InputError(
                    f"graph {self.graph.name!r} has no output {name!r}", "outputs frames and wave"
                )
        if captions:
            self.graph = _captioned(self.graph).set(*of_captions)
        self.notes: list[str] = []
        self._watch = watch or _print
        if "face" in self.graph.inputs and "face" not in self.given:
            with watching(self.tell):
                self.given["face"] = weights.path(DEMO_FACE)
        self.runner = Runner(self.graph, store=store, watch=self.tell)

    def tell(self, event: Event) -> None:
        """Hand an event to whoever watches; notes are kept, and told once, whoever else says the same."""
        if event.kind == "note":
            if event.text in self.notes:
                return
            self.notes.append(event.text)
        self._watch(event)

    def start(self, seed: int, also: Sequence[str] = (), done: Callable[[Run], int] | None = None) -> Run:
        """Begin: a run whose outputs are MEDIA, ``also``, and TIMES where the graph has them.

        ``done`` says, before anything runs, how many frames there are already; they do not come again.
        """
        wanted = [*MEDIA, *also, *(name for name in TIMES if name in self.graph.outputs)]
        skip = (lambda run: {"frames": done(run)}) if done else None
        return self.runner(self.given, seed=seed, outputs=wanted, skip=skip)

    def record(
        self, run: Run, output: dict[str, Any], seal: Seal, target: Path | None = None
    ) -> dict[str, Any]:
        """The record of a finished run, which is also appended to the user's records, together with
        where its inputs and its ``target`` lie."""
        made = records.build(run, self.given, output)
        made["notes"] = self.notes
        try:
            made |= seal.about()
            records.append(made, local=records.local(self.given, target))
        except OSError as error:
            self.tell(Event("note", "record", f"the record of this run was not kept: {error}"))
        return made


def rates(run: Run) -> tuple[float, int]:
    """Frames and samples a second; InputError when the graph leaves one open."""
    found = []
    for name in MEDIA:
        node, port = run.plan.outputs[name]
        rate = run.resolved.rates.get((node, port))
        if rate is None:
            raise InputError(f"output {name!r} has no rate", "a port with a rate, e.g. 25 frames a second")
        found.append(rate)
    return found[0], int(found[1])


def items(run: Run, name: str) -> list[Any]:
    """The items of an output that comes in lists; none where the graph has no such output."""
    return [item for chunk in run.chunks(name) for item in chunk] if name in run else []


def _print(event: Event) -> None:
    if event.kind in ("note", "fetch"):
        size = f" ({event.total / 1e6:.1f} MB)" if event.total else ""
        told = event.text if event.kind == "note" else f"{event.source}{size} from {event.text}"
        print(f"{event.kind}: {told}", file=sys.stderr, flush=True)


def _graph(wanted: str | Path | Graph | None, given: Mapping[str, Any]) -> Graph:
    if isinstance(wanted, Graph):
        return wanted
    usual = SPEECH_GRAPH if "speech" in given else TEXT_GRAPH
    return Graph.load(wanted or (MOTION_GRAPH if "motion" in given else usual))


def _captioned(graph: Graph) -> Graph:
    """A graph with its frames led through ``adapter/captions``."""
    if "words" not in graph.outputs:
        raise InputError(
            f"graph {graph.name!r} has no output 'words', which captions are made of", "an output words"
        )
    frames, words = graph.outputs["frames"], graph.outputs["words"]
    resolved = resolve(graph)
    source = resolved.source(frames)
    rate = resolved.rates.get((source[0], source[1].name)) if source else None
    config = {"fps": rate} if rate else {}
    return graph.add(CAPTIONS, "adapter/captions", config, frames=frames, words=words).output(frames=CAPTIONS)
