"""Checkpoints: everything that a training needs to go on as if it had not stopped.

``checkpoints/000500/`` holds ``parameters.safetensors`` (with buffers), ``average.safetensors``,
``moments.safetensors`` (AdamW's, as ``first.NAME`` and ``second.NAME``) and ``state.json``. It is made beside
and renamed, so that a killed process leaves no half checkpoint. Frozen parts are not in it.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import torch

from pfy_core import checkpoint
from pfy_core.errors import InputError, OutputError, WeightsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn

SCHEMA = 1
FOLDER = "checkpoints"
MOMENTS = {"first": "exp_avg", "second": "exp_avg_sq"}
"""AdamW's two moments, and torch's names for them."""


@dataclass
class State:
    """What of a run is not in tensors.

    step: optimiser steps done; updates: of each parameter (one that had no gradient has fewer); sums, count:
    of the losses since the last log line; seconds: of work, over all sittings; best: the lowest validation
    loss; recipe, data, graph: digests of what it is the state of
    """

    step: int = 0
    updates: dict[str, int] = field(default_factory=dict)
    sums: list[float] = field(default_factory=list)
    count: int = 0
    seconds: float = 0.0
    recipe: str = ""
    data: str = ""
    graph: str = ""
    schema: int = SCHEMA


def write(
    out: Path,
    state: State,
    networks: Mapping[str, nn.Module],
    averages: Mapping[str, Tensor],
    optimiser: torch.optim.Optimizer,
    names: Mapping[nn.Parameter, str],
    keep: int,
) -> Path:
    """Write a checkpoint into ``out`` and remove all but the ``keep`` newest; OutputError when it cannot."""
    folder = out / FOLDER / f"{state.step:06d}"
    part = folder.with_name(f".{folder.name}.{os.getpid()}")
    moments: dict[str, Tensor] = {}
    state.updates = {}
    for parameter, held in optimiser.state.items():
        name = names[parameter]
        state.updates[name] = int(held["step"])
        moments |= {f"{ours}.{name}": held[theirs] for ours, theirs in MOMENTS.items()}
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        checkpoint.save(part / "parameters.safetensors", _apart(tensors(networks)))
        checkpoint.save(part / "average.safetensors", _apart(averages))
        checkpoint.save(part / "moments.safetensors", _apart(moments))
        (part / "state.json").write_text(json.dumps(asdict(state)), encoding="utf-8")
        _flush(part)
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    except OSError as error:
        wants = "a folder that can be written to, with room"
        raise OutputError(f"{folder} cannot be written: {error.strerror or error}", wants) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    for old in found(out)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def found(out: Path) -> list[Path]:
    """The checkpoints in a run's folder, oldest first."""
    return sorted(
        (path for path in (out / FOLDER).glob("[0-9]*") if (path / "state.json").is_file()),
        key=lambda path: int(path.name),
    )


def clean(out: Path) -> None:
    """Remove what a killed process left of a checkpoint."""
    for left in (out / FOLDER).glob(".[0-9]*"):
        shutil.rmtree(left, ignore_errors=True)


def read(folder: Path) -> State:
    """The state of a checkpoint; InputError for one of another version."""
    data = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    if data.get("schema") != SCHEMA:
        raise InputError(f"{folder} has schema {data.get('schema')}", f"schema {SCHEMA}", "begin anew")
    return State(**data)


def load(
    folder: Path,
    state: State,
    networks: Mapping[str, nn.Module],
    averages: Mapping[str, Tensor],
    optimiser: torch.optim.Optimizer,
    names: Mapping[nn.Parameter, str],
) -> None:
    """Put a checkpoint back into networks, average and optimiser, in place.

    Raises WeightsError for one that is damaged or of other networks.
    """
    held = _tensors(folder / "parameters.safetensors", tensors(networks))
    with torch.no_grad():
        for key, value in tensors(networks).items():
            value.copy_(held[key])
        kept = _tensors(folder / "average.safetensors", averages)
        for key, value in averages.items():
            value.copy_(kept[key])
    moments = checkpoint.read(str((folder / "moments.safetensors").absolute()))
    for parameter, name in names.items():
        if name not in state.updates:
            continue
        place = parameter.device if optimiser.defaults.get("fused") else torch.device("cpu")
        optimiser.state[parameter] = {
            "step": torch.tensor(float(state.updates[name]), device=place),
            **{
                # Laid out as the parameter is: the fused kernel goes through both by address.
                theirs: torch.empty_like(parameter, requires_grad=False).copy_(moments[f"{ours}.{name}"])
                for ours, theirs in MOMENTS.items()
            },
        }


def tensors(networks: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """Parameters and buffers of all networks as ``node.key``."""
    return {
        f"{node}.{key}": value for node, net in networks.items() for key, value in net.state_dict().items()
    }


def _tensors(file: Path, wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    held = checkpoint.read(str(file.absolute()))
    if faults := checkpoint.differences(held, wanted):
        raise WeightsError(f"{file} does not fit: {'; '.join(faults)}", "a checkpoint of these networks")
    return held


def _apart(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies: safetensors refuses tensors that share memory, as tied parameters do."""
    return {key: value.detach().cpu().clone() for key, value in state.items()}


def _flush(folder: Path) -> None:
    """Have the system write what it holds back: after a power cut a rename may be there without its files."""
    for file in folder.iterdir():
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
