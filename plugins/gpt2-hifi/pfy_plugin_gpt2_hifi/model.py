"""The speech's part of an XTTS-v2 checkpoint: its sizes, its names, and the networks put together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from pfy_core import InputError, checkpoint, note, tensor_file
from pfy_plugin_gpt2_hifi.gpt import Gpt, Projection
from pfy_plugin_gpt2_hifi.vocoder import Vocoder

HEAD = 64
"""Features of an attention head where nothing else is said; XTTS-v2's."""
SPARE = 6
"""Rows of the table of audio positions beyond the most codes that are sampled: 608 for 602 (coqui-tts)."""
OTHERS = (
    "gpt.conditioning_encoder.",
    "gpt.conditioning_perceiver.",
    "mel_stats",
    "hifigan_decoder.speaker_encoder.",
)
"""The rest of an XTTS-v2 file, which ``encoder/hifigan`` loads and checks."""
TRAINING = ("torch_mel_spectrogram_style_encoder.", "torch_mel_spectrogram_dvae.", "dvae.")
"""What Coqui's trainer saves besides."""
ALIAS = re.compile(r"gpt\.gpt_inference\..*|gpt\.gpt\.wte\.weight|gpt\.gpt\.h\.\d+\.attn\.(masked_)?bias")
"""Second names of the same tensors, and masks, in older files."""
KEYS = 963
"""Of a whole XTTS-v2 checkpoint."""
VOCODER = "hifigan_decoder.waveform_decoder."
FIX = (
    "take model.pth of XTTS-v2, a fine-tuned one, or safetensors with the same names; beside a file that "
    "holds the GPT alone, as 'pfy train' writes it, set vocoder to a whole one"
)


@dataclass(frozen=True)
class Sizes:
    """Widths and counts; the defaults are XTTS-v2's.

    texts, codes: sizes of the vocabularies; positions: of their tables; channels, upsampling, kernels: of
    the vocoder; speaker: of the speaker's embedding
    """

    width: int = 1024
    heads: int = 16
    hidden: int = 4096
    layers: int = 30
    texts: int = 6681
    codes: int = 1026
    text_positions: int = 404
    code_positions: int = 608
    channels: int = 512
    upsampling: tuple[int, ...] = (16, 16, 4, 4)
    kernels: tuple[int, ...] = (3, 7, 11)
    speaker: int = 512


FULL = Sizes()
TINY = Sizes(width=128, heads=2, hidden=256, layers=2, channels=32)
"""For tests and for graphs that only have to run."""


class Speech(nn.Module):
    """The networks under the names they have in the checkpoint, without weights (on the meta device)."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        with torch.device("meta"):
            self.gpt = Gpt(
                width=sizes.width,
                heads=sizes.heads,
                hidden=sizes.hidden,
                layers=sizes.layers,
                texts=sizes.texts,
                codes=sizes.codes,
                text_positions=sizes.text_positions,
                code_positions=sizes.code_positions,
            )
            self.hifigan_decoder = nn.ModuleDict(
                {
                    "waveform_decoder": Vocoder(
                        width=sizes.width,
                        channels=sizes.channels,
                        upsampling=sizes.upsampling,
                        kernels=sizes.kernels,
                        speaker=sizes.speaker,
                    )
                }
            )

    @property
    def vocoder(self) -> Vocoder:
        found = self.hifigan_decoder["waveform_decoder"]
        assert isinstance(found, Vocoder)
        return found

    def ready(self, device: torch.device, dtype: torch.dtype) -> Speech:
        """Loaded weights made fit for use: weight norm multiplied out, moved to a place, laid out."""
        self.vocoder.fold()
        self.to(device, dtype).eval()
        for module in self.modules():
            if isinstance(module, Projection):
                module.turn()
        return self


def load(weights: str, heads: int, vocoder: str = "", seed: int | None = None) -> Speech:
    """The networks with the weights of an XTTS-v2 checkpoint, in float32; ``heads`` 0 follows the width.

    vocoder: a checkpoint that the vocoder is taken from when ``weights`` holds a GPT alone. Without, it is
    the random one of ``seeded(TINY, seed)``, if there is a seed.
    Raises WeightsError naming every key that is missing, unexpected or of another shape.
    """
    state = checkpoint.read(weights, named)
    if not any(key.startswith(VOCODER) for key in state):
        if vocoder:
            state |= _of_vocoder(checkpoint.read(vocoder, named))
        elif seed is not None:
            note(f"weights {weights!r} have no vocoder: a random one from init_seed {seed} is used")
            made = replace(TINY, width=sizes(state, heads).width)
            state |= _of_vocoder(seeded(made, seed).state_dict())
    model = Speech(sizes(state, heads))
    checkpoint.load(model, weights, state, fix=FIX, whole=KEYS)
    return model


def seeded(sizes: Sizes, seed: int) -> Speech:
    """The networks with random weights, the same ones for the same seed."""
    model = Speech(sizes)
    checkpoint.load(model, "random", checkpoint.seeded(model.state_dict(), seed))
    return model


def write_seeded(file: str | os.PathLike[str], sizes: Sizes = TINY, seed: int = 0) -> None:
    """Put this plugin's part of a checkpoint with random weights into a safetensors file.

    What the file holds already stays, so that both plugins can write theirs into one.
    Raises WeightsError when the file is something else, OutputError when it cannot be written.
    """
    checkpoint.add(Path(file), seeded(sizes, seed).state_dict())


def _of_vocoder(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key: value for key, value in state.items() if key.startswith(VOCODER)}


def named(key: str) -> str | None:
    """The name of a key of an XTTS-v2 file, None when this plugin does not take it."""
    name = key.removeprefix("model.").removeprefix("xtts.")
    if ALIAS.fullmatch(name) or name.startswith((*OTHERS, *TRAINING)):
        return None
    return tensor_file.current(name)


def sizes(state: Mapping[str, Tensor], heads: int) -> Sizes:
    """The sizes that a checkpoint's shapes tell; XTTS-v2's for those it does not."""

    dim, count = partial(checkpoint.side, state), partial(checkpoint.count, state)
    original = "parametrizations.weight.original1"
    width = dim("gpt.mel_embedding.weight", 1, FULL.width)
    if heads and width % heads:
        raise InputError(f"heads {heads}", f"a divisor of {width}, or 0")
    stages = count(f"{VOCODER}ups.", len(FULL.upsampling))
    kinds = count(f"{VOCODER}resblocks.", stages * len(FULL.kernels)) // stages
    ups = (*FULL.upsampling, *(4,) * stages)[:stages]
    blocks = (*FULL.kernels, *(3,) * kinds)[:kinds]
    return Sizes(
        width=width,
        heads=heads or max(width // HEAD, 1),
        hidden=dim("gpt.gpt.h.0.mlp.c_fc.weight", 1, 4 * width),
        layers=count("gpt.gpt.h.", FULL.layers),
        texts=dim("gpt.text_embedding.weight", 0, FULL.texts),
        codes=dim("gpt.mel_embedding.weight", 0, FULL.codes),
        text_positions=dim("gpt.text_pos_embedding.emb.weight", 0, FULL.text_positions),
        code_positions=dim("gpt.mel_pos_embedding.emb.weight", 0, FULL.code_positions),
        channels=dim(f"{VOCODER}conv_pre.weight", 0, FULL.channels),
        upsampling=tuple(dim(f"{VOCODER}ups.{i}.{original}", 2, up) for i, up in enumerate(ups)),
        kernels=tuple(
            dim(f"{VOCODER}resblocks.{i}.convs1.0.{original}", 2, block) for i, block in enumerate(blocks)
        ),
        speaker=dim(f"{VOCODER}cond_layer.weight", 1, FULL.speaker),
    )
