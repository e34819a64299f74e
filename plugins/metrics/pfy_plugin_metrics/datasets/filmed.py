"""Datasets of videos in files: the part to be made again, its words, a photo and a voice from elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from math import sqrt
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pfy_core import Dataset, InputError, Item, note
from pfy_core.media import audio, clip, video
from pfy_plugin_metrics.datasets.photo import best
from pfy_plugin_metrics.datasets.sample import VOICE_RATE, Listed, Sample
from pfy_plugin_metrics.datasets.transcript import beside

Source = Literal["first", "best"]
"""Which frame is the photo: the first of the part, or the most frontal one with open eyes."""

SECONDS = 8.0
"""Length of the part that is made again."""
VOICE_LEAST, VOICE_MOST = 3.0, 10.0
"""Seconds of a reference voice: what cloning models ask for at least, and gain nothing beyond."""
OTHERS = 8
"""Clips of the same person that are looked at for a voice."""
SILENT = 1e-3
"""Root mean square, -60 dB, under which nobody speaks."""


class Filmed(Dataset):
    """Clips in files; what reads a certain layout lists them.

    A clip without picture or sound, or that cannot be read, is an InputError when it is asked for.
    """

    def __init__(self, listed: Sequence[Listed], seconds: float, source: Source) -> None:
        if not 0 < seconds <= clip.LONGEST:
            raise InputError(f"{self.id}: seconds {seconds:g}", f"more than 0, at most {clip.LONGEST:g}")
        self._listed, self._seconds, self._source = listed, seconds, source
        self._of = defaultdict[str, list[int]](list)
        for number, one in enumerate(listed):
            self._of[one.identity].append(number)

    def __len__(self) -> int:
        return len(self._listed)

    def __call__(self, item: Item) -> Sample:
        """item, 0 to len(self) - 1 -> its clip."""
        listed = self._listed[self.checked(item)]
        if listed.problem:
            raise InputError(f"{listed.name}: {listed.problem}", "a clip that is there")
        length = _length(listed.file)
        text, end = beside(listed.file, min(self._seconds, length), length)
        photo = best(listed.file, end) if self._source == "best" else _first(listed.file)
        voice = self._voice(item, end, length)
        return Sample(listed.name, listed.identity, str(listed.file.resolve()), 0.0, end, photo, text, voice)

    def _voice(self, item: int, end: float, length: float) -> NDArray[np.float32]:
        """What the same person says behind the part, in another clip, or else in the part itself."""
        listed = self._listed[item]
        if listed.voice is not None:
            return audio.load(listed.voice, VOICE_RATE)
        own = [(listed.file, end, length - end)] if length - end >= VOICE_LEAST else []
        for file, start, seconds in [*own, *islice(self._elsewhere(item), OTHERS)]:
            heard = _spoken(file, start, min(seconds, VOICE_MOST))
            if heard is not None:
                return heard
        heard = _spoken(listed.file, 0.0, min(end, VOICE_MOST))
        if heard is None:
            raise InputError(f"{listed.name}: {listed.file} is silent", "a clip in which somebody speaks")
        note(f"{listed.name}: the reference voice is of the clip itself, {listed.identity} has no other")
        return heard

    def _elsewhere(self, item: int) -> Iterator[tuple[Path, float, float]]:
        """(file, start, seconds) of the same person's other clips, if long enough, the next one first."""
        others = self._of[self._listed[item].identity]
        place = others.index(item)
        for number in others[place + 1 :] + others[:place]:
            other = self._listed[number]
            if other.problem:
                continue
            try:
                length = _length(other.file)
            except InputError:
                continue  # that is said of it when it is its turn
            if length >= VOICE_LEAST:
                yield other.file, 0.0, length


def _length(file: Path) -> float:
    """Seconds of a video with sound; InputError for what is none."""
    about = video.probe(file)
    if "video" not in about or "audio" not in about:
        missing = "sound" if "video" in about else "picture"
        raise InputError(f"{file} has no {missing}", "a video of somebody who speaks")
    length = float(about["video"]["duration"] or about.get("duration", 0))
    if not length > 0:
        raise InputError(f"{file} does not say how long it is", "a whole video", "save it again as mp4")
    return length


def _first(file: Path) -> NDArray[np.uint8]:
    return next(clip.frames(file, seconds=1 / clip.FPS))


def _spoken(file: Path, start: float, seconds: float) -> NDArray[np.float32] | None:
    """Sound at VOICE_RATE, or None where nobody speaks."""
    wave = clip.wave(file, rate=VOICE_RATE, start=start, seconds=seconds)
    loud = wave is not None and len(wave) > 0 and sqrt(float(np.mean(np.square(wave)))) > SILENT
    return wave if loud else None
