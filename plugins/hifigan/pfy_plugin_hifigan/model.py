"""The voice's part of an XTTS-v2 checkpoint: its sizes, its names, and the networks put together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from pfy_core import InputError, checkpoint
from pfy_plugin_hifigan import mel, speaker
from pfy_plugin_hifigan.conditioning import ConditioningEncoder, Perceiver
from pfy_plugin_hifigan.speaker import SpeakerEncoder

RATE = 22_050
FFT, HOP, WINDOW = 2048, 256, 1024
"""Of the conditioning spectrogram, in samples."""
TOP = 8000.0
"""Upper end of its mel scale in Hz."""
FLOOR = 1e-5
"""Lowest mel power before the logarithm."""
HEAD = 64
"""Features of an attention head where nothing else is said; XTTS-v2's."""
OURS = (
    "gpt.conditioning_encoder.",
    "gpt.conditioning_perceiver.",
    "mel_stats",
    "hifigan_decoder.speaker_encoder.",
)
OTHERS = ("gpt.", "hifigan_decoder.waveform_decoder.")
"""The rest of an XTTS-v2 file, which ``decoder/gpt2-hifi`` loads and checks."""
TRAINING = ("torch_mel_spectrogram_style_encoder.", "torch_mel_spectrogram_dvae.", "dvae.")
"""What Coqui's trainer saves besides."""
PRECISE = ("mel_stats", ".filter", ".window", ".fb")
"""Ends of the names of what spectrograms are computed with."""
KEYS = 963
"""Of a whole XTTS-v2 checkpoint."""
FIX = "take model.pth of XTTS-v2, a fine-tuned one, or safetensors with the same names"


@dataclass(frozen=True)
class Sizes:
    """Widths and counts; the defaults are XTTS-v2's.

    width: features of the conditioning encoder; latents: rows that come out; inner, hidden: features of
    the perceiver's attention and feed-forward; channels, blocks: of the speaker encoder's stages
    """

    mels: int = 80
    width: int = 1024
    heads: int = 16
    attention_blocks: int = 6
    latents: int = 32
    perceiver_layers: int = 2
    inner: int = 512
    perceiver_heads: int = 8
    hidden: int = 2730
    speaker_mels: int = 64
    channels: tuple[int, ...] = (32, 64, 128, 256)
    blocks: tuple[int, ...] = (3, 4, 6, 3)
    reduction: int = 8
    pooling: int = 128
    embedding: int = 512


FULL = Sizes()
TINY = Sizes(
    width=128,
    heads=2,
    attention_blocks=2,
    perceiver_layers=1,
    inner=64,
    perceiver_heads=1,
    hidden=int(128 * 4 * 2 / 3),
    channels=(8, 8, 16, 16),
    blocks=(1, 1, 1, 1),
    reduction=4,
    pooling=16,
)
"""For tests and for graphs that only have to run."""


class VoiceEncoder(nn.Module):
    """The networks under the names they have in the checkpoint, without weights (on the meta device)."""

    mel_stats: Tensor

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        with torch.device("meta"):
            self.gpt = nn.ModuleDict(
                {
                    "conditioning_encoder": ConditioningEncoder(
                        sizes.mels, sizes.width, sizes.attention_blocks, sizes.heads
                    ),
                    "conditioning_perceiver": Perceiver(
                        sizes.width,
                        sizes.latents,
                        sizes.perceiver_layers,
                        sizes.inner,
                        sizes.perceiver_heads,
                        sizes.hidden,
                    ),
                }
            )
            self.hifigan_decoder = nn.ModuleDict(
                {
                    "speaker_encoder": SpeakerEncoder(
                        sizes.speaker_mels,
                        sizes.channels,
                        sizes.blocks,
                        sizes.reduction,
                        sizes.pooling,
                        sizes.embedding,
                    )
                }
            )
            self.register_buffer("mel_stats", torch.empty(sizes.mels))

    def at(self, device: torch.device, dtype: torch.dtype) -> VoiceEncoder:
        """Moved there; what the spectrograms are computed with stays in float32."""
        kept = {name: value for name, value in self.named_buffers() if name.endswith(PRECISE)}
        self.to(device, dtype)
        for name, value in kept.items():
            self.get_buffer(name).data = value.to(device)
        return self

    def mel(self, wave: Tensor) -> Tensor:
        """wave (s) at 22,050 Hz, float32 -> log mel (1 80 s//256+1), each bin over its usual level."""
        window = torch.hann_window(WINDOW, device=wave.device)
        filters = mel.filterbank(FFT // 2 + 1, len(self.mel_stats), RATE, TOP, area=True).to(wave.device)
        energies = filters.T @ mel.power(wave[None], FFT, HOP, window)
        return energies.clamp(min=FLOOR).log() / self.mel_stats[:, None].float()

    def latents(self, wave: Tensor, chunk: int) -> Tensor:
        """wave (s) at 22,050 Hz -> conditioning latents (n width): the mean over chunks of ``chunk`` samples.

        Chunks under a third of a second are left out; at least one has to remain.
        """
        encoder, perceiver = self.gpt["conditioning_encoder"], self.gpt["conditioning_perceiver"]
        dtype = perceiver.latents.dtype
        found = [
            perceiver(encoder(self.mel(part).to(dtype)).transpose(1, 2))[0]
            for part in wave.split(chunk)
            if len(part) >= SHORTEST
        ]
        return torch.stack(found).mean(dim=0)

    def speaker(self, wave: Tensor) -> Tensor:
        """wave (s) at 22,050 Hz -> the speaker's embedding (512), a unit vector."""
        heard = mel.resample(wave, RATE, speaker.RATE)
        embedding: Tensor = self.hifigan_decoder["speaker_encoder"](heard[None])[0]
        return embedding


SHORTEST = 0.33 * RATE
"""Samples of the shortest chunk that latents are taken from (coqui-tts)."""


def load(weights: str, heads: int) -> VoiceEncoder:
    """The networks with the weights of an XTTS-v2 checkpoint, in float32; ``heads`` 0 follows the width.

    Raises WeightsError naming every key that is missing, unexpected or of another shape.
    """
    state = checkpoint.read(weights, named)
    model = VoiceEncoder(sizes(state, heads))
    checkpoint.load(model, weights, state, fix=FIX, whole=KEYS)
    return model


def seeded(sizes: Sizes, seed: int) -> VoiceEncoder:
    """The networks with random weights, the same ones for the same seed."""
    model = VoiceEncoder(sizes)
    checkpoint.load(model, "random", checkpoint.seeded(model.state_dict(), seed) | constants(sizes))
    return model


def constants(sizes: Sizes) -> dict[str, Tensor]:
    """What a checkpoint carries that is computed, not learnt; mel levels are 1."""
    spectrum = "hifigan_decoder.speaker_encoder.torch_spec"
    bins = speaker.FFT // 2 + 1
    return {
        "mel_stats": torch.ones(sizes.mels),
        f"{spectrum}.0.filter": torch.tensor([[[-speaker.PRE_EMPHASIS, 1.0]]]),
        f"{spectrum}.1.spectrogram.window": torch.hamming_window(speaker.WINDOW),
        f"{spectrum}.1.mel_scale.fb": mel.filterbank(
            bins, sizes.speaker_mels, speaker.RATE, speaker.TOP, area=False
        ),
    }


def write_seeded(file: str | os.PathLike[str], sizes: Sizes = TINY, seed: int = 0) -> None:
    """Put this plugin's part of a checkpoint with random weights into a safetensors file.

    What the file holds already stays, so that both plugins can write theirs into one.
    Raises WeightsError when the file is something else, OutputError when it cannot be written.
    """
    checkpoint.add(Path(file), seeded(sizes, seed).state_dict())


def named(key: str) -> str | None:
    """The name of a key of an XTTS-v2 file, None when this plugin does not take it."""
    name = key.removeprefix("model.").removeprefix("xtts.")
    if name.startswith(OURS):
        return name
    return None if name.startswith((*OTHERS, *TRAINING)) else name


def sizes(state: Mapping[str, Tensor], heads: int) -> Sizes:
    """The sizes that a checkpoint's shapes tell; XTTS-v2's for those it does not."""

    dim, count = partial(checkpoint.side, state), partial(checkpoint.count, state)
    encoder, perceiver, hasp = (OURS[index] for index in (0, 1, 3))
    layer = f"{perceiver}layers.0"
    width, inner = dim(f"{encoder}init.weight", 0, FULL.width), dim(f"{layer}.0.to_q.weight", 0, FULL.inner)
    if heads and width % heads:
        raise InputError(f"heads {heads}", f"a divisor of {width}, or 0")
    stages = range(len(FULL.channels))
    channels = tuple(dim(f"{hasp}layer{i + 1}.0.bn1.weight", 0, FULL.channels[i]) for i in stages)
    return Sizes(
        mels=dim(f"{encoder}init.weight", 1, FULL.mels),
        width=width,
        heads=heads or max(width // HEAD, 1),
        attention_blocks=count(f"{encoder}attn.", FULL.attention_blocks),
        latents=dim(f"{perceiver}latents", 0, FULL.latents),
        perceiver_layers=count(f"{perceiver}layers.", FULL.perceiver_layers),
        inner=inner,
        perceiver_heads=max(inner // HEAD, 1),
        hidden=dim(f"{layer}.1.2.weight", 1, FULL.hidden),
        speaker_mels=dim(f"{hasp}torch_spec.1.mel_scale.fb", 1, FULL.speaker_mels),
        channels=channels,
        blocks=tuple(count(f"{hasp}layer{i + 1}.", FULL.blocks[i]) for i in stages),
        reduction=channels[0] // dim(f"{hasp}layer1.0.se.fc.0.weight", 0, channels[0] // FULL.reduction),
        pooling=dim(f"{hasp}attention.0.weight", 0, FULL.pooling),
        embedding=dim(f"{hasp}fc.weight", 0, FULL.embedding),
    )
