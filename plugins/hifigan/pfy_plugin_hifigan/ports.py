"""The ports of ``encoder/hifigan``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pfy_core import Port

WIDTH = 512
"""Features of a token in the paper's latent space (supplement, Table 1)."""

Wave = Annotated[NDArray[np.float32], Port("audio.wave", "s", rate=22_050, dtype="float32", range=(-1, 1))]
Voice = Annotated[Tensor, Port("latent.audio", "t_voice 512")]
Speaker = Annotated[Tensor, Port("latent.audio", "t_speaker 512")]


@dataclass(frozen=True)
class VoiceTokens:
    """What a recording says of a voice, as tokens.

    voice:   (t_voice 512), the conditioning latents (32 1024) in rows of 512: XTTS-v2's are 64 rows
    speaker: (1 512), the speaker embedding, a unit vector
    """

    voice: Voice
    speaker: Speaker
