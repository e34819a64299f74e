"""``dataset/shards``: the clips of a corpus, their motion known, for the benchmark harness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from pfy_core import Dataset, InputError, Item, Port
from pfy_plugin_data.layout import FPS, RATE
from pfy_plugin_data.shards import Shards


@dataclass(frozen=True)
class Known:
    """A clip of a corpus.

    name: its key, unique in the corpus
    identity: who speaks; clips of one voice are no independent samples
    text: what is said; "" where nobody wrote it down
    wave: float32 (s) at 16 kHz, 640 samples for each row of ``motion``
    photo: uint8 (h w 3), the reference image, and ``landmarks`` float32 (478 3) of the face in it
    motion: float32 (t 58) at 25 frames a second: exact where it was made, measured where it was filmed
    phones: list[Phone], what is spoken when; None where that is not known
    """

    name: Annotated[str, Port("clip.name")]
    identity: Annotated[str, Port("clip.identity")]
    text: Annotated[str, Port("text")]
    wave: Annotated[np.ndarray, Port("audio.wave", "s", rate=RATE, dtype="float32", range=(-1, 1))]
    photo: Annotated[np.ndarray, Port("image.rgb", "h w 3", dtype="uint8", range=(0, 255))]
    landmarks: Annotated[np.ndarray, Port("face.landmarks", "478 3", dtype="float32")]
    motion: Annotated[np.ndarray, Port("motion.face", "t 58", rate=FPS, dtype="float32")]
    phones: Annotated[list[Any], Port("speech.phones")] | None


class ShardClips(Dataset, name="shards"):
    """The clips of a split of a corpus that ``pfy data synth`` or ``pfy data prepare`` made.

    folder: of its shards, such as CORPUS/test
    clips: how many, the first ones; 0 for all

    Raises InputError for a folder without shards and for shards that cannot be read, by their names.
    """

    def __init__(self, *, folder: str, clips: int = 0) -> None:
        if clips < 0:
            raise InputError(f"{self.id}: {clips} clips", "0 for all, or how many")
        self._shards = Shards([folder])
        self._clips = min(clips or len(self._shards), len(self._shards))

    def __len__(self) -> int:
        return self._clips

    def __call__(self, item: Item) -> Known:
        """item, 0 to len(self) - 1 -> its clip."""
        sample = self._shards[self.checked(item)]
        return Known(
            sample.key,
            sample.voice,
            sample.text,
            sample.wave,
            sample.image,
            sample.landmarks,
            sample.motion,
            sample.phones,
        )
