"""wav2vec 2.0: made from transformers' own modules, its sizes read from a checkpoint's shapes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from pfy_core import weights
from pfy_core.errors import WeightsError
from pfy_core.options import init_seed
from pfy_plugin_wav2vec2.hidden_torchaudio import torchaudio_hidden_when_broken

STRIDES = (5, 2, 2, 2, 2, 2, 2)
"""Of the convolutions (Baevski et al. 2020, section 4.2): 320 samples between two of their rows."""
HEAD = 64
"""Width of an attention head in every published wav2vec 2.0 (Baevski et al. 2020: 768/12, 1024/16)."""
KERNELS = (10, 3, 3, 3, 3, 2, 2)
BASE = {
    "conv_dim": (512,) * 7,
    "conv_kernel": KERNELS,
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_conv_pos_embeddings": 128,
    "num_conv_pos_embedding_groups": 16,
}
"""Sizes of wav2vec2-base-960h (its config.json)."""
TINY = BASE | {
    "conv_dim": (32,) * 7,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4,
}
"""The same network with narrow layers, for tests and trials without weights."""
SIZES = {"full": BASE, "tiny": TINY}
LEFT_OUT = ("lm_head.", "quantizer.", "project_q.", "project_hid.", "masked_spec_embed")
"""Parts of a checkpoint that only its own training or speech recognition need."""
RENAMED = {"weight_g": "parametrizations.weight.original0", "weight_v": "parametrizations.weight.original1"}
"""How torch named the factors of weight normalisation before parametrizations, and since."""
SHOWN = 6
"""Names per line of an error; the rest is counted."""


def make(sizes: Mapping[str, Any], device: str = "cpu") -> nn.Module:
    """A ``transformers.Wav2Vec2Model`` of these sizes, in evaluation mode, its parameters not yet set."""
    with torchaudio_hidden_when_broken():
        from transformers import Wav2Vec2Config, Wav2Vec2Model

    config = Wav2Vec2Config(
        **sizes,
        conv_stride=STRIDES[: len(sizes["conv_dim"])],
        num_attention_heads=sizes["hidden_size"] // HEAD,
        num_feat_extract_layers=len(sizes["conv_dim"]),
        conv_bias=False,
        feat_extract_norm="group",
        do_stable_layer_norm=False,
        apply_spec_augment=False,
        mask_time_prob=0.0,
        mask_feature_prob=0.0,
        hidden_dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        feat_proj_dropout=0.0,
        layerdrop=0.0,
    )
    config._attn_implementation = "sdpa"
    with torch.device("meta"):
        made: nn.Module = Wav2Vec2Model(config)
    return made.eval() if device == "meta" else made.to_empty(device=device).eval()


def initialised(size: str, seed: int) -> nn.Module:
    """A network of seeded random parameters; InputError for another seed.

    Its rows differ from frame to frame and layer to layer, so that whatever takes them can be tried; it
    has heard no speech.
    """
    generator = torch.Generator().manual_seed(init_seed(seed))
    model = make(SIZES[size])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim > 1:
                fan = parameter[0].numel()
                parameter.copy_(torch.randn(parameter.shape, generator=generator) / fan**0.5)
            else:
                parameter.fill_(1.0 if name.endswith("weight") else 0.0)
    return model


def loaded(name: str) -> nn.Module:
    """The network of a checkpoint, by the name of its entry or its path; fetched if it is named.

    Takes a ``state_dict`` of ``Wav2Vec2Model``, ``ForCTC`` or ``ForPreTraining``: safetensors, or what
    ``torch.load`` reads with ``weights_only``. Raises WeightsError when the file is absent or unreadable,
    when it is not of the base architecture, or naming every parameter that is missing, unexpected or of
    another shape.
    """
    file = weights.path(name)
    state = _renamed(_read(file))
    model = make(_sizes(state, file))
    wanted = model.state_dict()
    faults = _faults(state, wanted)
    if faults:
        sends = "".join(f"\n           {fault}" for fault in faults)
        raise WeightsError(
            f"weights {name!r} do not fit:{sends}",
            f"the {len(wanted)} parameters of wav2vec2-base",
            "take facebook/wav2vec2-base-960h, or another checkpoint of the base architecture",
        )
    model.load_state_dict(state)
    return model


def _read(file: Path) -> dict[str, Tensor]:
    wants = "a state dict as safetensors, or as torch.save writes it"
    try:
        found: Any
        if file.suffix == ".safetensors":
            found = safetensors.torch.load_file(file)
        else:
            found = torch.load(file, map_location="cpu", weights_only=True)
    # Damaged files raise nearly anything, from EOFError to KeyError, out of torch's unpickler.
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsError(f"{file} cannot be read: {reason}", wants) from error
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise WeightsError(f"{file} holds more than tensors", wants)
    return found


def _renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A checkpoint's parameters under the names of today's ``Wav2Vec2Model``."""
    kept = {}
    for key, value in state.items():
        name = key.removeprefix("wav2vec2.")
        for old, new in RENAMED.items():
            if name.endswith("." + old):
                name = name.removesuffix(old) + new
        if not name.startswith(LEFT_OUT):
            kept[name] = value.float()
    return kept


def _sizes(state: Mapping[str, Tensor], file: Path) -> dict[str, Any]:
    """The sizes that the shapes of a checkpoint tell."""
    convolutions: list[torch.Size] = []
    while (key := f"feature_extractor.conv_layers.{len(convolutions)}.conv.weight") in state:
        convolutions.append(state[key].shape)
    layers = 0
    while f"encoder.layers.{layers}.attention.q_proj.weight" in state:
        layers += 1
    try:
        position = state["encoder.pos_conv_embed.conv.parametrizations.weight.original1"].shape
        inner = state["encoder.layers.0.feed_forward.intermediate_dense.weight"].shape
        width = inner[1]
        if "feature_extractor.conv_layers.1.layer_norm.weight" in state or width % HEAD:
            raise KeyError("feature_extractor.conv_layers.1.layer_norm")
        return {
            "conv_dim": tuple(shape[0] for shape in convolutions),
            "conv_kernel": tuple(shape[2] for shape in convolutions),
            "hidden_size": width,
            "intermediate_size": inner[0],
            "num_hidden_layers": layers,
            "num_conv_pos_embeddings": position[2],
            "num_conv_pos_embedding_groups": width // position[1],
        }
    except (KeyError, IndexError, ZeroDivisionError) as error:
        found = ", ".join(list(state)[:SHOWN]) or "nothing"
        raise WeightsError(
            f"{file} is no wav2vec 2.0 of the base architecture; it holds {found}",
            "the keys of facebook/wav2vec2-base-960h",
        ) from error


def _faults(state: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> list[str]:
    """What is wrong with a state dict, one line for each sort of fault."""
    shapes = [
        f"{key} is {tuple(state[key].shape)}, not {tuple(value.shape)}"
        for key, value in wanted.items()
        if key in state and state[key].shape != value.shape
    ]
    parts = (
        ("missing", [key for key in wanted if key not in state]),
        ("unexpected", [key for key in state if key not in wanted]),
        ("shape", shapes),
    )
    return [f"{title}: {_listed(names)}" for title, names in parts if names]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
