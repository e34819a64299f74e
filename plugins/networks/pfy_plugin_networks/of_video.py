"""``extractor/i3d-400``: a row of features for each window of a clip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pfy_core import Extractor, Weights
from pfy_core.options import choice
from pfy_plugin_networks import i3d
from pfy_plugin_networks.loading import published
from pfy_plugin_networks.passes import WINDOW, Windows
from pfy_plugin_networks.ports import Frames, I3DFeatures

FvdProtocol = Literal["fvd/i3d-400-logits-16f"]


class I3DExtractor(Extractor, name="i3d-400"):
    """Clips to the 400 logits of I3D that the Fréchet video distance (FVD) is defined by.

    weights: ``i3d/kinetics-400``, or the path of a file with the same keys, which makes it no FVD.
    protocol: ``fvd/i3d-400-logits-16f``: windows of 16 frames, resized to 224 pixels a side as cd-fvd does.
    start: frames at the beginning of a clip that are passed over.
    stride: frames from the beginning of a window to that of the next.
    windows: how many of a clip are taken, from the front; 0 takes all that fit. Published protocols take 1.
    batch: windows that the network sees at once; the features are the same to rounding.
    device: "cpu", "cuda:0" ...

    Raises InputError for a clip that no window fits in or an option out of range, WeightsError for weights
    that are absent or do not fit. Unterthiner et al., arXiv 1812.01717.
    """

    def __init__(
        self,
        *,
        weights: Weights = "i3d/kinetics-400",
        protocol: FvdProtocol = "fvd/i3d-400-logits-16f",
        start: int = 0,
        stride: int = WINDOW,
        windows: int = 0,
        batch: int = 1,
        device: str = "cpu",
    ) -> None:
        choice("protocol", protocol, FvdProtocol)
        self._windows = Windows(start, stride, windows, batch, device)
        self.network = published(i3d.I3D, weights, self._windows.device)

    def __call__(self, frames: Iterator[Frames]) -> I3DFeatures:
        """Frames (t h w 3) uint8, in chunks -> features (n 400), a row for each window."""
        return self._windows(self.network, frames)
