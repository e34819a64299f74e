"""Weights of fusers: those that ``save`` wrote, and those of the authors' training under their names."""

from __future__ import annotations

from torch import Tensor, nn

from pfy_core import checkpoint
from pfy_core.errors import WeightsError

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
FIX = "take a file that the same component has saved"


def load(module: nn.Module, name: str) -> None:
    """Load the parameters of a module from a weights entry or a file; nothing is fetched.

    A checkpoint of the authors' training is read by its two encoders; what else it holds (networks of
    speech and video) is not looked at. Raises WeightsError as ``pfy_core.checkpoint`` does, for a
    parameter that is missing, unexpected or of another shape too.
    """
    held = checkpoint.contents(name)
    released = not held.keys().isdisjoint(RELEASED.values())
    state = _released(held, name) if released else checkpoint.read(name)
    checkpoint.load(module, name, state, fix=FIX)


def _released(held: dict[str, object], name: str) -> dict[str, Tensor]:
    """The two encoders of a checkpoint of the authors' training, under our names."""
    state: dict[str, Tensor] = {}
    for ours, theirs in RELEASED.items():
        if theirs not in held:
            raise WeightsError(f"{name} holds no state dict under {theirs!r}", "a checkpoint of train.py")
        layers = checkpoint.state(held[theirs], f"{name}: {theirs}", _layer)
        state |= {f"{ours}.{layer}": value for layer, value in layers.items()}
    return state


def _layer(key: str) -> str:
    for theirs, ours in RELEASED_LAYERS.items():
        if key == theirs or key.startswith(theirs + "."):
            return ours + key.removeprefix(theirs)
    return key
