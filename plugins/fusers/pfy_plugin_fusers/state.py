"""State dicts of fusers: read from a file, compared by name and shape, written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from pfy_core import weights
from pfy_core.errors import OutputError, WeightsError

RELEASED = {"audio": "audio_transformer_encoder_state_dict", "visual": "video_transformer_encoder_state_dict"}
"""Under which keys the authors' train.py saves the two encoders."""
RELEASED_LAYERS = {
    "ln": "norm1",
    "mha.in_proj_weight": "attention.in_proj_weight",
    "mha.out_proj": "attention.out_proj",
    "ff_self.0": "norm2",
    "ff_self.1": "linear1",
    "ff_self.2": "norm3",
    "ff_self.3": "linear2",
}
"""Their names of the layers, and ours."""
SHOWN = 6
"""Names per line of an error; the rest is counted."""


def load(module: nn.Module, name: str) -> None:
    """Load the parameters of a module from a weights entry or a file.

    A file ending in ``.safetensors`` is read as such, any other with ``torch.load`` and
    ``weights_only``; nothing is fetched. A checkpoint of the authors' training is read by its two
    encoders; what else it holds (networks of speech and video) is not looked at.

    Raises WeightsError when the file is absent or unreadable, or naming every parameter that is missing,
    unexpected or of another shape.
    """
    state = _read(weights.path(name, fetch=False))
    wanted = module.state_dict()
    faults = _faults(state, wanted)
    if faults:
        sends = "".join(f"\n           {fault}" for fault in faults)
        raise WeightsError(
            f"weights {name!r} do not fit:{sends}",
            f"exactly {len(wanted)} parameters: {_listed(wanted)}",
            "take a file that the same component has saved",
        )
    module.load_state_dict(state)


def save(module: nn.Module, file: str | os.PathLike[str]) -> None:
    """Write the parameters of a module as safetensors, all or nothing.

    Raises OutputError when the file cannot be written.
    """
    target = Path(file)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    state = {key: value.detach().cpu().contiguous() for key, value in module.state_dict().items()}
    try:
        part.write_bytes(safetensors.torch.save(state))
        part.replace(target)
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written: {error.strerror or error}", "a file in a folder that exists"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Tensor]:
    wants = "a state dict as safetensors, or as torch.save writes it"
    try:
        found: Any
        if path.suffix == ".safetensors":
            found = safetensors.torch.load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    # Damaged files raise nearly anything, from EOFError to KeyError, out of torch's unpickler.
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(f"{path} cannot be read: {reason}", wants) from error
    if not isinstance(found, dict):
        raise WeightsError(f"{path} holds a {type(found).__name__}", wants)
    if set(RELEASED.values()) & set(found):
        return _released(found, path)
    others = [str(key) for key, value in found.items() if not isinstance(value, Tensor)]
    if others:
        raise WeightsError(f"{path} holds more than tensors: {_listed(others)}", wants)
    return found


def _released(checkpoint: dict[str, Any], path: Path) -> dict[str, Tensor]:
    """The two encoders of a checkpoint of the authors' training, under our names."""
    state: dict[str, Tensor] = {}
    for ours, theirs in RELEASED.items():
        layers = checkpoint.get(theirs)
        if not isinstance(layers, dict) or not all(isinstance(value, Tensor) for value in layers.values()):
            raise WeightsError(f"{path} holds no state dict under {theirs!r}", "a checkpoint of train.py")
        state |= {f"{ours}.{_layer(key)}": value for key, value in layers.items()}
    return state


def _layer(key: str) -> str:
    for theirs, ours in RELEASED_LAYERS.items():
        if key == theirs or key.startswith(theirs + "."):
            return ours + key.removeprefix(theirs)
    return key


def _faults(state: dict[str, Tensor], wanted: dict[str, Tensor]) -> list[str]:
    """What is wrong with a state dict, one line for each sort of fault."""
    missing = [key for key in wanted if key not in state]
    unexpected = [str(key) for key in state if key not in wanted]
    shapes = [
        f"{key} is ({_dims(state[key])}), not ({_dims(value)})"
        for key, value in wanted.items()
        if key in state and state[key].shape != value.shape
    ]
    kinds = [
        f"{key} is {str(state[key].dtype).removeprefix('torch.')}, not a float"
        for key in wanted
        if key in state and not state[key].is_floating_point()
    ]
    parts = (("missing", missing), ("unexpected", unexpected), ("shape", shapes), ("dtype", kinds))
    return [f"{title}: {_listed(names)}" for title, names in parts if names]


def _listed(names: Any) -> str:
    found = list(names)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more


def _dims(value: Tensor) -> str:
    return " ".join(map(str, value.shape))
