"""A stream of features, however it is cut, as clips of one length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

MOTION = 2
"""Frames before a clip that it goes on from (Hallo, ``n_motion_frames``)."""


def clips(chunks: Iterable[Tensor], frames: int) -> Iterator[tuple[Tensor, int]]:
    """Chunks (t ...) -> clips (frames ...), each with the number of its frames that were given.

    The last one is filled up with its last frame. No more than a clip and a chunk are held.
    """
    held: list[Tensor] = []
    count = 0
    for chunk in chunks:
        held.append(chunk)
        count += len(chunk)
        if count < frames:
            continue
        joined = torch.cat(held)
        whole = count - count % frames
        for start in range(0, whole, frames):
            yield joined[start : start + frames], frames
        held, count = [joined[whole:]], count - whole
    if count:
        joined = torch.cat(held)
        yield torch.cat([joined, joined[-1:].expand(frames - count, *joined.shape[1:])]), count
