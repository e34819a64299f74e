"""Faces that do what they are told: landmarks as ``extractor/face-track`` gives them."""

from __future__ import annotations

import numpy as np

from pfy_core.kinds import Phone
from pfy_core.testing import faces

FPS, SIDES = 25, (192, 192)
IOD = float(np.linalg.norm(np.subtract(*faces.landmarks(*SIDES)[[33, 263], :2])))


def face(gap=0.05, moves=0.0, frames=None):
    """A face (t 478 3): the gap of the lips (t) in iod, the head moved to the right by (t) pixels."""
    gap, moves = np.broadcast_arrays(gap, moves)
    count = frames or len(gap)
    points = np.repeat(faces.landmarks(*SIDES)[None], count, axis=0)
    middle = points[0, [13, 14]].mean(0)
    points[:, 13], points[:, 14] = middle, middle
    points[:, 14, 1] += gap * IOD
    points[..., 0] += np.broadcast_to(moves, count)[:, None]
    return points


def spoken(symbols, each=0.16, start=0.4):
    """Silence, then sounds of equal length, then silence."""
    found = [Phone("", 0, start)]
    for symbol in symbols:
        found.append(Phone(symbol, found[-1].end, found[-1].end + each))
    return [*found, Phone("", found[-1].end, found[-1].end + start)]


def times(seconds):
    """Seconds (t) at the middle of the frames."""
    return (np.arange(round(seconds * FPS)) + 0.5) / FPS


def saying(phones, openings, late=0.0):
    """Gaps (t) in iod of lips that open for each sound as they are told, ``late`` seconds after it."""
    fine = np.arange(0, phones[-1].end, 0.002)
    wanted = np.zeros(len(fine))
    for phone in phones:
        wanted[(fine >= phone.start + late) & (fine < phone.end + late)] = openings.get(phone.symbol, 0.0)
    smooth = np.convolve(wanted, np.hanning(20) / np.hanning(20).sum(), "same")
    return np.interp(times(phones[-1].end), fine, smooth)
