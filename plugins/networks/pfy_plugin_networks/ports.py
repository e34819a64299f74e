"""The ports of this plugin's components."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from pfy_core import Port

FPS = 25
"""Frames a second: every clip is decoded once to it."""

Frames = Annotated[NDArray[np.uint8], Port("video.frames", "t h w 3", rate=FPS, dtype="uint8")]
Wave = Annotated[NDArray[np.float32], Port("audio.wave", "s", rate=16_000, dtype="float32", range=(-1, 1))]
InceptionFeatures = Annotated[NDArray[np.float32], Port("features.inception-2015", "n 2048", dtype="float32")]
LiteFeatures = Annotated[NDArray[np.float32], Port("features.efficientnet-lite0", "n 1280", dtype="float32")]
I3DFeatures = Annotated[NDArray[np.float32], Port("features.i3d-400", "n 400", dtype="float32")]
VGGishFeatures = Annotated[NDArray[np.float32], Port("features.vggish", "n 128", dtype="float32")]
RandomFeatures = Annotated[NDArray[np.float32], Port("features.random", "n d", dtype="float32")]
