"""``extractor/vggish``: a row of features for each patch of a recording."""

from __future__ import annotations

from pfy_core import Extractor, Weights
from pfy_plugin_networks import vggish
from pfy_plugin_networks.loading import published
from pfy_plugin_networks.mel import FadProtocol
from pfy_plugin_networks.passes import Patches
from pfy_plugin_networks.ports import VGGishFeatures, Wave


class VGGishExtractor(Extractor, name="vggish"):
    """Recordings to the 128 features of VGGish that the Fréchet audio distance (FAD) is defined by.

    weights: ``vggish/audioset``, or the path of a file with the same keys, which makes it no FAD.
    protocol: how the recording is cut: ``fad/google-1s-0.5s`` as Google's program, made as loud as it can be
        and a patch every half second; ``fad/torch-0.96s`` as frechet-audio-distance, patches end to end.
    batch: patches that the network sees at once; the features are the same to rounding.
    device: "cpu", "cuda:0" ...

    Raises InputError for a recording that is shorter than a patch or not finite, WeightsError for weights
    that are absent or do not fit. Kilgour et al., arXiv 1812.08466.
    """

    def __init__(
        self,
        *,
        weights: Weights = "vggish/audioset",
        protocol: FadProtocol = "fad/google-1s-0.5s",
        batch: int = 16,
        device: str = "cpu",
    ) -> None:
        self._patches = Patches(protocol, batch, device)
        self.network = published(vggish.VGGish, weights, self._patches.device)

    def __call__(self, wave: Wave) -> VGGishFeatures:
        """A recording (s) at 16 kHz -> features (n 128), a row for each patch."""
        return self._patches(self.network, wave)
