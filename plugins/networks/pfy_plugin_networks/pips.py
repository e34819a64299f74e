"""``extractor/point-tracks``: points of a grid, followed by PIPs++ through clips of 16 frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Annotated, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from pfy_core import Extractor, InputError, Port, Weights
from pfy_core.options import choice
from pfy_core.place import Place
from pfy_plugin_networks import batches, pips_network
from pfy_plugin_networks.ports import Frames

FvmdProtocol = Literal["fvmd/reference-1.0.0"]
Tracks = Annotated[NDArray[np.float32], Port("motion.tracks", "n 16 grid grid 2", dtype="float32")]

LENGTH = 16
"""Frames of a clip."""
MARGIN = 8
"""Pixels between the grid and the edges."""


class PointTracks(Extractor, name="point-tracks"):
    """Points of a grid, followed by the network PIPs++ through clips of 16 frames, for FVMD.

    weights: ``pips2/reference``, or the path of a file with the same keys, which makes it no FVMD.
    protocol: ``fvmd/reference-1.0.0``: frames squeezed to a square, the grid 8 pixels from its edges, as the
        package fvmd follows points in folders of frames. Its other options are the defaults below.
    grid: points a side.
    side: pixels of a side of the square, a multiple of 32.
    passes: of the network over each clip.
    stride: frames from the beginning of a clip to that of the next.
    windows: how many clips of a video are taken, from the front; 0 takes all that fit.
    device: "cpu", "cuda:0" ...

    On a CPU a clip takes a minute and more; ``extractor/flow-tracks`` needs neither that nor weights, and is
    no FVMD. Raises InputError for a video that no clip fits in or an option out of range, WeightsError for
    weights that are absent or do not fit. arXiv 2407.16124, 2307.15055.
    """

    def __init__(
        self,
        *,
        weights: Weights = "pips2/reference",
        protocol: FvmdProtocol = "fvmd/reference-1.0.0",
        grid: int = 20,
        side: int = 256,
        passes: int = 16,
        stride: int = 1,
        windows: int = 0,
        device: str = "cpu",
    ) -> None:
        choice("protocol", protocol, FvmdProtocol)
        if side < pips_network.LEAST or side % 32:
            raise InputError(f"side {side}", f"{pips_network.LEAST} and more, a multiple of 32")
        least = {"grid": (grid, 2), "passes": (passes, 1), "stride": (stride, 1), "windows": (windows, 0)}
        for option, (value, fewest) in least.items():
            if value < fewest:
                raise InputError(f"{option} {value}", f"{fewest} and more")
        self._grid, self._side, self._passes = grid, side, passes
        self._stride, self._windows = stride, windows or None
        self._device = Place.named(device, "float32").device
        self.network = pips_network.loaded(weights).to(self._device)
        """The network, a ``torch.nn.Module``."""

    def __call__(self, frames: Iterator[Frames]) -> Tracks:
        """Frames (t h w 3) uint8, in chunks -> tracks (n 16 grid grid 2), pixels of the square, x first."""
        points = grid(self._grid, self._side).to(self._device)
        with torch.inference_mode():
            made = [
                self.network.follow(maps, points, self._passes).cpu().numpy()
                for maps in islice(self._clips(frames), self._windows)
            ]
        if not made:
            raise InputError("a video that no clip fits in", f"{LENGTH} frames and more")
        return np.stack(made).reshape(-1, LENGTH, self._grid, self._grid, 2)

    def _clips(self, chunks: Iterable[Frames]) -> Iterator[Tensor]:
        """The features of every clip's frames (16 128 y x); a frame of many clips is encoded once."""
        held: deque[Tensor] = deque(maxlen=LENGTH)
        for number, frame in enumerate(batches.frames(chunks)):
            if number % self._stride >= LENGTH:  # between two clips
                continue
            picture = Image.fromarray(frame).resize((self._side, self._side), Image.Resampling.BILINEAR)
            pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None]
            held.append(self.network.encode(pixels.to(self._device, torch.float32)))
            first = number - LENGTH + 1
            if first >= 0 and first % self._stride == 0:
                yield torch.cat(list(held))


def grid(count: int, side: int) -> Tensor:
    """Points evenly over a square of so many pixels (count² 2), row by row, x first."""
    along = MARGIN + torch.arange(count) / (count - 1) * (side - 2 * MARGIN)
    rows, columns = torch.meshgrid(along, along, indexing="ij")
    return torch.stack([columns.flatten(), rows.flatten()], dim=1)
