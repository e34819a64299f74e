"""``extractor/random-video`` and ``extractor/random-sound``: the same networks without anything learnt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal

from torch import nn

from pfy_core import Extractor
from pfy_core.options import choice
from pfy_plugin_networks import efficientnet, i3d, inception, pictures, vggish
from pfy_plugin_networks.loading import untrained
from pfy_plugin_networks.mel import FadProtocol
from pfy_plugin_networks.passes import WINDOW, Patches, Rows, Windows
from pfy_plugin_networks.ports import Frames, RandomFeatures, Wave

PICTURES: dict[str, tuple[Callable[[], nn.Module], pictures.Prepare, int, int]] = {
    "efficientnet-lite0": (
        efficientnet.EfficientNetLite0,
        pictures.bicubic,
        efficientnet.SIDE,
        efficientnet.FEATURES,
    ),
    "inception-2015": (inception.Inception, pictures.pt_bilinear, inception.SIDE, inception.FEATURES),
}
"""The networks for single frames: how they are made and fed, pixels of a side, and number of features."""
VideoNetwork = Literal["efficientnet-lite0", "inception-2015", "i3d-400"]
HIDDEN = 64
"""Width of the layers that hold nearly all of VGGish's parameters, which nothing is gained by drawing."""


class RandomVideo(Extractor, name="random-video"):
    """Frames to the features of a network with random parameters: to try a suite out without any weights.

    Its features have a kind of their own, so that nobody takes a distance of them for FID or FVD.

    network: ``efficientnet-lite0`` and ``inception-2015`` (as pytorch-fid feeds it) give a row for a frame,
        ``i3d-400`` one for 16 frames.
    init_seed: of the parameters; the same on every machine.
    every: frames from one that is looked at to the next; for ``i3d-400`` from window to window.
    batch: frames or windows that the network sees at once; the features are the same to rounding.
    device: "cpu", "cuda:0" ...

    Raises InputError for a clip without a frame, or a window, and for an option out of range.
    """

    def __init__(
        self,
        *,
        network: VideoNetwork = "efficientnet-lite0",
        init_seed: int = 0,
        every: int = WINDOW,
        batch: int = 1,
        device: str = "cpu",
    ) -> None:
        choice("network", network, VideoNetwork)
        self._features: Any
        made: Callable[[], nn.Module]
        if network == "i3d-400":
            windows = Windows(0, every, 0, batch, device)
            self._features, made, place = windows, i3d.I3D, windows.device
        else:
            made, prepare, side, width = PICTURES[network]
            rows = Rows(prepare, side, every, batch, device)
            self._features, place = partial(rows, width=width), rows.device
        self.network = untrained(made, init_seed, place)

    def __call__(self, frames: Iterator[Frames]) -> RandomFeatures:
        """Frames (t h w 3) uint8, in chunks -> features (n d)."""
        return self._features(self.network, frames)


class RandomSound(Extractor, name="random-sound"):
    """Recordings to the features of a VGGish with random parameters: to try a suite out without any weights.

    Its features have a kind of their own, so that nobody takes a distance of them for FAD. Its inner layers
    are 64 wide, and not 4096.

    init_seed: of the parameters; the same on every machine.
    protocol: how the recording is cut, see ``extractor/vggish``.
    batch: patches that the network sees at once; the features are the same to rounding.
    device: "cpu", "cuda:0" ...

    Raises InputError for a recording that is shorter than a patch or not finite, or an option out of range.
    """

    def __init__(
        self,
        *,
        init_seed: int = 0,
        protocol: FadProtocol = "fad/google-1s-0.5s",
        batch: int = 16,
        device: str = "cpu",
    ) -> None:
        self._patches = Patches(protocol, batch, device)
        self.network = untrained(partial(vggish.VGGish, HIDDEN), init_seed, self._patches.device)

    def __call__(self, wave: Wave) -> RandomFeatures:
        """A recording (s) at 16 kHz -> features (n 128), a row for each patch."""
        return self._patches(self.network, wave)
