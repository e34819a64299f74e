"""VGGish: the network of the Fréchet audio distance, and the patches of spectrum that it takes.

Hershey et al., arXiv 1609.09430; the distance: Kilgour et al., arXiv 1812.08466. The features are the 128
numbers before the last activation, without the principal components and the quantisation of AudioSet.
Keys are those of ``vggish-10086976.pth``.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

FRAMES, BANDS = 96, 64
"""Rows and mel bands of a patch (``vggish_params.py``)."""
FEATURES = 128
CHANNELS = ((64,), (128,), (256, 256), (512, 512))
"""Of the convolutions; maxima of 2 by 2 follow each group."""
HIDDEN = 4096
"""Of the two layers between the convolutions and the features."""


class VGGish(nn.Module):
    """Patches of the log-mel spectrum to 128 numbers each.

    hidden: the width of the fully connected layers, other than in the published network for one that is
        not trained.
    """

    def __init__(self, hidden: int = HIDDEN) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        taken = 1
        for group in CHANNELS:
            for given in group:
                layers += [nn.Conv2d(taken, given, 3, padding=1), nn.ReLU()]
                taken = given
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        shrunk = 2 ** len(CHANNELS)
        sizes = (taken * (FRAMES // shrunk) * (BANDS // shrunk), hidden, hidden, FEATURES)
        linear = [(nn.Linear(before, after), nn.ReLU()) for before, after in pairwise(sizes)]
        self.embeddings = nn.Sequential(*[layer for pair in linear for layer in pair][:-1])

    def forward(self, patches: Tensor) -> Tensor:
        """Patches (n 96 64) -> features (n 128)."""
        made = self.features(patches[:, None])
        # TensorFlow keeps channels last, and the fully connected layer is learnt in that order.
        return self.embeddings(made.permute(0, 2, 3, 1).flatten(1))
