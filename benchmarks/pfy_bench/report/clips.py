"""Which clips to look at, and how they come into the page."""

from __future__ import annotations

import base64
import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from pfy_bench import differences

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pfy_bench.comparing import Place
    from pfy_bench.records import Item
    from pfy_bench.statistics import Floats
    from pfy_bench.tables import Column

TYPES = {".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime"}
"""What a browser is told of a file."""


@dataclass(frozen=True)
class Ranked:
    """A clip, and which share of its row's clips it is worse than, on the mean over the measures."""

    item: Item
    rank: float


def ranked(place: Place, columns: Sequence[Column]) -> list[Ranked]:
    """A row's clips from worst to best, by the mean of their ranks in the measures of clips.

    Measures that missed the negative controls do not count.
    """
    used = [c.measure for c in columns if c.measure.over == "clip" and c.calibrated is not False]
    items = [item for item in place.items if item.made]
    losses = np.array([[differences.loss(measure, item) for item in items] for measure in used])
    if not losses.size:
        return []
    shares = np.full(losses.shape, math.nan)
    for row, values in zip(shares, losses, strict=True):
        known = np.isfinite(values)
        if known.sum() > 1:
            row[known] = _ranks(values[known])
    found = [
        Ranked(item, float(np.nanmean(column)))
        for item, column in zip(items, shares.T, strict=True)
        if np.isfinite(column).any()
    ]
    return sorted(found, key=lambda each: (-each.rank, each.item.item))


def _ranks(values: Floats) -> Floats:
    """From 0 for the least to 1 for the greatest; equal values share their mean."""
    below = (values[:, None] > values).sum(axis=1)
    equal = (values[:, None] == values).sum(axis=1) - 1
    ranks: Floats = (below + equal / 2) / (len(values) - 1)
    return ranks


class Embedding:
    """Videos put into the page until it is as large as ``limit`` bytes; then they are links."""

    def __init__(self, page: Path, limit: int) -> None:
        self.folder, self.left = page.parent, limit
        self.linked = 0

    def source(self, file: Path) -> str | None:
        """A data URI of ``file`` or its path from the page; None where it is not there."""
        try:
            size = file.stat().st_size * 4 // 3
            if size <= self.left:
                packed = base64.b64encode(file.read_bytes()).decode()
                self.left -= len(packed)
                return f"data:{TYPES.get(file.suffix.lower(), 'video/mp4')};base64,{packed}"
        except OSError:
            return None
        self.linked += 1
        try:
            return quote(os.path.relpath(file.resolve(), self.folder.resolve()).replace(os.sep, "/"))
        except ValueError:  # another drive
            return file.resolve().as_uri()
