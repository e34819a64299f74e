"""The reference network: Stable Diffusion 1.5's over single images, whose inner features are kept."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor, nn

from pfy_plugin_referencenet.widths import GROUPS, HEADS, LATENT, LAYERS, Widths

BLOCK = ".transformer_blocks.0"


class ReferenceUNet(UNet2DConditionModel):
    """A UNet without its last norm and convolution (Hallo has none): only what its blocks see is used.

    The state dict is that of ``reference_unet.`` in Hallo's ``net.pth``.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__(
            in_channels=LATENT,
            out_channels=LATENT,
            block_out_channels=widths.channels,
            layers_per_block=LAYERS,
            attention_head_dim=HEADS,
            norm_num_groups=GROUPS,
            cross_attention_dim=widths.context,
        )
        self.conv_norm_out = None
        self.conv_out = nn.Identity()

    def features(self, latents: Tensor, identity: Tensor) -> dict[str, Tensor]:
        """latents (n 4 h w), identity tokens (n k context) -> by name of the transformer (n l c).

        These are the tokens that enter each of the 16 self-attentions, normalised, at timestep 0.
        """
        found: dict[str, Tensor] = {}
        norms = [(name, module.norm1) for name, module in self.named_modules() if name.endswith(BLOCK)]
        hooks = [
            norm.register_forward_hook(partial(_keep, found, name.removesuffix(BLOCK)))
            for name, norm in norms
        ]
        try:
            self(latents, torch.zeros((), dtype=torch.long, device=latents.device), identity)
        finally:
            for hook in hooks:
                hook.remove()
        return found


def _keep(found: dict[str, Tensor], name: str, _module: nn.Module, _given: Any, made: Tensor) -> None:
    found[name] = made
