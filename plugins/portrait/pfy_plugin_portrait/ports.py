"""The ports of this plugin's components, and a question to what arrives at them."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from pfy_core import InputError, Port

Array = NDArray[np.float32]
Bytes = NDArray[np.uint8]

Image = Annotated[Bytes, Port("image.rgb", "h w 3", dtype="uint8", range=(0, 255))]
Landmarks = Annotated[Array, Port("face.landmarks", "478 3", dtype="float32")]
Matte = Annotated[Array, Port("image.matte", "h w", dtype="float32", range=(0, 1))]
Phones = Annotated[list[Any], Port("speech.phones")]
Wave = Annotated[Array, Port("audio.wave", "s", rate=24_000, dtype="float32", range=(-1, 1))]
Motion = Annotated[Array, Port("motion.face", "t 58", rate="fps", dtype="float32")]
MotionOfFilm = Annotated[Array, Port("motion.face", "t 58", rate=25, dtype="float32")]
Frames = Annotated[Bytes, Port("video.frames", "t height width _", rate="fps", dtype="uint8", range=(0, 255))]
Clip = Annotated[Bytes, Port("video.frames", "t h w 3", rate=25, dtype="uint8", range=(0, 255))]
Track = Annotated[Array, Port("face.track", "t 478 3", rate=25, dtype="float32")]


def require_finite(name: str, values: Any) -> None:
    """Raise InputError for numbers that would end as any colour or place."""
    wrong = values.size - int(np.isfinite(values).sum())
    if wrong:
        raise InputError(
            f"{name} ({' '.join(map(str, values.shape))}) with {wrong} values that are not finite",
            "finite numbers",
        )
