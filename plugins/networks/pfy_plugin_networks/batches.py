"""Media in pieces of any length, to features in batches of one length: the pieces change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pfy_core import InputError

Frames = NDArray[np.uint8]


def frames(chunks: Iterable[Any], every: int = 1) -> Iterator[Frames]:
    """Single frames (h w 3) of a clip's chunks (t h w 3), of each ``every`` the first.

    Raises InputError for what are no frames of at least a pixel.
    """
    count = 0
    for chunk in chunks:
        shape: tuple[int, ...] = getattr(chunk, "shape", ())
        fits = len(shape) == 4 and shape[3] == 3 and min(shape[1:]) > 0
        if not fits or getattr(chunk, "dtype", None) != np.uint8:
            said = f"{getattr(chunk, 'dtype', type(chunk).__name__)} ({' '.join(map(str, shape))})"
            raise InputError(f"frames: {said}", "(t h w 3) uint8")
        for frame in chunk:
            if count % every == 0:
                yield frame
            count += 1


def grouped(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Items in lists of ``size``, the last one what is left."""
    held: list[Any] = []
    for item in items:
        held.append(item)
        if len(held) == size:
            yield held
            held = []
    if held:
        yield held


def windows(items: Iterable[Any], length: int, step: int, start: int = 0) -> Iterator[list[Any]]:
    """Runs of ``length`` items, one from every ``step``-th on after the first ``start``."""
    held: list[Any] = []
    for index, item in enumerate(items):
        held.append(item)
        first = index + 1 - length - start
        if first >= 0 and first % step == 0:
            yield held[-length:]
        del held[:-length]


def features(
    network: nn.Module, batches: Iterable[Tensor], device: torch.device, width: int
) -> NDArray[np.float32]:
    """Batches of what a network takes -> its features (n width), in order."""
    made = [np.empty((0, width), np.float32)]
    with torch.no_grad():
        made += [network(batch.to(device)).to("cpu", torch.float32).numpy() for batch in batches]
    return np.concatenate(made)
