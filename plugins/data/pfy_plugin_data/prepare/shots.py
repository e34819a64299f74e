"""Films to stretches of at most ten seconds without a cut, and these to those in which a face is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pfy_plugin_data.layout import FPS

LEAST, MOST = 2.0, 10.0
"""Seconds of a clip: shorter ones say little of how a person moves, longer ones are cut for training."""
WORKING = 960
"""Pixels of the longer side in which faces are followed; ten seconds of that are 390 MB."""
THUMB = (32, 18)
CUT = 27.0
"""Mean difference of two frames, of 255, that is a change of scene: the default of PySceneDetect."""
JUMP = 0.6
"""Interocular distances by which a face moves between frames at most; farther on it is another one."""
OUTER = (33, 263)
"""Outer corners of the eyes (face mesh topology, MediaPipe)."""


@dataclass(frozen=True, eq=False)
class Shot:
    """Frames uint8 (t h w 3), the first of them number ``start`` of the film."""

    frames: NDArray[np.uint8]
    start: int

    @property
    def begin(self) -> float:
        return self.start / FPS


def shots(
    frames: Iterable[NDArray[np.uint8]], until: Callable[[float, float, float], float]
) -> Iterator[Shot]:
    """The shots of a film, from its frames (h w 3) at 25 a second, each as soon as it is over.

    ``until`` says where one from a second on should end that would be longer than MOST, as Words.until.
    Shots of less than LEAST seconds are left out.
    """
    held = np.empty((0, 0, 0, 3), np.uint8)
    before: NDArray[np.float32] | None = None
    start = count = 0
    for number, frame in enumerate(frames):
        small = _scaled(frame, max(frame.shape[:2]) / WORKING)
        thumb = np.asarray(Image.fromarray(small).resize(THUMB, Image.Resampling.BOX), np.float32)
        changed = before is not None and float(np.abs(thumb - before).mean()) > CUT
        if changed or count == len(held) or small.shape != held.shape[1:]:
            if count >= LEAST * FPS:
                yield Shot(held[:count], start)
            # Pages of it that no frame is written to take no memory.
            held, start, count = np.empty((_frames(number, until), *small.shape), np.uint8), number, 0
        held[count] = small
        count, before = count + 1, thumb
    if count >= LEAST * FPS:
        yield Shot(held[:count], start)


def seen(track: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Stretches, as first frame and the one after the last, of at least LEAST seconds in which one face is
    seen: of its landmarks (t 478 3), rows of NaN where there is none."""
    there = np.isfinite(track.sum((1, 2)))
    eyes = track[:, OUTER, :2]
    wide = np.maximum(np.linalg.norm(eyes[:, 0] - eyes[:, 1], axis=1), 1e-6)
    moved = np.greater(np.linalg.norm(np.diff(eyes.mean(1), axis=0), axis=1), JUMP * wide[1:])
    found, begin = [], 0
    for number in range(len(track) + 1):
        over = number == len(track) or not there[number]
        if over or (number > begin and moved[number - 1]):
            if number - begin >= LEAST * FPS:
                found.append((begin, number))
            begin = number + 1 if over else number
    return found


def _frames(start: int, until: Callable[[float, float, float], float]) -> int:
    return max(1, round(until(start / FPS, LEAST, MOST) * FPS) - start)


def _scaled(frame: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    if factor <= 1:
        return frame
    height, width = (max(1, round(side / factor)) for side in frame.shape[:2])
    return np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling.BOX))
