"""``decoder/motion-diffusion``: fused tokens of speech, words and face to face motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from pfy_core import Decoder, InputError, OptionalWeights, Seed, progress
from pfy_core.kinds import HEAD_CHANNELS, MOTION_INDEX
from pfy_core.options import within
from pfy_core.place import Dtype, Place
from pfy_core.trainable import draws
from pfy_plugin_motion import channels, diffusion, initial
from pfy_plugin_motion.denoiser import TOKENS, Denoiser
from pfy_plugin_motion.ports import Audio, Motion, Visual

WINDOW, SHARED = 250, 50
"""Frames that are denoised together, and that neighbouring windows have in common: 10 s and 2 s."""
DEAF = 0.1
"""Share of the clips that are learnt without the stream of speech, for guidance (Ho & Salimans 2022). The
fused visual tokens, which have attended to speech, they keep."""


@dataclass(frozen=True)
class Denoising:
    """What the losses compare.

    prediction, target: v (b t 58)
    clean, motion:      the motion (b t 58) that follows from the prediction, and the true one, in units of
                        the corpus's spread
    face, known:        the same two as channels of motion.face, for losses that know what a closed mouth is
    snr:                (b); valid: bool (b t), False in what fills up short clips
    """

    prediction: Tensor
    target: Tensor
    clean: Tensor
    motion: Tensor
    face: Tensor
    known: Tensor
    snr: Tensor
    valid: Tensor


class MotionDiffusion(Decoder, name="motion-diffusion"):
    """Fused tokens to 58 channels of face motion at 25 fps, by a small diffusion transformer.

    Two streams, of motion and of speech, attend to each other frame by frame (diffusion cross-attention),
    motion also to the fuser's visual tokens (embedding cross-attention). A long recording is denoised in
    windows of 10 s that share 2 s, step by step, so that memory and time grow with its length only.

    weights: ``p4y-motion/motion``, or a file that ``pfy train`` wrote; none: seeded parameters
        (``init_seed``) that mean nothing yet.
    steps: denoising steps, 1 to 1000; more than 8 make no difference that was found (validation split).
    guidance: guidance scale, 0 to 10; 1 takes the network at its word, more makes speech count more. 2 closes
        lips best on the validation split, 1.5 is as near to the motion there.
    diffusion_cross_attention: False: speech reaches motion through the fused tokens alone (``no-dc``).
    mouth: how far the mouth opens, 1 as learnt, 0 never (0 to 3).
    head: how far the head moves, 1 as learnt (0 to 3).
    device, dtype: "cpu", "cuda:0" ...; float32, bfloat16 or float16.

    Raises InputError for an option out of range or tokens of another width, WeightsError for weights that do
    not fit.
    """

    def __init__(
        self,
        *,
        weights: OptionalWeights = "",
        init_seed: int = 0,
        steps: int = 10,
        guidance: float = 2.0,
        diffusion_cross_attention: bool = True,
        mouth: float = 1.0,
        head: float = 1.0,
        device: str = "cpu",
        dtype: Dtype = "float32",
    ) -> None:
        within("steps", steps, 1, 1000)
        within("guidance", guidance, 0, 10)
        within("mouth", mouth, 0, 3)
        within("head", head, 0, 3)
        self._steps, self._guidance, self._mouth, self._head = steps, guidance, mouth, head
        self._place = Place.named(device, dtype)
        self._network = initial.made(
            lambda: Denoiser(entangled=diffusion_cross_attention), weights, init_seed, self._place
        )

    def network(self) -> nn.Module:
        """The denoiser."""
        return self._network

    def __call__(self, audio: Audio, visual: Visual, *, seed: Seed = 0) -> Motion:
        """audio (t 512), a token for each frame, visual (n 512) -> motion (t 58) @ 25."""
        _check("audio", audio)
        _check("visual", visual)
        audio, visual = (rows.to(self._place.device, self._place.dtype)[None] for rows in (audio, visual))
        frames = audio.shape[1]
        noise = draws([seed], (frames, len(MOTION_INDEX))).to(self._place.device)
        done = count(1)

        def denoise(rows: Tensor, time: Tensor) -> Tensor:
            v = self._windows(rows, time, audio, visual)
            progress(next(done), self._steps)
            return v

        with torch.no_grad():
            rows = diffusion.sampled(denoise, noise, self._steps)
            motion = channels.restored(rows[0])
        lips = [MOTION_INDEX[name] for name in channels.LIPS]
        motion[:, lips] = (self._mouth * motion[:, lips]).clamp(max=1)
        motion[:, -len(HEAD_CHANNELS) :] *= self._head
        made: Motion = motion.float().cpu().numpy()
        return made

    def _windows(self, rows: Tensor, time: Tensor, audio: Tensor, visual: Tensor) -> Tensor:
        """v (1 t 58) of all frames: where windows meet, one fades into the other (Bar-Tal et al. 2023)."""
        frames = rows.shape[1]
        if frames <= WINDOW:
            return self._guided(rows, time, audio, visual)
        total, weight = torch.zeros_like(rows), torch.zeros(frames, 1, device=rows.device)
        for start in starts(frames):
            part = slice(start, start + WINDOW)
            fade = _fade(min(WINDOW, frames - start), rows.device)
            total[:, part] += fade * self._guided(rows[:, part], time, audio[:, part], visual)
            weight[part] += fade
        return total / weight

    def _guided(self, rows: Tensor, time: Tensor, audio: Tensor, visual: Tensor) -> Tensor:
        told: Tensor = self._network(rows, time, audio, visual)
        if self._guidance == 1:
            return told
        deaf = torch.ones(len(rows), dtype=torch.bool, device=rows.device)
        alone: Tensor = self._network(rows, time, audio, visual, deaf)
        return alone + self._guidance * (told - alone)

    def learn(
        self, audio: Tensor, visual: Tensor, motion: Tensor | Sequence[Tensor], *, seeds: Tensor
    ) -> Denoising:
        """audio (b t 512), visual (b n 512), motion (b t 58), or shorter clips of it -> what to compare."""
        lengths = [len(clip) for clip in motion]
        whole = motion if isinstance(motion, Tensor) else pad_sequence(list(motion), batch_first=True)
        clean = channels.standardised(whole.float())
        clean = nn.functional.pad(clean, (0, 0, 0, audio.shape[1] - clean.shape[1]))
        time, deaf = draws(seeds, (2,), uniform=True, salt=3).to(clean.device).unbind(1)
        noise = draws(seeds, tuple(clean.shape[1:]), salt=4).to(clean.device)
        rows, target = diffusion.noised(clean, noise, time)
        prediction = self._network(rows, time, audio, visual, deaf < DEAF)
        valid = torch.arange(clean.shape[1]) < torch.tensor(lengths)[:, None]
        made = diffusion.cleaned(rows, prediction, time)
        return Denoising(
            *(prediction, target, made, clean),
            channels.unscaled(made),
            channels.unscaled(clean),
            diffusion.snr(time),
            valid.to(clean.device),
        )


def starts(frames: int) -> range:
    """First frames of the windows that cover ``frames``."""
    return range(0, max(1, frames - SHARED), WINDOW - SHARED)


def _fade(frames: int, device: torch.device) -> Tensor:
    """Weights (frames 1) that rise and fall over what windows share, never 0."""
    at = torch.arange(1, frames + 1, device=device, dtype=torch.float32)
    return (torch.minimum(at, at.flip(0)) / SHARED).clamp(max=1)[:, None]


def _check(name: str, tokens: Tensor) -> None:
    if tokens.ndim != 2 or tokens.shape[1] != TOKENS or not len(tokens):
        raise InputError(f"{name}: shape ({' '.join(map(str, tokens.shape))})", f"(t {TOKENS}), t at least 1")
