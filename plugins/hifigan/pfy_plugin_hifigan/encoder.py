"""``encoder/hifigan``: a recording of a voice to conditioning latents and a speaker embedding."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from pfy_core import Encoder, InputError, OptionalWeights, note
from pfy_core.options import choice
from pfy_core.place import Dtype, Place
from pfy_plugin_hifigan import model
from pfy_plugin_hifigan.ports import WIDTH, VoiceTokens, Wave

SILENT = 1e-3
"""Peak (-60 dBFS) under which a recording holds no voice."""
LONGEST = 3600.0
"""Seconds of a recording that options may ask for; more is a slip, and no number of samples."""
Size = Literal["full", "tiny"]
SIZES: dict[str, model.Sizes] = {"full": model.FULL, "tiny": model.TINY}


class HifiGan(Encoder, name="hifigan"):
    """Conditioning latents and speaker embedding of a voice, from an XTTS-v2 checkpoint.

    weights: registered name (``xtts/v2``) or path of ``model.pth`` or safetensors; none: random weights
        from ``init_seed`` (0 to 2**32 - 1) in the given ``size``, for tests.
    heads: attention heads of the conditioning encoder; 0 for one per 64 features, as in XTTS-v2.
    latent_seconds: how much of the recording the latents are taken from, all of it when negative, in
        chunks of ``chunk_seconds``; max_seconds: how much of it is heard at all. The defaults are
        those that the authors of P4Y used (coqui-tts, ``get_conditioning_latents``).
    neutral: zeros, whatever is heard: the ablation ``no-hifigan``.
    device, dtype: "cpu", "cuda:0" ...; float32, bfloat16 or float16. Spectrograms are float32.

    Raises InputError for an option out of range, WeightsError for weights that do not fit.
    """

    def __init__(
        self,
        *,
        weights: OptionalWeights = "",
        init_seed: int = 0,
        size: Size = "full",
        heads: int = 0,
        latent_seconds: float = 6.0,
        chunk_seconds: float = 6.0,
        max_seconds: float = 30.0,
        neutral: bool = False,
        device: str = "cpu",
        dtype: Dtype = "float32",
    ) -> None:
        for option, value in (("chunk_seconds", chunk_seconds), ("max_seconds", max_seconds)):
            if not model.SHORTEST <= value * model.RATE <= LONGEST * model.RATE:
                raise InputError(f"{option} {value:g}", f"0.33 to {LONGEST:g}")
        if not (model.SHORTEST <= latent_seconds * model.RATE <= LONGEST * model.RATE or latent_seconds < 0):
            raise InputError(f"latent_seconds {latent_seconds:g}", f"0.33 to {LONGEST:g}, or -1 for all")
        self._latent_samples = -1 if latent_seconds < 0 else int(latent_seconds * model.RATE)
        self._chunk, self._max = int(chunk_seconds * model.RATE), int(max_seconds * model.RATE)
        choice("size", size, Size)
        self._neutral, self._place = neutral, Place.named(device, dtype)
        if weights:
            made = model.load(weights, heads)
        else:
            note(f"encoder/hifigan has no weights: random ones from init_seed {init_seed} are used")
            made = model.seeded(SIZES[size], init_seed)
        self.model = made.at(self._place.device, self._place.dtype).eval()

    def __call__(self, wave: Wave) -> VoiceTokens:
        """wave (s) at 22,050 Hz -> voice (64 512), speaker (1 512).

        Raises InputError for a recording that is silent, not finite or shorter than a third of a second.
        """
        heard = self._checked(wave)
        with torch.inference_mode():
            samples = heard if self._latent_samples < 0 else heard[: self._latent_samples]
            latents = self.model.latents(samples, self._chunk)
            speaker = self.model.speaker(heard)
        voice, whose = latents.reshape(-1, WIDTH).clone(), speaker[None].clone()
        return VoiceTokens(voice.zero_(), whose.zero_()) if self._neutral else VoiceTokens(voice, whose)

    def _checked(self, wave: Wave) -> Tensor:
        wants, values = "a recording of a voice, 3 to 30 seconds", np.asarray(wave)
        if values.ndim != 1 or values.dtype.kind != "f":
            samples = "mono float samples (s) from -1 to 1 at 22,050 Hz"
            raise InputError(f"wave: {values.dtype} {values.shape}", f"{wants}: {samples}")
        if not np.isfinite(values).all():
            raise InputError(
                "the recording of the voice contains NaN or infinite samples", wants, "export it again"
            )
        if len(values) < model.SHORTEST:
            raise InputError(
                f"the recording of the voice lasts {len(values) / model.RATE:.2f} s", wants, "record more"
            )
        if np.abs(values[: self._max]).max() < SILENT:
            part = f" for its first {self._max / model.RATE:g} s" if len(values) > self._max else ""
            raise InputError(
                f"the recording of the voice is silent{part}", wants, "check the microphone or the file"
            )
        if len(values) > self._max:
            seconds, heard = len(values) / model.RATE, self._max / model.RATE
            note(f"the voice is taken from the first {heard:g} s of the recording's {seconds:.1f} s")
        bounded = np.clip(values[: self._max], -1.0, 1.0).astype(np.float32)
        return torch.from_numpy(bounded).to(self._place.device)
