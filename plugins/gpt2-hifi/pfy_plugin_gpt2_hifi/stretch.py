"""Linear interpolation along time, for any part of the result at a time.

The same numbers as ``torch.nn.functional.interpolate(mode="linear", align_corners=False)`` with a
``scale_factor``, several times over, but only the rows asked for are computed. Where the number of rows stays
what it was, because little more than 1 was rounded down, torch copies instead of interpolating; so does this.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor


def length(rows: int, scales: Sequence[float]) -> int:
    """How many rows there are after interpolation by each of the scales: rounded down every time."""
    for scale in scales:
        rows = math.floor(rows * scale)
    return rows


def settled(rows: int, scales: Sequence[float]) -> int:
    """How many rows of the result do not change when more rows follow the first ``rows``."""
    for scale in scales:
        if math.floor(rows * scale) == rows:
            return 0  # copied if no more rows follow, interpolated otherwise
        # Row d lies at (d + 1/2) / scale - 1/2 and needs its neighbours on both sides.
        rows = max(math.floor((rows - 0.5) * scale - 0.5), 0)
    return rows


def stretched(rows: Tensor, scales: Sequence[float], start: int, stop: int) -> Tensor:
    """Rows ``start`` to ``stop`` of (n width) interpolated by each of the scales in turn, float32."""
    if not scales:
        return rows[start:stop].float()
    *before, scale = scales
    count = length(len(rows), before)
    if math.floor(count * scale) == count:
        return stretched(rows, before, start, stop)
    # torch takes the step in float32 and rounds the place once more (a fused multiply-add): far from the
    # start, this shows in the result.
    step = torch.tensor(1 / scale, dtype=torch.float32).double()
    place = (step * (torch.arange(start, stop, dtype=torch.float64) + 0.5) - 0.5).float().clamp(min=0)
    low = place.long().clamp(max=count - 1)
    high = (low + 1).clamp(max=count - 1)
    share = (place - low)[:, None].to(rows.device)
    first, last = int(low[0]), int(high[-1]) + 1
    source = stretched(rows, before, first, last)
    below, above = source[(low - first).to(rows.device)], source[(high - first).to(rows.device)]
    return (1 - share) * below + share * above
