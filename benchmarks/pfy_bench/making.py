"""Making the clip of a row: a video, or for a suite that sees no frames, its motion and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_bench import sides
from pfy_bench.corpora import KNOWN_RATE, VOICE_RATE
from pfy_bench.suite import KNOWN
from pfy_core import InputError
from pfy_core.graph import node_of
from pfy_core.graph_file import GraphInput
from pfy_core.media import whole
from pfy_core.runner import Runner

if TYPE_CHECKING:
    from pathlib import Path

    from pfy_bench.corpora import Clip, Corpus
    from pfy_bench.rows import Row
    from pfy_bench.suite import ClipProtocol, Suite
    from pfy_core.graph import Graph
    from pfy_core.graph_file import Node
    from pfy_core.store import Store

MOTION, SPEECH = "motion", "speech"
"""A graph's output that is wanted where nothing is rendered, and its input that drives it."""
LANDMARKS = "landmarks"
"""An output of nodes that a clip may have already: of the photo, so that nothing of the answer is told."""
RESAMPLE = "adapter/resample"


@dataclass
class Maker:
    """Makes clips of rows into a run's folder, each once: their names have a digest of what they depend on.

    ``store`` keeps what narrations compute. Runners of motion are kept, with their networks.
    """

    suite: Suite
    folder: Path
    seed: int
    store: Store
    _runners: dict[tuple[str, int], Runner] = field(default_factory=dict)

    def __call__(self, row: Row, clip: Clip, name: str) -> Path:
        """The file of a clip, whose name begins with ``name``: .mp4, or motion as .npy where nothing is
        rendered. Raises PfyError for what cannot be made."""
        assert row.graph is not None
        suffix = ".mp4" if self.suite.renders else ".npy"
        made = self.folder / "made" / row.name / f"{name}{suffix}"
        beside = motion_beside(made) if self._moves(row) else made
        if made.exists() and beside.exists():
            return made
        if "text" in row.graph.inputs and not clip.text and not row.graph.inputs["text"].optional:
            raise InputError(
                "no transcript, and the graph speaks a text", "a .txt file of the clip's name beside it"
            )
        made.parent.mkdir(parents=True, exist_ok=True)
        if self.suite.renders:
            self._narrate(row.graph, clip, made, beside if beside != made else None)
        else:
            self._move(row, clip, made)
        return made

    def _moves(self, row: Row) -> bool:
        """Whether the motion of a row is wanted beside its videos."""
        assert row.graph is not None
        return self.suite.renders and MOTION in self.suite.takes and MOTION in row.graph.outputs

    def _narrate(self, graph: Graph, clip: Clip, made: Path, motion: Path | None) -> None:
        from pfy_core.narration import narrate

        given: dict[str, Any] = {"text": clip.text or None, "face": clip.photo}
        if clip.voice is not None:
            given["voice"] = (clip.voice, VOICE_RATE)
        if SPEECH in graph.inputs:
            given[SPEECH] = speech(clip)
        inputs = {key: value for key, value in given.items() if key in graph.inputs}
        narrate(
            **inputs,
            graph=graph,
            out=made,
            motion_out=motion,
            seed=self.seed,
            force=motion is not None,
            store=self.store,
            watch=_quiet,
        )

    def _move(self, row: Row, clip: Clip, made: Path) -> None:
        runner = self._runner(row)
        given = {"text": clip.text or None, "face": clip.photo, SPEECH: speech(clip)}
        given |= {part: getattr(clip, part) for part in KNOWN}
        if clip.voice is not None:
            given["voice"] = (clip.voice, VOICE_RATE)
        inputs = {key: value for key, value in given.items() if key in runner.graph.inputs}
        with runner(inputs, seed=self.seed, outputs=[MOTION]) as run:
            rate = run.resolved.rates.get(run.plan.outputs[MOTION])
            if rate not in (None, self.suite.clip.fps):
                sends = f"motion at {rate:g} frames a second"
                raise InputError(sends, f"{self.suite.clip.fps:g}", "--set the rate of its node")
            motion = np.concatenate(list(run.chunks(MOTION)))
        with whole(made) as part, part.open("wb") as file:
            np.save(file, np.asarray(motion, np.float32), allow_pickle=False)

    def _runner(self, row: Row) -> Runner:
        assert row.graph is not None
        key = (row.name, row.replicate)
        if key not in self._runners:
            self._runners[key] = Runner(row.graph, watch=_quiet)
        return self._runners[key]


def motion_beside(video: Path) -> Path:
    """Where the motion of a narration lies."""
    return video.with_suffix(".csv")


def speech(clip: Clip) -> Any:
    """The sound of the part that is meant: a file, or a wave (s) and its rate."""
    if clip.file is None:
        if clip.wave is None:
            raise InputError(sides.WHY["wave"], "a clip in which somebody speaks")
        return clip.wave, KNOWN_RATE
    if clip.seconds is None:
        return str(clip.file)
    from pfy_core.media import clip as clips

    wave = clips.wave(clip.file, rate=VOICE_RATE, start=clip.start, seconds=clip.seconds)
    if wave is None:
        raise InputError(sides.WHY["wave"], "a clip in which somebody speaks")
    return wave, VOICE_RATE


def part(graph: Graph, suite: Suite, corpus: Corpus) -> Graph:
    """What of a graph is run for a suite: all of it, or where nothing is rendered, what its motion needs.

    There, landmarks that the clips come with take the place of nodes that would find them in the photo, and
    sound is not taken to another rate and back. Raises InputError for a graph without motion, and for
    one that does not listen to the clip's speech: its lips would move to something else.
    """
    if suite.renders:
        return graph
    if MOTION not in graph.outputs:
        raise InputError(
            f"graph {graph.name!r} has no output {MOTION!r}", "a graph whose motion can be measured"
        )
    if SPEECH not in graph.inputs:
        sends = f"graph {graph.name!r} says the text with a voice of its own"
        raise InputError(sends, f"an input {SPEECH}, so that its motion can be held against the clip's")
    given = {LANDMARKS} if corpus.offers(LANDMARKS) else set()
    return _cut(_at_rate(graph, suite.clip), given)


def _at_rate(graph: Graph, protocol: ClipProtocol) -> Graph:
    """The graph with the speech at the clips' rate, where all that it does is to take it there."""
    takers = {name for name, node in graph.nodes.items() if f"${SPEECH}" in dict(node.sources()).values()}
    same = {name for name in takers if _only_resamples(graph.nodes[name], protocol.rate)}
    if not takers or takers != same:
        return graph
    inputs = graph.inputs | {SPEECH: replace(graph.inputs[SPEECH], rate=float(protocol.rate))}
    stands = {reference: f"${SPEECH}" for name in same for reference in (name, f"{name}.out")}
    return replace(graph, inputs=inputs, nodes=_led(graph.nodes, stands))


def _only_resamples(node: Node, rate: int) -> bool:
    return node.use == RESAMPLE and node.config.get("rate") == rate


def _cut(graph: Graph, given: set[str]) -> Graph:
    """What the motion needs, with the outputs of nodes that are ``given`` as inputs."""
    stands = {
        reference: f"${reference.partition('.')[2]}"
        for node in graph.nodes.values()
        for _, reference in node.sources()
        if node_of(reference) and reference.partition(".")[2] in given
    }
    inputs = graph.inputs | {name: GraphInput(KNOWN[name]) for name in given if name not in graph.inputs}
    nodes = _led(graph.nodes, stands)
    kept: dict[str, Node] = {}
    wanted = [graph.outputs[MOTION]]
    taken: set[str] = set()
    while wanted:
        reference = wanted.pop()
        name = node_of(reference)
        if not name:
            taken.add(reference.removeprefix("$"))
        elif name in nodes and name not in kept:
            kept[name] = nodes[name]
            wanted += [source for _, source in nodes[name].sources()]
    return replace(
        graph,
        inputs={name: item for name, item in inputs.items() if name in taken},
        nodes={name: node for name, node in nodes.items() if name in kept},
        outputs={MOTION: graph.outputs[MOTION]},
        options={},
    )


def _led(nodes: dict[str, Node], stands: dict[str, str]) -> dict[str, Node]:
    """Nodes that take from elsewhere: ``stands`` maps references to those that take their place."""

    def other(taken: str | list[str]) -> str | list[str]:
        return (
            [stands.get(item, item) for item in taken]
            if isinstance(taken, list)
            else stands.get(taken, taken)
        )

    return {
        name: replace(node, take={port: other(taken) for port, taken in node.take.items()})
        for name, node in nodes.items()
    }


def _quiet(_: Any) -> None:
    """Notes of narrations are kept in pfy's own records."""
