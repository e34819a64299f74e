"""Linear interpolation along time, for any part of the result at a time.

The same numbers as ``torch.nn.functional.interpolate(mode="linear", align_corners=False)`` with a
``scale_factor``, several times over, but only the rows asked for are computed.
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
        # Row d lies at (d + 1/2) / scale - 1/2 and needs its neighbours on both sides.
        rows = max(math.floor((rows - 0.5) * scale - 0.5), 0)
    return rows


def stretched(rows: Tensor, scales: Sequence[float], start: int, stop: int) -> Tensor:
    """Rows ``start`` to ``stop`` of (n width) interpolated by each of the scales in turn, float32."""
    if not scales:
        return rows[start:stop].float()
    *before, scale = scales
    count = length(len(rows), before)
    wanted = torch.arange(start, stop, device=rows.device, dtype=torch.float32)
    # In float32, as torch computes it: far from the start its rounding shows in the result.
    place = (torch.tensor(1 / scale, dtype=torch.float32) * (wanted + 0.5) - 0.5).clamp(min=0)
    low = place.long().clamp(max=count - 1)
    high = (low + 1).clamp(max=count - 1)
    share = (place - low)[:, None]
    first, last = int(low[0]), int(high[-1]) + 1
    source = stretched(rows, before, first, last)
    return (1 - share) * source[low - first] + share * source[high - first]
