"""What a training hands out: weights, the graph that uses them, and the record of how they came about."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import torch

from pfy_core import checkpoint, weights
from pfy_core import record as about
from pfy_core.media import whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import nn

    from pfy_core.graph import Graph
    from pfy_train.parts import Plan
    from pfy_train.recipe import Recipe

OPTION = "weights"
"""The option of a component that learns which names the file of its state dict (``pfy_core.trainable``)."""


def write_weights(out: Path, plan: Plan, networks: Mapping[str, nn.Module], dtype: str) -> dict[str, Path]:
    """``weights/NODE.safetensors`` of the networks as they are now, and ``graph.yaml`` that names them."""
    folder = out / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for node, network in networks.items():
        files[node] = folder / f"{node}.safetensors"
        held = {key: value.detach().cpu().clone() for key, value in network.state_dict().items()}
        kind = getattr(torch, dtype)
        checkpoint.save(files[node], {k: v.to(kind) if v.is_floating_point() else v for k, v in held.items()})
    names = {node: f"./weights/{file.name}" for node, file in files.items()}
    with whole(out / "graph.yaml") as part:
        part.write_text(with_weights(plan.graph, names).to_yaml(), encoding="utf-8")
    return files


def with_weights(graph: Graph, names: Mapping[str, str]) -> Graph:
    """A graph whose nodes use these weights."""
    nodes = dict(graph.nodes)
    for node, name in names.items():
        nodes[node] = dataclasses.replace(nodes[node], config={**nodes[node].config, OPTION: name})
    return dataclasses.replace(graph, nodes=nodes)


def entry_name(out: Path) -> str:
    """What the weights entries of a run are called: its folder's name, '-' for what cannot be in one."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", out.resolve().name).lstrip("._-")
    return name or "trained"


def write_entries(
    name: str, files: Mapping[str, Path], recipe: Recipe, entries: Mapping[str, Any]
) -> dict[str, str]:
    """Weights entries of the user's own, ``NAME/NODE``; those that pfy or a plugin has already are left out.

    entries: all that are known. Returns their names by node.
    """
    made, names = {}, {}
    for node, file in files.items():
        entry = f"{name}/{node}"
        if entry in entries and entry not in weights.own():
            continue
        found = weights.sha256(file)
        # The digest is in the file's name, so that a later training is not taken for this one.
        made[entry] = {
            "doc": f"{node} of {recipe.graph}, trained by {recipe.recipe}",
            "file": f"{node}-{found[:12]}.safetensors",
            "sha256": found,
            "size": file.stat().st_size,
            "licence": "your own",
            "sources": [{"path": str(file.absolute())}],
        }
        names[node] = entry
    if made:
        weights.register(name, made)
    return names


def losses(out: Path) -> dict[str, float]:
    """The last losses of a run, by its record."""
    try:
        found: dict[str, float] = json.loads((out / "record.json").read_text(encoding="utf-8"))["losses"]
    except (OSError, ValueError, KeyError):
        return {}
    return found


def write_record(out: Path, recipe: Recipe, graph: Graph, more: Mapping[str, Any]) -> None:
    """``record.json``: what was run, on what, by what, and what came of it."""
    data = {
        "schema": 1,
        "argv": about.public(["pfy", *sys.argv[1:]]),
        "recipe": {"name": recipe.recipe, "digest": recipe.digest()},
        "graph": {"name": graph.name, "digest": graph.digest()},
        "seed": recipe.seed,
        **more,
        "packages": about.packages({"pfy-train": ""}),
        "machine": about.machine(),
    }
    with whole(out / "record.json") as part:
        part.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
