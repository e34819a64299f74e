"""Stable Diffusion's autoencoder: made with seeded parameters, or from a checkpoint."""

from __future__ import annotations

import math
from typing import Literal

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor

from pfy_core import checkpoint, note
from pfy_core.options import init_seed
from pfy_core.place import Place

SCALE = 0.18215
"""Latents are multiplied by it (Rombach et al. 2022, section G; Stable Diffusion 1's ``scaling_factor``)."""
LATENT = 4
"""Channels of the latents."""
FULL, FULL_LAYERS = (128, 256, 512, 512), 2
"""Channels of the four resolutions and residual blocks of each (Stable Diffusion 1)."""
TINY, TINY_LAYERS = (32, 32, 32, 32), 1
"""The least that GroupNorm's 32 groups allow: 0.6 instead of 84 million parameters."""
RESNET = "encoder.down_blocks.{}.resnets.{}.conv1.weight"
FIT = "take sd-vae-ft-mse's diffusion_pytorch_model.safetensors, or one that was saved from such a network"

Size = Literal["full", "tiny"]


def make(weights: str, size: Size, seed: int, place: Place, *, tiled: bool) -> AutoencoderKL:
    """The autoencoder at a place, in evaluation mode and without gradients.

    weights: a registered name or a path, whose shapes say how wide it is; "": random from ``seed``, of the
    ``size``. tiled: images of more than 512 pixels are worked on in overlapping tiles with blended rims.
    Raises WeightsError for weights that do not fit.
    """
    made = _loaded(weights, place.dtype) if weights else _seeded(size, seed, place.dtype)
    made.eval().requires_grad_(requires_grad=False).to(place.device)
    if tiled:
        made.enable_tiling()
    return made


@torch.no_grad()
def encode(codec: AutoencoderKL, images: Tensor) -> Tensor:
    """Images (n 3 8h 8w), -1 to 1 -> (n 4 h w): the posterior's means, scaled, float32."""
    given = images.to(codec.device, codec.dtype)
    return codec.encode(given).latent_dist.mean.float() * SCALE


@torch.no_grad()
def decode(codec: AutoencoderKL, latents: Tensor) -> Tensor:
    """Scaled latents (n 4 h w) -> (n 3 8h 8w), about -1 to 1."""
    given = (latents.to(codec.device, torch.float32) / SCALE).to(codec.dtype)
    made: Tensor = codec.decode(given).sample
    return made


def _outline(channels: tuple[int, ...], layers: int) -> AutoencoderKL:
    with torch.device("meta"):
        return AutoencoderKL(
            block_out_channels=channels,
            down_block_types=("DownEncoderBlock2D",) * len(channels),
            up_block_types=("UpDecoderBlock2D",) * len(channels),
            layers_per_block=layers,
            latent_channels=LATENT,
            sample_size=512,
            scaling_factor=SCALE,
        )


def _loaded(name: str, dtype: torch.dtype) -> AutoencoderKL:
    values = checkpoint.read(name, _renamed)
    blocks = 0
    while RESNET.format(blocks, 0) in values:
        blocks += 1
    channels = tuple(values[RESNET.format(block, 0)].shape[0] for block in range(blocks))
    layers = 0
    while RESNET.format(0, layers) in values:
        layers += 1
    # Of a file that is none of these the full size says what is missing.
    outline = _outline(channels, layers) if len(channels) == len(FULL) else _outline(FULL, FULL_LAYERS)
    # Past the method of diffusers, which warns of modules that need float32 even where there are none.
    torch.nn.Module.to(outline, dtype)
    checkpoint.load(outline, name, values, fix=FIT)
    return outline


def _renamed(key: str) -> str:
    """Names of the attention layer as diffusers wrote them before 0.18, which sd-vae-ft-mse's file has."""
    if ".attentions." not in key:
        return key
    for old, new in ((".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v.")):
        key = key.replace(old, new)
    return key.replace(".proj_attn.", ".to_out.0.")


def _seeded(size: Size, seed: int, dtype: torch.dtype) -> AutoencoderKL:
    """Random parameters: matrices normal with variance 1 / fan-in, norms the identity, biases 0."""
    note("the autoencoder has no weights: its parameters are random, and so is what it shows")
    made = _outline(FULL, FULL_LAYERS) if size == "full" else _outline(TINY, TINY_LAYERS)
    generator = torch.Generator().manual_seed(init_seed(seed))
    wanted = sorted(made.state_dict().items())
    values = {name: _drawn(name, value.shape, generator).to(dtype) for name, value in wanted}
    made.load_state_dict(values, assign=True)
    return made


def _drawn(name: str, shape: torch.Size, generator: torch.Generator) -> Tensor:
    if len(shape) > 1:
        return torch.randn(shape, generator=generator) / math.sqrt(math.prod(shape[1:]))
    return torch.zeros(shape) if name.endswith("bias") else torch.ones(shape)
