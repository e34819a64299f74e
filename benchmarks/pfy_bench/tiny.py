"""The graph p4y-tiny with real checkpoint files: ``python -m pfy_bench.tiny FOLDER``.

Its seeded random parameters are written as safetensors, under the names that the published checkpoints have,
and beside them the graph that loads them: the same video comes out. So whatever reads, checks or imports
checkpoints can be tried without the published ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pfy_core import Graph, catalogue, checkpoint

FILES = {
    "visual": ("autoencoder", "sd-vae.safetensors"),
    "heard": ("model", "wav2vec2.safetensors"),
    "fusion": ("encoders", "fusion.safetensors"),
    "motion": ("model", "hallo.safetensors"),
}
"""For each node the module whose parameters are saved, and the file."""
ALIKE = {"video": "visual", "speech": "heard"}
"""Nodes that use the file of another."""
VOICE = "xtts.safetensors"
"""The one file of the voice's encoder and of the decoder of speech, as XTTS-v2's is one."""


def write(folder: Path, graph: str = "p4y-tiny") -> Path:
    """Write the checkpoints and the graph that uses them into a folder; returns the graph's file.

    Raises OutputError when it cannot be written, PluginError when a plugin of the graph is not installed.
    """
    from pfy_plugin_gpt2_hifi import model as speech
    from pfy_plugin_hifigan import model as voice

    folder.mkdir(parents=True, exist_ok=True)
    tiny = Graph.load(graph)
    settings: list[str] = []
    for node, (module, name) in FILES.items():
        file = folder / name
        file.unlink(missing_ok=True)
        checkpoint.add(file, getattr(_made(tiny, node), module).state_dict())
        settings += [f"{user}.weights={file.resolve()}" for user in (node, *_alike(node))]
    file = folder / VOICE
    file.unlink(missing_ok=True)
    voice.write_seeded(file)
    speech.write_seeded(file)
    settings += [f"{node}.weights={file.resolve()}" for node in ("voice", "audio")]
    made = folder / f"{graph}.yaml"
    made.write_text(tiny.set(*settings).to_yaml(), encoding="utf-8")
    return made


def _made(graph: Graph, node: str) -> Any:
    return catalogue.installed().load(graph.nodes[node].use)(**graph.nodes[node].config)


def _alike(node: str) -> list[str]:
    return [user for user, other in ALIKE.items() if other == node]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    print(write(parser.parse_args().folder))
