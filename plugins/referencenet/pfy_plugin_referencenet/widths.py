"""The widths of the network: all that tells a full-size one from a small one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

HEADS = 8
"""Attention heads everywhere, whatever the width (Stable Diffusion 1.5's ``attention_head_dim: 8`` counts
heads, not their width)."""
GROUPS = 32
"""Groups of every GroupNorm (Stable Diffusion 1.5); widths are multiples of it."""
LAYERS = 2
"""Residual blocks per down block; an up block has one more (Stable Diffusion 1.5)."""
POSITIONS = 32
"""Rows of the motion modules' table of positions (Hallo, ``temporal_position_encoding_max_len``)."""
AUDIO = "denoising_unet.mid_block.audio_modules.0.transformer_blocks.0.attn2_0.to_k.weight"
LATENT = 4
"""Channels of the image latents (Stable Diffusion's autoencoder)."""


@dataclass(frozen=True)
class Widths:
    """Channels and features of the five parts of the network; the defaults are Hallo's.

    channels:        of the four resolutions, of the latents' height and width down to an eighth
    locator:         of the face locator's convolutions, before its last
    context:         of an identity token, and of the cross-attention that reads it
    identity:        of a face's identity (ArcFace)
    identity_tokens: number of tokens made of an identity
    speech:          numbers that describe the speech of one frame: window * layers * width
    speech_hidden:   of the two hidden layers of the audio projection
    audio:           of an audio token, and of the cross-attention that reads it
    audio_tokens:    number of tokens made of one frame's speech
    """

    channels: tuple[int, int, int, int] = (320, 640, 1280, 1280)
    locator: tuple[int, int, int, int] = (16, 32, 64, 128)
    context: int = 768
    identity: int = 512
    identity_tokens: int = 4
    speech: int = 5 * 12 * 768
    speech_hidden: int = 512
    audio: int = 768
    audio_tokens: int = 32

    @property
    def time(self) -> int:
        """Features of the embedded timestep (Stable Diffusion 1.5)."""
        return 4 * self.channels[0]


def tiny(speech: int) -> Widths:
    """Widths for trying a graph out: all 2,656 values by the same names, 1/160 of the parameters.

    The channels differ where Hallo's do, so that the narrow audio modules (see ``denoising``) are there.
    """
    return Widths(
        channels=(32, 64, 96, 96),
        locator=(4, 4, 8, 8),
        context=32,
        speech=speech,
        speech_hidden=32,
        audio=32,
        audio_tokens=4,
    )


def of(shapes: Mapping[str, tuple[int, ...]]) -> Widths:
    """The widths that a state dict was saved with, by the shapes of its values; KeyError without them.

    Of an audio projection that is missing the widths are Hallo's.
    """
    down = "denoising_unet.down_blocks.{}.resnets.0.conv1.weight"
    audio = shapes[AUDIO][1]
    first = shapes.get("audioproj.proj1.weight", (Widths.speech_hidden, Widths.speech))
    last = shapes.get("audioproj.proj3.weight", (Widths.audio_tokens * audio, Widths.speech_hidden))
    context = shapes["imageproj.norm.weight"][0]
    channels = tuple(shapes[down.format(index)][0] for index in range(4))
    locator = tuple(
        shapes[f"face_locator.{name}.weight"][0] for name in ("conv_in", *(f"blocks.{i}" for i in (1, 3, 5)))
    )
    assert len(channels) == len(locator) == 4
    return Widths(
        channels=channels,
        locator=locator,
        context=context,
        identity=shapes["imageproj.proj.weight"][1],
        identity_tokens=shapes["imageproj.proj.weight"][0] // context,
        speech=first[1],
        speech_hidden=first[0],
        audio=audio,
        audio_tokens=last[0] // audio,
    )
