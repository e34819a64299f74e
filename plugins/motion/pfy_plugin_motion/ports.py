"""The ports of this plugin's components."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pfy_core import Port

FRAME_RATE = 25
"""Frames a second of all motion here: that of the corpora, of HDTF and of Hallo."""
RATE = 16_000
SAMPLES = RATE // FRAME_RATE
"""Samples of a frame."""

Wave = Annotated[NDArray[np.float32], Port("audio.wave", "s", rate=RATE, dtype="float32", range=(-1, 1))]
Landmarks = Annotated[NDArray[np.float32], Port("face.landmarks", "478 3", dtype="float32")]
Speech = Annotated[Tensor, Port("latent.audio", "t_speech 512", rate=FRAME_RATE)]
Face = Annotated[Tensor, Port("latent.visual", "n_face 512")]
Audio = Annotated[Tensor, Port("latent.audio", "t 512")]
Visual = Annotated[Tensor, Port("latent.visual", "t_visual 512")]
Motion = Annotated[NDArray[np.float32], Port("motion.face", "t 58", rate=FRAME_RATE, dtype="float32")]
