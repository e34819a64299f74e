"""The denoising network: Stable Diffusion 1.5's, over the frames of a clip, with audio and motion modules."""

from __future__ import annotations

import torch
from diffusers.models.downsampling import Downsample2D
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.upsampling import Upsample2D
from torch import Tensor, nn

from pfy_plugin_referencenet.conditions import Conditions
from pfy_plugin_referencenet.transformers import AudioTransformer, MotionModule, SpatialTransformer
from pfy_plugin_referencenet.widths import GROUPS, LATENT, LAYERS, Widths

EPSILON = 1e-5
"""Of the GroupNorm of residual blocks (Stable Diffusion 1.5)."""
UNIT = (1.0, 1.0, 1.0)


class Block(nn.Module):
    """The layers of one resolution: residual block, spatial, audio and temporal transformer each.

    name:   e.g. ``down_blocks.0``, by which the features of the reference network are found
    width:  channels of the block
    inputs: channels that enter each residual block
    inner:  features inside the audio transformers, one for each layer; none: the block has only residual
            blocks and motion modules
    level:  resolution, 0 the highest
    """

    def __init__(
        self, name: str, width: int, inputs: list[int], inner: list[int], widths: Widths, level: int
    ) -> None:
        super().__init__()
        self.name = name
        self.resnets = nn.ModuleList([_residual(given, width, widths) for given in inputs])
        if inner:
            self.attentions = nn.ModuleList([SpatialTransformer(width, widths.context) for _ in inner])
            self.audio_modules = nn.ModuleList(
                [AudioTransformer(width, narrow, widths.audio, level) for narrow in inner]
            )
        self.attends = bool(inner)
        self.motion_modules = nn.ModuleList([MotionModule(width) for _ in inner or inputs])

    def layer(self, index: int, maps: Tensor, time: Tensor, conditions: Conditions) -> Tensor:
        """One layer: (n c h w) -> (n width h w)."""
        return self.transform(index, self.resnets[index](maps, time), conditions)

    def transform(self, index: int, maps: Tensor, conditions: Conditions) -> Tensor:
        """A layer after its residual block."""
        evaluation = conditions.branch == "evaluation"
        if not self.attends:
            return self.motion_modules[index](maps, conditions, None) if evaluation else maps
        features = conditions.features[f"{self.name}.attentions.{index}"]
        # In Hallo's code the middle block is the same in both branches.
        plain = evaluation and self.name != "mid_block"
        maps = self.attentions[index](maps, conditions, features)
        maps = self.audio_modules[index](
            maps, conditions, UNIT if plain and any(conditions.weights) else conditions.weights
        )
        made: Tensor = self.motion_modules[index](maps, conditions, None if plain else features.motion)
        return made


class DenoisingUNet(nn.Module):
    """Noisy latents and conditions to the prediction of the velocity v.

    The state dict is that of ``denoising_unet.`` in Hallo's ``net.pth``. There the audio transformers are not
    always as wide inside as their block: their heads are as wide as for the channels with which the
    *block's input* (for an up block: its last skip connection) comes, so that the first of
    ``down_blocks.1`` is 320 wide inside, not 640.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        channels = widths.channels
        self.conv_in = nn.Conv2d(LATENT, channels[0], 3, padding=1)
        self.time_proj = Timesteps(channels[0], flip_sin_to_cos=True, downscale_freq_shift=0)
        self.time_embedding = TimestepEmbedding(channels[0], widths.time)
        self.down_blocks = nn.ModuleList()
        for level, width in enumerate(channels):
            before, last = channels[max(level - 1, 0)], level == len(channels) - 1
            inputs = [before] + [width] * (LAYERS - 1)
            block = Block(f"down_blocks.{level}", width, inputs, [] if last else inputs, widths, level)
            if not last:
                block.downsamplers = nn.ModuleList([Downsample2D(width, use_conv=True, name="op")])
            self.down_blocks.append(block)
        width, deepest = channels[-1], len(channels) - 1
        self.mid_block = Block("mid_block", width, [width, width], [width], widths, deepest)
        self.up_blocks = nn.ModuleList()
        for index, width in enumerate(reversed(channels)):
            level = deepest - index
            below, skipped = channels[min(level + 1, deepest)], channels[max(level - 1, 0)]
            inputs = [below, *[width] * LAYERS]
            skips = [*[width] * LAYERS, skipped]
            inner = [skipped] * (LAYERS + 1) if index else []
            joined = [given + skip for given, skip in zip(inputs, skips, strict=True)]
            block = Block(f"up_blocks.{index}", width, joined, inner, widths, level)
            if level:
                block.upsamplers = nn.ModuleList([Upsample2D(width, use_conv=True)])
            self.up_blocks.append(block)
        self.conv_norm_out = nn.GroupNorm(GROUPS, channels[0], eps=EPSILON)
        self.conv_out = nn.Conv2d(channels[0], LATENT, 3, padding=1)

    def forward(self, latents: Tensor, timestep: int, conditions: Conditions) -> Tensor:
        """latents (b * f 4 h w) -> (b * f 4 h w); h and w multiples of 8."""
        steps = torch.tensor([timestep], device=latents.device)
        time = self.time_embedding(self.time_proj(steps).to(latents.dtype))
        maps = self.conv_in(latents)
        guided = len(maps) - conditions.frames
        maps[guided:] += conditions.face
        skips = [maps]
        for block in self.down_blocks:
            for index in range(LAYERS):
                maps = block.layer(index, maps, time, conditions)
                skips.append(maps)
            if hasattr(block, "downsamplers"):
                maps = block.downsamplers[0](maps)
                skips.append(maps)
        middle = self.mid_block
        maps = middle.transform(0, middle.resnets[0](maps, time), conditions)
        maps = middle.resnets[1](maps, time)
        for block in self.up_blocks:
            for index in range(LAYERS + 1):
                maps = block.layer(index, torch.cat([maps, skips.pop()], 1), time, conditions)
            if hasattr(block, "upsamplers"):
                maps = block.upsamplers[0](maps)
        made: Tensor = self.conv_out(nn.functional.silu(self.conv_norm_out(maps)))
        return made


def _residual(given: int, width: int, widths: Widths) -> nn.Module:
    made: nn.Module = ResnetBlock2D(
        in_channels=given, out_channels=width, temb_channels=widths.time, groups=GROUPS, eps=EPSILON
    )
    return made
