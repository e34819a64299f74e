"""pfy: narrating faces from a typed graph of encoder, fuser and decoder slots filled by plugins.

    from pfy_core import Graph, narrate

    narrate("Hello, I am glad you came.", face="me.jpg").save("hello.mp4")

The names below load on first use, so that ``import pfy_core`` imports neither numpy nor torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pfy_core.component import (
        Adapter,
        Component,
        Dataset,
        Decoder,
        Encoder,
        Extractor,
        Fuser,
        Loss,
        Metric,
        Score,
    )
    from pfy_core.errors import GraphError, InputError, PfyError, Problem
    from pfy_core.events import measured, note, progress
    from pfy_core.graph import Graph
    from pfy_core.hooks import hookimpl
    from pfy_core.narration import Live, Narration, broadcast, narrate, narrate_stream
    from pfy_core.ports import Item, OptionalWeights, Port, Seed, Weights
    from pfy_core.provenance.inspection import Inspection, inspect
    from pfy_core.replays import Replay, replay
    from pfy_core.runner import Runner
    from pfy_core.store import Store
    from pfy_core.trainable import Trainable

_HOMES = {
    "component": (
        "Component",
        "Encoder",
        "Fuser",
        "Decoder",
        "Adapter",
        "Metric",
        "Extractor",
        "Loss",
        "Dataset",
        "Score",
    ),
    "errors": ("PfyError", "InputError", "GraphError", "Problem"),
    "events": ("measured", "note", "progress"),
    "graph": ("Graph",),
    "hooks": ("hookimpl",),
    "narration": ("narrate", "narrate_stream", "broadcast", "Narration", "Live"),
    "ports": ("Port", "Item", "Seed", "Weights", "OptionalWeights"),
    "provenance.inspection": ("inspect", "Inspection"),
    "replays": ("replay", "Replay"),
    "runner": ("Runner",),
    "store": ("Store",),
    "trainable": ("Trainable",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Adapter",
    "Component",
    "Dataset",
    "Decoder",
    "Encoder",
    "Extractor",
    "Fuser",
    "Graph",
    "GraphError",
    "InputError",
    "Inspection",
    "Item",
    "Live",
    "Loss",
    "Metric",
    "Narration",
    "OptionalWeights",
    "PfyError",
    "Port",
    "Problem",
    "Replay",
    "Runner",
    "Score",
    "Seed",
    "Store",
    "Trainable",
    "Weights",
    "broadcast",
    "hookimpl",
    "inspect",
    "measured",
    "narrate",
    "narrate_stream",
    "note",
    "progress",
    "replay",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(import_module(f"pfy_core.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module 'pfy_core' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_HOME_OF))
