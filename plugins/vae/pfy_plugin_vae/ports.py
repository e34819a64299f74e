"""The ports of this plugin's components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from torch import Tensor

from pfy_core import Port

Image = Annotated[np.ndarray, Port("image.rgb", "side side 3", dtype="uint8")]
ImageLatent = Annotated[Tensor, Port("latent.image", "4 h w", dtype="float32")]
Tokens = Annotated[Tensor, Port("latent.visual", "t_visual 512", dtype="float32")]
VideoLatents = Annotated[Tensor, Port("latent.image", "t 4 h w", rate="fps")]
Frames = Annotated[np.ndarray, Port("video.frames", "t _ _ 3", rate="fps", dtype="uint8")]


@dataclass(frozen=True)
class Encoded:
    """An image as latents, and as tokens for a fuser.

    latent: (4 h w), scaled, the mean of the posterior; h and w an eighth of ``size``
    tokens: (t_visual 512), a plain reshape of the latents, or of the pixels (see ``layout``)
    """

    latent: ImageLatent
    tokens: Tokens
