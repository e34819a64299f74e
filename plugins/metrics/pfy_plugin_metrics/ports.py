"""The ports of this plugin's components."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from pfy_core import Port

RATE = 16_000
"""Hz; every clip is decoded once to it, and each protocol resamples from there as it says."""

Made = Annotated[np.ndarray, Port("audio.wave", "s", rate=RATE, dtype="float32")]
Reference = Annotated[np.ndarray, Port("audio.wave", "n", rate=RATE, dtype="float32")]
Features = Annotated[np.ndarray, Port("features", "n d")]
OtherFeatures = Annotated[np.ndarray, Port("features", "m d")]
Tracks = Annotated[np.ndarray, Port("motion.tracks", "n t y x 2")]
MotionFeatures = Annotated[np.ndarray, Port("features.motion", "n d", dtype="float64")]
Frames = Annotated[np.ndarray, Port("video.frames", "f h w 3", rate=25, dtype="uint8")]
Distances = Annotated[np.ndarray, Port("sync.distances", "windows 31", dtype="float32")]
