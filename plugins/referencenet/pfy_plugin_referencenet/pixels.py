"""Stable Diffusion's autoencoder, for those who want motion frames to go through pixels as in Hallo."""

from __future__ import annotations

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor

from pfy_core import checkpoint

SCALE = 0.18215
"""Latents are multiplied by it (Rombach et al. 2022, section G; Stable Diffusion 1's ``scaling_factor``)."""
FIT = "take sd-vae-ft-mse's diffusion_pytorch_model.safetensors, or one that was saved from such a network"


def autoencoder(name: str, dtype: torch.dtype) -> AutoencoderKL:
    """The autoencoder of a weights entry or a file; its widths are those of the file.

    Raises WeightsError for weights that do not fit.
    """
    values = checkpoint.read(name, _renamed)
    channels: list[int] = []
    while f"encoder.down_blocks.{len(channels)}.resnets.0.conv1.weight" in values:
        channels.append(values[f"encoder.down_blocks.{len(channels)}.resnets.0.conv1.weight"].shape[0])
    # Without a single block the file is none of ours: the full size names what is missing.
    channels = channels or [128, 256, 512, 512]
    layers = sum(
        key.startswith("encoder.down_blocks.0.resnets.") for key in values if key.endswith("conv1.bias")
    )
    with torch.device("meta"):
        made = AutoencoderKL(
            block_out_channels=tuple(channels),
            down_block_types=("DownEncoderBlock2D",) * len(channels),
            up_block_types=("UpDecoderBlock2D",) * len(channels),
            layers_per_block=max(layers, 1),
            latent_channels=4,
        )
    # Past the method of diffusers, which warns of modules that need float32 even where there are none.
    torch.nn.Module.to(made, dtype)
    checkpoint.load(made, name, values, fix=FIT)
    return made.eval().requires_grad_(requires_grad=False)


def encoded(codec: AutoencoderKL, images: Tensor) -> Tensor:
    """Images (n 3 8h 8w), -1 to 1 -> the means of their latents (n 4 h w), scaled, float32."""
    given = images.to(codec.device, codec.dtype)
    return codec.encode(given).latent_dist.mean.float() * SCALE


@torch.no_grad()
def through_pixels(codec: AutoencoderKL, latents: Tensor) -> Tensor:
    """Latents (n 4 h w) decoded one by one, cut to what pixels can show, and encoded again."""
    given = (latents / SCALE).to(codec.device, codec.dtype)
    images = torch.cat([codec.decode(one[None]).sample for one in given])
    return encoded(codec, images.clamp(-1, 1))


def _renamed(key: str) -> str:
    """Names of the attention layer as diffusers wrote them before 0.18, which sd-vae-ft-mse's file has."""
    if ".attentions." not in key:
        return key
    for old, new in ((".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v.")):
        key = key.replace(old, new)
    return key.replace(".proj_attn.", ".to_out.0.")
