"""The ports of ``decoder/gpt2-hifi``."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pfy_core import Port

WIDTH = 512
"""Features of a token in the paper's latent space (supplement, Table 1)."""
RATE = 24_000

Ids = Annotated[list[NDArray[Any]], Port("tokens.text")]
Latents = Annotated[Tensor, Port("latent.audio", "t_audio 512")]
Wave = Annotated[NDArray[np.float32], Port("audio.wave", "s", rate=RATE, dtype="float32", range=(-1, 1))]
