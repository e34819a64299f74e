"""Contact sheets: a clip at a glance, chosen so that faults show.

The photo and whole frames; the face; the mouth from closed to widest; the deepest blink frame by frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pfy_core.media import video
from pfy_plugin_metrics import eyes, lips

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from pfy_bench.portrait.clip import Clip
    from pfy_plugin_metrics.track import Track

    Picture = NDArray[np.uint8]

WIDTH = 1600
OPENINGS = (0.02, 0.3, 0.55, 0.7, 0.85, 0.95, 0.99, 1.0)
"""Quantiles of the aperture that are shown."""
FACE, MOUTH, EYES = (1.15, 1.15), (0.5, 0.42), (0.75, 0.33)
"""Half width and height of the views in iod."""


def sheet(clip: Clip, path: Path) -> Picture:
    """The contact sheet (h WIDTH 3) of a measured clip, its video read again from ``path``."""
    track = clip.track
    order = np.argsort(lips.aperture(track.points, track.iod))
    wide = [int(order[round(q * (len(order) - 1))]) for q in OPENINGS]
    closed = eyes.closure(eyes.aspect(track.points)).mean(1)
    blink = np.clip(int(closed.argmax()) + np.arange(-3, 5), 0, len(closed) - 1).tolist()
    glances = np.linspace(0, len(closed) - 1, 6).astype(int).tolist()
    wanted = {*wide, *blink, *glances}
    frames = {n: frame for n, frame in enumerate(video.read(path)) if n in wanted}

    def views(numbers: list[int], middle: Any, half: tuple[float, float]) -> Picture:
        return _row([_view(frames[n], middle(track, n), half, track.iod[n]) for n in numbers])

    rows = [
        _row([clip.photo, *(frames[n] for n in glances[1:])]),
        views([*glances[:2], wide[0], wide[4], wide[7]], _face, FACE),
        views(wide[:4], _mouth, MOUTH),
        views(wide[4:], _mouth, MOUTH),
        views(blink[:4], _eyes, EYES),
        views(blink[4:], _eyes, EYES),
    ]
    return np.vstack(rows)


def _face(track: Track, n: int) -> Any:
    return 0.35 * _eyes(track, n) + 0.65 * track.points[n, 13, :2]


def _eyes(track: Track, n: int) -> Any:
    return track.points[n, [33, 263], :2].mean(0)


def _mouth(track: Track, n: int) -> Any:
    return track.points[n, [78, 308], :2].mean(0) + (0, 0.08 * track.iod[n])


def _view(frame: Picture, middle: Any, half: tuple[float, float], iod: float) -> Picture:
    """A section around a point, half (width, height) in iod, enlarged smoothly."""
    scale = WIDTH / 4 / (2 * half[0] * iod)
    size = (WIDTH // 4, round(WIDTH / 4 * half[1] / half[0]))
    matrix = np.array(
        [[scale, 0, size[0] / 2 - middle[0] * scale], [0, scale, size[1] / 2 - middle[1] * scale]]
    )
    flags = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.warpAffine(frame, matrix, size, flags=flags), np.uint8)


def _row(pictures: list[Picture]) -> Picture:
    """Pictures side by side, WIDTH pixels in all."""
    height = min(WIDTH // len(pictures) * p.shape[0] // p.shape[1] for p in pictures)
    scaled = [
        cv2.resize(p, (max(1, height * p.shape[1] // p.shape[0]), height), interpolation=cv2.INTER_AREA)
        for p in pictures
    ]
    row = np.hstack(scaled)[:, :WIDTH]
    return np.asarray(cv2.copyMakeBorder(row, 0, 4, 0, WIDTH - row.shape[1], cv2.BORDER_CONSTANT), np.uint8)


def save(picture: Picture, file: Path) -> None:
    """Write a picture (h w 3) as PNG."""
    from PIL import Image

    Image.fromarray(picture).save(file)
