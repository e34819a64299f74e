"""``encoder/vae`` and ``decoder/vae``: an image to latents, latents to the frames of a video."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import torch

from pfy_core import Decoder, Encoder, InputError, OptionalWeights
from pfy_core.options import choice
from pfy_core.place import Dtype, Place
from pfy_plugin_vae.pixels import frames, pixels
from pfy_plugin_vae.ports import Encoded, Frames, Image, VideoLatents

Size = Literal["full", "tiny"]
Layout = Literal["latent", "released"]
WIDTH = 512
"""Features of a token."""
STEP = 64
"""Sides of images are multiples of it: 8 pixels for a latent, 8 latents for the networks that read them."""
TILE = 512
"""Pixels above which a side is worked on in tiles."""


class VAEEncoder(Encoder, name="vae"):
    """A square image to latents: the mean that Stable Diffusion's autoencoder gives, times 0.18215.

    weights: registered name or path of an autoencoder in diffusers' layout; without: random parameters from
        ``init_seed``, of the ``size``. The widths of a file are read from its shapes.
    image_size: pixels of a side at which the image is encoded, a multiple of 64; latents have an eighth.
    layout: the tokens are the latents' values in rows of 512, or ``released``: those of the pixels, -1 to 1,
        as in the code that the authors of Playing For You released.
    tiling: images of more than 512 pixels in tiles, which takes less memory.
    device, dtype: "cpu", "cuda:0" ...; float32, bfloat16 or float16.

    Raises InputError for an option out of range, WeightsError for weights that do not fit.
    """

    def __init__(
        self,
        *,
        weights: OptionalWeights = "",
        init_seed: int = 0,
        size: Size = "full",
        image_size: int = 512,
        layout: Layout = "latent",
        tiling: bool = True,
        device: str = "cpu",
        dtype: Dtype = "float32",
    ) -> None:
        choice("size", size, Size)
        choice("layout", layout, Layout)
        if image_size < STEP or image_size % STEP:
            raise InputError(f"image_size {image_size}", f"a multiple of {STEP}")
        if layout == "latent" and image_size**2 % (16 * WIDTH):
            raise InputError(
                f"image_size {image_size}: its {image_size**2 // 16} latent values are no whole tokens",
                f"a multiple of 128, or layout 'released' (tokens are {WIDTH} wide)",
            )
        self._image_size, self._layout = image_size, layout
        self.autoencoder = _made(weights, size, init_seed, device, dtype, tiled=tiling and image_size > TILE)
        """The network, a ``torch.nn.Module``; it is not trained here."""

    def __call__(self, image: Image) -> Encoded:
        """An image (h h 3) -> latent (4 h w), tokens (t_visual 512), both float32.

        Raises InputError for what is no square image of at least one pixel.
        """
        from pfy_plugin_vae.autoencoder import encode  # diffusers takes seconds to import

        given = pixels(image, self._image_size)
        latent = encode(self.autoencoder, given[None])[0]
        shown = latent if self._layout == "latent" else given.to(latent.device)
        return Encoded(latent, shown.reshape(-1, WIDTH))


class VAEDecoder(Decoder, name="vae", framewise=True):
    """Latents to frames, as Stable Diffusion's autoencoder decodes them, ``batch`` at a time.

    weights, init_seed, size, tiling, device, dtype: as in ``encoder/vae``.
    batch: frames that are decoded together: more are faster on an accelerator and take more memory.

    Raises InputError for an option out of range, WeightsError for weights that do not fit.
    """

    def __init__(
        self,
        *,
        weights: OptionalWeights = "",
        init_seed: int = 0,
        size: Size = "full",
        batch: int = 1,
        tiling: bool = True,
        device: str = "cpu",
        dtype: Dtype = "float32",
    ) -> None:
        choice("size", size, Size)
        if batch < 1:
            raise InputError(f"batch {batch}", "1 and more")
        self._batch, self._tiling = batch, tiling
        self.autoencoder = _made(weights, size, init_seed, device, dtype, tiled=False)
        """The network, a ``torch.nn.Module``; it is not trained here."""

    def __call__(self, latents: Iterator[VideoLatents]) -> Iterator[Frames]:
        """Chunks of latents (t 4 h w), scaled by 0.18215 -> (t 8h 8w 3) uint8, a chunk for each with frames.

        Raises InputError for latents of another shape, or that are not finite.
        """
        from pfy_plugin_vae.autoencoder import decode

        for chunk in latents:
            _check(chunk)
            if not len(chunk):  # a stream may be cut anywhere
                continue
            if self._tiling and 8 * max(chunk.shape[2:]) > TILE:
                self.autoencoder.enable_tiling()
            images = [frames(decode(self.autoencoder, part)) for part in chunk.split(self._batch)]
            yield np.concatenate(images)


def _check(chunk: Any) -> None:
    if (
        not isinstance(chunk, torch.Tensor)
        or chunk.ndim != 4
        or chunk.shape[1] != 4
        or not min(chunk.shape[2:])
    ):
        shape = " ".join(map(str, getattr(chunk, "shape", [type(chunk).__name__])))
        raise InputError(f"latents: shape ({shape})", "(t 4 h w), h and w at least 1")
    if not bool(chunk.isfinite().all()):
        raise InputError("latents: values that are no numbers (NaN or infinite)", "finite numbers")


def _made(weights: str, size: Size, seed: int, device: str, dtype: Dtype, *, tiled: bool) -> Any:
    from pfy_plugin_vae.autoencoder import make

    return make(weights, size, seed, Place.named(device, dtype), tiled=tiled)
