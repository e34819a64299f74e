"""The ports of this plugin's components."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from pfy_core import Port

RATE = 16_000
"""Hz; every clip is decoded once to it, and each protocol resamples from there as it says."""
FRAME_RATE = 25
"""Frames a second that every clip is decoded to."""

Made = Annotated[np.ndarray, Port("audio.wave", "s", rate=RATE, dtype="float32")]
Reference = Annotated[np.ndarray, Port("audio.wave", "n", rate=RATE, dtype="float32")]
Face = Annotated[np.ndarray, Port("face.track", "t 478 3", rate=FRAME_RATE, dtype="float32")]
RealFace = Annotated[np.ndarray, Port("face.track", "n 478 3", rate=FRAME_RATE, dtype="float32")]
Clip = Annotated[np.ndarray, Port("video.frames", "t h w 3", rate=FRAME_RATE, dtype="uint8", range=(0, 255))]
Photo = Annotated[np.ndarray, Port("image.rgb", "h w 3", dtype="uint8", range=(0, 255))]
Landmarks = Annotated[np.ndarray, Port("face.landmarks", "478 3", dtype="float32")]
Phones = Annotated[list[Any], Port("speech.phones")]
Words = Annotated[str, Port("text")]
Opinion = Annotated[np.ndarray, Port("speech.quality", "3", dtype="float32", range=(0, 5))]
Speaker = Annotated[np.ndarray, Port("embedding.speaker", "256", dtype="float32", range=(-1, 1))]
DlibFaces = Annotated[np.ndarray, Port("embedding.face", "compared 128", dtype="float32")]
PhotoFace = Annotated[np.ndarray, Port("embedding.face", "1 128", dtype="float32")]
Faces = Annotated[np.ndarray, Port("embedding.face", "compared d", dtype="float32")]
OtherFaces = Annotated[np.ndarray, Port("embedding.face", "known d", dtype="float32")]
Features = Annotated[np.ndarray, Port("features", "n d")]
OtherFeatures = Annotated[np.ndarray, Port("features", "m d")]
Tracks = Annotated[np.ndarray, Port("motion.tracks", "n t y x 2")]
MotionFeatures = Annotated[np.ndarray, Port("features.motion", "n d", dtype="float64")]
Frames = Annotated[np.ndarray, Port("video.frames", "f h w 3", rate=25, dtype="uint8")]
Distances = Annotated[np.ndarray, Port("sync.distances", "windows 31", dtype="float32")]
