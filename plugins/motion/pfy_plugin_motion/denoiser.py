"""The denoising network: a small diffusion transformer of two streams, of motion and of speech.

The multi-entangled latent space of the paper, over face motion instead of pixels: *diffusion
cross-attention* (DC) between the streams, frame by frame, and cross-attention to the fuser's tokens, which
*embedding cross-attention* (EC) has made of all modalities.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from pfy_core.kinds import MOTION_CHANNELS
from pfy_plugin_motion.attention import Attention

TOKENS = 512
"""Width of the fuser's tokens."""
WIDTH, HEADS, DEPTH = 160, 5, 4
"""Of the streams: with the encoders and the fuser all fits into a wheel of 20 MB at 2 bytes a parameter."""
MOTION_FEED, SPEECH_FEED = 4, 2
"""Width of the layers at each frame, in times of the stream's."""
REACH = 32
"""Frames up to which distances are told apart: 1.3 s; what is further is all alike."""
WAVES = 64
"""Frequencies by which the network is told the time, from 1 to 1000 a unit."""
SHIFTS = 6
"""Shift, scale and gate of two layers."""


class Block(nn.Module):
    """Motion attends to itself, to speech (DC) and to the fused tokens; speech attends to motion (DC).

    last: nothing comes after that would ask for speech, so it is left as it came.
    """

    def __init__(self, *, entangled: bool, last: bool) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.empty(SHIFTS, WIDTH))
        self.norms = nn.ModuleDict({name: nn.LayerNorm(WIDTH) for name in ("cross", "embedded", "heard")})
        self.plain = nn.LayerNorm(WIDTH, elementwise_affine=False)
        self.itself = Attention(WIDTH, WIDTH, HEADS, REACH)
        self.embedded = Attention(WIDTH, TOKENS, HEADS)
        self.motion_feed = _feed(WIDTH, MOTION_FEED)
        self.entangled, self.last = entangled, last
        self.to_speech = Attention(WIDTH, WIDTH, HEADS, REACH)
        if not last:
            self.to_motion = Attention(WIDTH, WIDTH, HEADS, REACH)
            self.speech_feed = _feed(WIDTH, SPEECH_FEED)
            self.speech_norm = nn.LayerNorm(WIDTH)

    def reset(self, _: torch.Generator) -> None:
        """The table of shifts starts at zero."""
        nn.init.zeros_(self.table)

    def forward(self, motion: Tensor, speech: Tensor, fused: Tensor, shifts: Tensor) -> tuple[Tensor, Tensor]:
        """motion, speech (b t 160), fused (b n 512), shifts (b 6 160) -> both streams."""
        shift, scale, gate, shift_feed, scale_feed, gate_feed = (shifts + self.table)[:, :, None].unbind(1)
        seen = self.plain(motion) * (1 + scale) + shift
        motion = motion + (1 + gate) * self.itself(seen, seen)
        if self.entangled:
            heard, moved = self.norms["heard"](speech), self.norms["cross"](motion)
            motion = motion + self.to_speech(moved, heard)
            if not self.last:
                speech = speech + self.to_motion(heard, moved)
        motion = motion + self.embedded(self.norms["embedded"](motion), fused)
        seen = self.plain(motion) * (1 + scale_feed) + shift_feed
        motion = motion + (1 + gate_feed) * self.motion_feed(seen)
        if not self.last:
            speech = speech + self.speech_feed(self.speech_norm(speech))
        return motion, speech


class Denoiser(nn.Module):
    """v (b t 58) of noisy motion (b t 58) at a time, given speech, frame by frame, and fused tokens.

    entangled: False leaves out diffusion cross-attention, both ways (ablation "no DC"); the same weights
        load.
    """

    def __init__(self, *, entangled: bool = True) -> None:
        super().__init__()
        channels = len(MOTION_CHANNELS)
        self.enter = nn.Linear(channels, WIDTH)
        self.hear = nn.Linear(TOKENS, WIDTH)
        self.silence = nn.Parameter(torch.empty(WIDTH))
        self.time = nn.Sequential(nn.Linear(2 * WAVES, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU())
        self.shifts = nn.ModuleDict({"last": nn.Linear(WIDTH, SHIFTS * WIDTH)})
        self.blocks = nn.ModuleList(Block(entangled=entangled, last=n == DEPTH - 1) for n in range(DEPTH))
        self.norm = nn.LayerNorm(WIDTH)
        self.leave = nn.ModuleDict({"last": nn.Linear(WIDTH, channels)})

    def reset(self, _: torch.Generator) -> None:
        """Nothing heard starts as zeros."""
        nn.init.zeros_(self.silence)

    def forward(
        self, rows: Tensor, time: Tensor, audio: Tensor, fused: Tensor, deaf: Tensor | None = None
    ) -> Tensor:
        """rows (b t 58), time (b), audio (b t 512), fused (b n 512); ``deaf`` (b): who hears no speech."""
        dtype = self.enter.weight.dtype
        motion, speech = self.enter(rows.to(dtype)), self.hear(audio.to(dtype))
        if deaf is not None:
            speech = torch.where(deaf[:, None, None], self.silence.to(speech.dtype), speech)
        shifts = self.shifts["last"](self.time(waves(time).to(dtype))).unflatten(-1, (SHIFTS, WIDTH))
        for block in self.blocks:
            motion, speech = block(motion, speech, fused.to(dtype), shifts)
        v: Tensor = self.leave["last"](self.norm(motion))
        return v.float()


def waves(time: Tensor) -> Tensor:
    """Times (b), 0 to 1, as sines and cosines (b 128) of geometrically spaced frequencies."""
    frequencies = torch.exp(torch.linspace(0, math.log(1000), WAVES, device=time.device))
    angles = time.float()[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def _feed(width: int, times: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, times * width), nn.GELU(), nn.Linear(times * width, width))
