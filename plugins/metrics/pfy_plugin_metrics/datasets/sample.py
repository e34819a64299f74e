"""What a dataset gives for an item, and what it knows of one before it is opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from pfy_core import Port

VOICE_RATE = 24_000
"""Hz of a reference voice: what voice cloning models take; the harness resamples it for those that do not."""

Photo = Annotated[np.ndarray, Port("image.rgb", "h w 3", dtype="uint8")]
Voice = Annotated[np.ndarray, Port("audio.wave", "s", rate=VOICE_RATE, dtype="float32")]


@dataclass(frozen=True)
class Sample:
    """A clip to make again.

    name: unique in the dataset, and the same wherever its folder lies
    identity: who is seen and heard; clips of one identity are no independent samples
    file, start, seconds: the part of an absolute path's video that is to be made again, in seconds
    photo: uint8 (h w 3), what the face looks like
    text: what is said in that part; "" when nobody wrote it down
    voice: float32 (s) at 24 kHz, the same person saying something else where that is possible
    """

    name: Annotated[str, Port("clip.name")]
    identity: Annotated[str, Port("clip.identity")]
    file: Annotated[str, Port("clip.file")]
    start: Annotated[float, Port("clip.start")]
    seconds: Annotated[float, Port("clip.seconds")]
    photo: Photo
    text: Annotated[str, Port("text")]
    voice: Voice


@dataclass(frozen=True)
class Listed:
    """A clip as its dataset lists it, without having opened it.

    problem: why it cannot be used, where that is known already
    voice: a recording of the same voice saying something else, where the dataset has one
    """

    name: str
    identity: str
    file: Path
    problem: str = ""
    voice: Path | None = None
