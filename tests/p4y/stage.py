"""Runs of the paper's graphs that are small enough for a test, and what is looked at in them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from pfy_core import Graph, Store
from pfy_core.runner import Runner

OUTPUTS = {
    "ids": "text.ids",
    "text": "text.tokens",
    "image": "visual.latent",
    "masks": "landmarks.masks",
    "region": "landmarks.box",
    "identity": "landmarks.identity",
    "landmarks": "landmarks.tokens",
    "voice": "voice.voice",
    "speaker": "voice.speaker",
    "heard": "heard.tokens",
    "fused_audio": "fusion.audio",
    "fused_visual": "fusion.visual",
    "wave": "audio",
    "features": "speech.features",
    "latents": "motion",
    "frames": "video",
}
"""Every value of the graph that may change, by a name of its own."""
TEXT = "Well, here we are."


def short(graph: Graph) -> Graph:
    """A graph with every value as an output, a quarter of a second of speech and one denoising step."""
    there = {name: place for name, place in OUTPUTS.items() if place.partition(".")[0] in graph.nodes}
    quick = (
        "audio.max_codes=5",
        "audio.codes_per_token=0",
        "motion.steps=1",
        "motion.clip=6",
        "motion.guidance=1",
    )
    return graph.set(*quick).output(**there)


def seen(graph: Graph, photo: Any, recording: Any, store: Store, text: str = TEXT) -> dict[str, Any]:
    """Every value that a graph makes of a photo (h w 3) and a recording (s) at 22,050 Hz, streams joined."""
    runner = Runner(graph, store=store)
    with runner({"text": text, "face": photo, "voice": recording}) as made:
        found = {name: _joined(made[name]) for name in OUTPUTS if name in made}
        made.wait()
    return found


def _joined(value: Any) -> Any:
    if not isinstance(value, Iterator):
        return value
    parts = list(value)
    return torch.cat(parts) if isinstance(parts[0], torch.Tensor) else np.concatenate(parts)
