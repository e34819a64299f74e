"""The network in training: clips of films, noised at a random step, and the velocity that leads back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pfy_core import InputError
from pfy_core.trainable import draws
from pfy_plugin_referencenet.clips import MOTION
from pfy_plugin_referencenet.network import Network
from pfy_plugin_referencenet.schedule import schedule
from pfy_plugin_referencenet.video import Face, Settings, Video

FIRST = 0.05
"""Share of the clips that go on from the photo, as a video's first does (Hallo, ``start_ratio``; its training
took black frames for them, its sampling takes the photo)."""
UNTOLD = 0.1
"""Share of the clips that are learnt as guidance's unconditional half, without photo, region, identity and
speech at once, as sampling needs it (Ho & Salimans 2022, p_uncond). Hallo drops photo and speech each for
itself, one time in 20, and never region and identity."""
STEPS = 1000
"""Of the schedule in training (Stable Diffusion, Hallo)."""


@dataclass(frozen=True)
class Film:
    """A filmed face.

    face:    its photo
    speech:  features (t window layers width), a row for each frame
    latents: (t 4 h w) of the frames
    """

    face: Face
    speech: Tensor
    latents: Tensor


@dataclass(frozen=True)
class Denoised:
    """What the losses compare, of a clip of f frames of each film.

    prediction: velocities v (b f 4 h w), float32
    target:     the true ones (Salimans & Ho 2022, appendix D)
    snr:        (b), signal to noise ratio of the step; 0 at the last (Lin et al. 2024)
    valid:      bool (b f), False in what fills up films that are shorter than a clip
    """

    prediction: Tensor
    target: Tensor
    snr: Tensor
    valid: Tensor


def film(face: Face, speech: Tensor, latents: Tensor) -> Film:
    """A film, checked: InputError when its parts are not of one picture and one length."""
    size = tuple(face.image.shape)
    if tuple(latents.shape[1:]) != size or len(latents) != len(speech) or not len(latents):
        raise InputError(
            f"latents: shape ({' '.join(map(str, latents.shape))}) beside {len(speech)} frames of speech",
            f"({len(speech)} {' '.join(map(str, size))}), one frame at least",
            "encode the film's frames at the size of its photo, 25 of them a second",
        )
    return Film(face, speech, latents)


def denoised(
    network: Network, settings: Settings, films: Sequence[Film], seeds: Sequence[int] | Tensor, frames: int
) -> Denoised:
    """A clip of each film, from a random frame on, at a random step; each is calculated by itself.

    frames: of a clip; a shorter film is filled up with its last frame, as the end of a video is.
    All that is drawn follows from the film's seed (see ``pfy_core.trainable.draws``). Rows are paired as
    they belong together, whatever ``tiling`` says: Hallo's code tiles in sampling only.
    """
    shape = (frames, *films[0].latents.shape[1:])
    chances, noises = draws(seeds, (4,), uniform=True, salt=1), draws(seeds, shape, salt=2)
    made = [
        _clip(network, settings, film, drawn.tolist(), noise)
        for film, drawn, noise in zip(films, chances, noises, strict=True)
    ]
    return Denoised(*(torch.stack(parts) for parts in zip(*made, strict=True)))


def _clip(
    network: Network, settings: Settings, film: Film, drawn: Sequence[float], noise: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """prediction, target, snr and valid of a clip; drawn: four numbers from 0 to 1."""
    where, when, first, told = drawn
    weight = network.denoising_unet.conv_in.weight
    frames, start = len(noise), _start(len(film.latents), len(noise), where)
    goes_on = start >= MOTION and first >= FIRST
    # Both halves are calculated for a clip that is learnt untold, so that it is what sampling sees.
    guidance = 1.0 if told >= UNTOLD else 2.0
    ours = replace(settings, guidance=guidance, tiling=False)
    video = Video(network, ours, film.face, 0, weight.device)
    before = film.latents[start - MOTION : start] if goes_on else film.face.image.expand(MOTION, -1, -1, -1)
    conditions = video.conditions(_filled(film.speech, start, frames), video.motion(before))

    clean, noise = _filled(film.latents, start, frames).to(weight.device), noise.to(weight.device)
    sampler, step = schedule(STEPS), int(when * STEPS)
    at = torch.tensor([step])
    noisy, target = sampler.add_noise(clean, noise, at), sampler.get_velocity(clean, noise, at)
    given = noisy.to(weight.dtype).repeat(conditions.batch, 1, 1, 1)
    prediction = network.denoising_unet(given, step, conditions).float()[:frames]
    signal = sampler.alphas_cumprod[step].to(weight.device)
    valid = torch.arange(start, start + frames, device=weight.device) < len(film.latents)
    return prediction, target, signal / (1 - signal), valid


def _start(count: int, frames: int, where: float) -> int:
    """The first frame of a clip: any that has a clip behind and motion frames before it, else a film's."""
    places = count - frames - MOTION + 1
    return MOTION + int(where * places) if places > 0 else 0


def _filled(rows: Tensor, start: int, frames: int) -> Tensor:
    """Rows (t ...) from ``start`` on, as many as frames; the last one fills up."""
    part = rows[start : start + frames]
    return torch.cat([part, part[-1:].expand(frames - len(part), *part.shape[1:])])
