"""``extractor/inception-2015`` and ``extractor/efficientnet-lite0``: a row of features for each frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pfy_core import Extractor, Weights
from pfy_core.options import choice
from pfy_plugin_networks import efficientnet, inception, pictures
from pfy_plugin_networks.loading import published
from pfy_plugin_networks.passes import Rows
from pfy_plugin_networks.pictures import FidProtocol
from pfy_plugin_networks.ports import Frames, InceptionFeatures, LiteFeatures

LiteProtocol = Literal["lite0/bicubic"]


class InceptionExtractor(Extractor, name="inception-2015"):
    """Frames to the 2048 features that the Fréchet inception distance (FID) is defined by.

    weights: ``inception/2015-12-05``, or the path of a file with the same keys, which makes it no FID.
    protocol: how frames come to 299 pixels a side: ``fid/pt-bilinear`` as pytorch-fid, ``fid/tf-compat`` as
        torch-fidelity and TensorFlow 1, ``fid/clean`` as clean-fid. Distances differ with it by percents.
    every: of so many frames one is looked at; neighbours are alike, and a clip counts by its rows.
    batch: frames that the network sees at once; the features are the same to rounding.
    device: "cpu", "cuda:0" ...

    Raises InputError for a clip without a frame or an option out of range, WeightsError for weights that are
    absent or do not fit. Heusel et al., arXiv 1706.08500.
    """

    def __init__(
        self,
        *,
        weights: Weights = "inception/2015-12-05",
        protocol: FidProtocol = "fid/pt-bilinear",
        every: int = 1,
        batch: int = 8,
        device: str = "cpu",
    ) -> None:
        prepare = pictures.FID[choice("protocol", protocol, FidProtocol)]
        self._rows = Rows(prepare, inception.SIDE, every, batch, device)
        self.network = published(inception.Inception, weights, self._rows.device)

    def __call__(self, frames: Iterator[Frames]) -> InceptionFeatures:
        """Frames (t h w 3) uint8, in chunks -> features (n 2048), n = ceil(t / every)."""
        return self._rows(self.network, frames, inception.FEATURES)


class LiteExtractor(Extractor, name="efficientnet-lite0"):
    """Frames to the 1280 features of EfficientNet-Lite0: for distances of pictures that need no download.

    A Fréchet distance of them is no FID, and is not to be compared with one. The weights come in a wheel
    whose licence field says UNKNOWN.

    weights: ``efficientnet-lite0/imagenet``, or the path of a file with the same keys.
    protocol: ``lite0/bicubic``: the whole frame to 224 pixels a side, bicubically, and scaled as the network
        was trained.
    every: of so many frames one is looked at; neighbours are alike, and a clip counts by its rows.
    batch: frames that the network sees at once; the features are the same to rounding.
    device: "cpu", "cuda:0" ...

    Raises InputError for a clip without a frame or an option out of range, WeightsError for weights that are
    absent or do not fit. Tan and Le, arXiv 1905.11946.
    """

    def __init__(
        self,
        *,
        weights: Weights = "efficientnet-lite0/imagenet",
        protocol: LiteProtocol = "lite0/bicubic",
        every: int = 1,
        batch: int = 8,
        device: str = "cpu",
    ) -> None:
        choice("protocol", protocol, LiteProtocol)
        self._rows = Rows(pictures.bicubic, efficientnet.SIDE, every, batch, device)
        self.network = published(efficientnet.EfficientNetLite0, weights, self._rows.device)

    def __call__(self, frames: Iterator[Frames]) -> LiteFeatures:
        """Frames (t h w 3) uint8, in chunks -> features (n 1280), n = ceil(t / every)."""
        return self._rows(self.network, frames, efficientnet.FEATURES)
