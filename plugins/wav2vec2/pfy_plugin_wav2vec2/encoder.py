"""``encoder/wav2vec2``: a recording to what is heard at each frame of the video."""

from __future__ import annotations

from typing import Any, Literal

import torch

from pfy_core import Encoder, OptionalWeights, note, recording
from pfy_core.options import choice, within
from pfy_core.place import Dtype, Place
from pfy_plugin_wav2vec2 import hearing, network
from pfy_plugin_wav2vec2.ports import Speech, Wave
from pfy_plugin_wav2vec2.projection import learnt, orthogonal

Size = Literal["full", "tiny"]

REACH = 2
"""Frames before and after each one that it is given with: windows of 5 (Hallo)."""
CONTEXT = 5.0
"""Seconds heard and not kept on either side of a piece of a long recording."""


class Wav2Vec2Encoder(Encoder, name="wav2vec2"):
    """Speech at 16 kHz to what is heard at each frame: all layers of wav2vec 2.0, in windows of 5 frames.

    The features are those that Hallo's audio modules were trained with: the utterance normalised, the
    convolutions' rows interpolated to the frames before the transformer, all of its layers kept. A
    recording of s samples has ceil(s / 16000 * fps) frames.

    weights: ``wav2vec2/base-960h``, or the path of a checkpoint of the base architecture, whose sizes are
        read from its shapes; none: seeded random parameters (``size``, ``init_seed``), for trials.
    projection: path of a learnt projection of the tokens (``weight`` (512 width), safetensors); none: a
        seeded orthogonal one.
    fps: frames a second of the video.
    clip: the recording is filled with silence to a multiple of so many frames, as Hallo does (16, the
        frames of its clips); 1 leaves it as it is. The frames of silence are heard, not given.
    whole: seconds heard at once. A longer recording is heard in pieces of this length, with 5 s of
        context on either side, so that memory and time stay proportional to its length; the features
        then differ a little from those of the whole.
    token_layers: the tokens are the mean of so many last layers, projected to 512.
    neutral: zeros at every frame, whatever is heard: the ablation ``no-wav2vec``.
    device, dtype: "cpu", "cuda:0" ...; float32, bfloat16 or float16. The features are float32.

    Raises InputError for an empty or non-finite recording or an option out of range, WeightsError for
    weights that do not fit.
    """

    def __init__(
        self,
        *,
        weights: OptionalWeights = "",
        projection: OptionalWeights = "",
        size: Size = "full",
        init_seed: int = 0,
        fps: float = 25.0,
        clip: int = 16,
        whole: float = 60.0,
        token_layers: int = 4,
        neutral: bool = False,
        device: str = "cpu",
        dtype: Dtype = "float32",
    ) -> None:
        within("fps", fps, 1.0, 240.0)
        within("clip", clip, 1, 1000)
        within("whole", whole, 1.0, 3600.0)
        self._fps, self._clip, self._whole = fps, clip, whole
        choice("size", size, Size)
        self._neutral, self._place = neutral, Place.named(device, dtype)
        if weights:
            model = network.loaded(weights)
        else:
            model = network.initialised(size, init_seed)
            note("wav2vec2 has no weights: its features are of a random network")
        layers = len(model.encoder.layers)
        within("token_layers", token_layers, 1, layers)
        self._token_layers = token_layers
        self.model = model.to(self._place.device, self._place.dtype).requires_grad_(False)
        width = model.config.hidden_size
        made = learnt(projection, width) if projection else orthogonal(width, init_seed)
        self.projection = made.to(self._place.device)
        """(512 width), what turns the mean of the last layers into tokens."""

    @classmethod
    def parameters(cls, *, weights: str = "", size: str = "full", **_: Any) -> dict[str, int]:
        """The parts of the network and their parameters, without the projection of the tokens."""
        model = network.make(network.BASE if weights else network.SIZES[size], "meta")
        return {name: sum(p.numel() for p in part.parameters()) for name, part in model.named_children()}

    def __call__(self, wave: Wave) -> Speech:
        """wave (s) @ 16 kHz -> features (t 5 layers width) and tokens (t 512), both @ fps."""
        given = torch.from_numpy(recording.checked(wave, hearing.RATE)).to(self._place.device)
        with torch.no_grad():
            heard = hearing.heard(
                self.model, given, self._fps, whole=self._whole, context=CONTEXT, clip=self._clip
            )
        rows, count = heard.float(), hearing.frames(len(given), self._fps)
        if self._neutral:
            rows = torch.zeros_like(rows)
        tokens = rows[:count, -self._token_layers :].mean(dim=1) @ self.projection.T
        return Speech(hearing.windows(rows, count, REACH), tokens.to(self._place.dtype))
