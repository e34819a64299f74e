"""One video: what its clips share, and how one clip after another is sampled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from pfy_plugin_referencenet.conditions import Branch, Conditions, Features
from pfy_plugin_referencenet.network import Network
from pfy_plugin_referencenet.schedule import schedule


@dataclass(frozen=True)
class Settings:
    """How clips are sampled; the defaults are those of Hallo's ``default.yaml``.

    steps:          denoising steps
    guidance:       scale of classifier-free guidance (Ho & Salimans 2022); 1 and less: none
    weights:        of speech in the full, the face and the lip region
    branch:         see ``Branch``
    tiling:         rows of batches are paired as in Hallo, see ``Video``
    offload:        parts of the network are on the device only while they work
    """

    steps: int = 40
    guidance: float = 3.5
    weights: tuple[float, float, float] = (1.0, 1.0, 1.0)
    branch: Branch = "training"
    tiling: bool = True
    offload: bool = False


@dataclass(frozen=True)
class Face:
    """The photo as the network sees it.

    image:    (4 h w), latents, scaled
    region:   (3 8h 8w), 1 in the face's rectangle, else 0
    regions:  full, face and lip masks at four resolutions, each (3 l)
    identity: (identity), of the face, not normalised
    """

    image: Tensor
    region: Tensor
    regions: tuple[Tensor, ...]
    identity: Tensor


class Video:
    """A face, read once, and noise from one generator: clips are sampled one after another.

    The reference network sees the source image once; with each clip it sees only the frames before it.
    Whether gradients are taken is for the caller to say.

    Hallo's code tiles where it should repeat, twice. Its batch of source image and motion
    frames has the rows [image, m1, m2 | image, m1, m2] and gets the identity tokens [u, c, u, c, u, c]: the
    images get their half's, of the motion frames one gets the other's. And the frames of a clip, which should
    read the image of their half, read [u, c, u, c ...] in turn. ``tiling`` keeps both; without it every row
    gets what is its own.
    """

    def __init__(
        self, network: Network, settings: Settings, face: Face, seed: int, device: torch.device
    ) -> None:
        self._network, self._settings, self._device = network, settings, device
        self._dtype = network.denoising_unet.conv_in.weight.dtype
        self._generator = torch.Generator().manual_seed(seed)
        self._kept: dict[nn.Module, Any] = {}
        self.face = Face(
            self._here(face.image),
            self._here(face.region),
            tuple(self._here(level) for level in face.regions),
            self._here(face.identity),
        )
        identity = self.face.identity[None]
        with self._part("imageproj") as project:
            halves = [torch.zeros_like(identity), identity] if settings.guidance > 1 else [identity]
            self._identity = project(torch.cat(halves))
        with self._part("face_locator") as locate:
            self._map = locate(self.face.region[None])
        whose = self._identity if settings.tiling else self._identity[-1:]
        self.reference = self._seen(self.face.image.expand(len(whose), -1, -1, -1), whose)
        """Features of the source image by name of the transformer, each (r l c)."""

    def motion(self, before: Tensor) -> dict[str, Tensor]:
        """Features of the frames before a clip, latents (m 4 h w) -> by name of the transformer (b m l c)."""
        halves, count = len(self._identity), len(before)
        whose = self._identity[self._whose(count)]
        seen = self._seen(self._here(before).repeat(halves, 1, 1, 1), whose)
        return {name: tokens.unflatten(0, (halves, count)) for name, tokens in seen.items()}

    def source(self, count: int) -> dict[str, Tensor]:
        """Features of the source image by name of the transformer (m l c), to be compared with those of the
        conditional half's ``count`` motion frames: each read with the identity that the frame is read with.
        """
        rows = self._whose(count)[-count:] if self._settings.tiling else [-1] * count
        return {name: tokens[rows] for name, tokens in self.reference.items()}

    def _whose(self, count: int) -> list[int]:
        """The row of the identity tokens for each of ``count`` motion frames in each half."""
        halves = len(self._identity)
        rows = [(half, 1 + index) for half in range(halves) for index in range(count)]
        tiled = self._settings.tiling
        return [(half * (count + 1) + row) % halves if tiled else half for half, row in rows]

    def conditions(self, speech: Tensor, motion: Mapping[str, Tensor]) -> Conditions:
        """Under what a clip is made: speech (f window layers width), features of the frames before it."""
        with self._part("audioproj") as project:
            heard = project(self._here(speech))
        return Conditions(
            frames=len(speech),
            features={name: Features(self.reference[name], motion[name]) for name in motion},
            identity=self._identity,
            audio=heard,
            face=self._map,
            regions=self.face.regions,
            weights=self._settings.weights,
            branch=self._settings.branch,
            kept=self._kept,
        )

    def clip(self, speech: Tensor, motion: Mapping[str, Tensor]) -> Tensor:
        """speech (f window layers width), features of the frames before it -> latents (f 4 h w), float32."""
        conditions, settings = self.conditions(speech, motion), self._settings
        latents = self._noise(conditions.frames)
        sampler = schedule(settings.steps)
        with self._part("denoising_unet") as denoise:
            for step in sampler.timesteps.tolist():
                given = latents.to(self._dtype).repeat(conditions.batch, 1, 1, 1)
                velocity = denoise(given, step, conditions).float()
                if conditions.batch > 1:
                    plain, told = velocity.chunk(2)
                    velocity = plain + settings.guidance * (told - plain)
                latents = sampler.step(velocity, step, latents).prev_sample
        return latents

    def _noise(self, frames: int) -> Tensor:
        # In the layout, the dtype and on the device in which Hallo draws, so that a seed gives its noise.
        shape = (1, self.face.image.shape[0], frames, *self.face.image.shape[1:])
        drawn = torch.randn(shape, generator=self._generator, dtype=self._dtype)
        return drawn[0].transpose(0, 1).to(self._device, torch.float32)

    def _seen(self, latents: Tensor, identity: Tensor) -> dict[str, Tensor]:
        with self._part("reference_unet"):
            return self._network.reference_unet.features(latents, identity)

    def _here(self, value: Tensor) -> Tensor:
        return value.to(self._device, self._dtype)

    @contextmanager
    def _part(self, name: str) -> Iterator[nn.Module]:
        """A part of the network, on the device."""
        part = self._network.get_submodule(name)
        if not self._settings.offload:
            yield part
            return
        try:
            yield part.to(self._device)
        finally:
            part.to("cpu")
