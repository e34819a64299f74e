"""wav2vec 2.0: made from transformers' own modules, its sizes read from a checkpoint's shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from pfy_core import checkpoint
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
FIX = "take facebook/wav2vec2-base-960h, or another checkpoint of the base architecture"


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
    """The network of a checkpoint, by the name of its entry or its path; nothing is fetched.

    Takes a ``state_dict`` of ``Wav2Vec2Model``, ``ForCTC`` or ``ForPreTraining``, see
    ``pfy_core.checkpoint``. Raises WeightsError when the file is absent or unreadable, when it is not of
    the base architecture, or naming every parameter that is missing, unexpected or of another shape.
    """
    state = checkpoint.read(name, _renamed)
    model = make(_sizes(state, name), "meta")
    checkpoint.load(model, name, state, fix=FIX)
    return model


def _renamed(key: str) -> str | None:
    """The name of a key in today's ``Wav2Vec2Model``, None for what is not taken."""
    name = key.removeprefix("wav2vec2.")
    for old, new in RENAMED.items():
        if name.endswith("." + old):
            name = name.removesuffix(old) + new
    return None if name.startswith(LEFT_OUT) else name


def _sizes(state: Mapping[str, Tensor], name: str) -> dict[str, Any]:
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
        wanted = make(BASE, "meta").state_dict()
        faults = "".join(f"\n           {fault}" for fault in checkpoint.differences(state, wanted))
        raise WeightsError(
            f"weights {name!r} are no wav2vec 2.0 of the base architecture:{faults}",
            f"exactly {len(wanted)} keys",
            FIX,
        ) from error
