"""Sample videos: a clip of the validation split through the whole graph, with the weights as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pfy_core import events
from pfy_core.errors import PfyError
from pfy_core.ports import fits
from pfy_train.fields import FIELDS

if TYPE_CHECKING:
    from pathlib import Path

    from pfy_core.graph import Graph

NARRATED = ("text", "face", "voice", "speech")
"""The inputs of a graph that ``pfy_core.narrate`` gives."""
RATE = 16_000
"""Samples per second of a sample's wave."""


def can(graph: Graph) -> bool:
    """Whether a graph makes videos."""
    return {"frames", "wave"} <= set(graph.outputs)


def make(graph: Graph, sample: Any, target: Path, seed: int) -> None:
    """A video of a sample's words, sound and face; what goes wrong is told and stops no training."""
    from pfy_core import narrate

    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        narrate(out=target, graph=graph, seed=seed, force=True, watch=lambda _: None, **_given(graph, sample))
    except PfyError as error:
        events.note(f"no sample video: {error.sends}")
    else:
        events.note(f"sample video: {target}")


def _given(graph: Graph, sample: Any) -> dict[str, Any]:
    """The inputs of the graph that a sample has, by their kinds."""
    found = {}
    for name, item in graph.inputs.items():
        field = next((key for key, known in FIELDS.items() if fits(known.kind, item.kind)), "")
        if field and name in NARRATED:
            value = getattr(sample, field)
            found[name] = (value, RATE) if field == "wave" else value
    return found
