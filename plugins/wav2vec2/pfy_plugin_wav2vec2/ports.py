"""The ports of this plugin's component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pfy_core import Port

Wave = Annotated[NDArray[np.float32], Port("audio.wave", "s", rate=16_000, dtype="float32", range=(-1, 1))]
Features = Annotated[Tensor, Port("latent.speech", "t window layers width", rate="fps", dtype="float32")]
Tokens = Annotated[Tensor, Port("latent.audio", "t_speech 512", rate="fps")]


@dataclass(frozen=True)
class Speech:
    """What is heard at each frame of the video.

    features: (t window layers width), every transformer layer at the frame and its neighbours
    tokens:   (t 512), for a fuser
    """

    features: Features
    tokens: Tokens
