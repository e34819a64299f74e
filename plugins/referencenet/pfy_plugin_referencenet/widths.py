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
    """Widths for trying a graph out: every kind of layer, a three-hundredth of the parameters.

    The first two channels differ, so that there are narrow audio modules (see ``denoising``).
    """
    return Widths(
        channels=(32, 64, 64, 64),
        locator=(4, 4, 8, 8),
        context=32,
        speech=speech,
        speech_hidden=32,
        audio=32,
        audio_tokens=4,
    )


def of(shapes: Mapping[str, tuple[int, ...]]) -> Widths:
    """The widths that a state dict was saved with, by the shapes of its values; KeyError without them."""
    down = "denoising_unet.down_blocks.{}.resnets.0.conv1.weight"
    audio = shapes["audioproj.norm.weight"][0]
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
        speech=shapes["audioproj.proj1.weight"][1],
        speech_hidden=shapes["audioproj.proj1.weight"][0],
        audio=audio,
        audio_tokens=shapes["audioproj.proj3.weight"][0] // audio,
    )
