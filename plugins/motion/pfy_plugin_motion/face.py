"""``encoder/face-tokens``: face landmarks to tokens for a fuser, one for each part of the face."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from pfy_core import Encoder, InputError, OptionalWeights
from pfy_core.place import Dtype, Place
from pfy_plugin_motion import initial
from pfy_plugin_motion.ports import Face, Landmarks
from pfy_plugin_motion.speech import WIDTH

PARTS = {
    "lips": (
        *(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
        *(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191),
    ),
    "right-eye": (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246, 468),
    "left-eye": (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466, 473),
    "right-brow": (46, 53, 52, 65, 55, 70, 63, 105, 66, 107),
    "left-brow": (276, 283, 282, 295, 285, 300, 293, 334, 296, 336),
    "nose": (168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 48, 278),
    "oval": (
        *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152),
        *(148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
    ),
}
"""Landmarks of each part by MediaPipe's numbers; those of the eyes end with the iris's centre."""
CORNERS = (33, 263)
"""The outer corners of the eyes: what is between them is the middle and the unit."""


class FaceNetwork(nn.Module):
    """Landmarks (b 478 3) that are upright and scaled to tokens (b 7 512): a layer for each part."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({name: nn.Linear(3 * len(rows), WIDTH) for name, rows in PARTS.items()})

    def forward(self, points: Tensor) -> Tensor:
        """(b 478 3) -> (b 7 512)."""
        tokens = [self.parts[name](points[:, list(rows)].flatten(1)) for name, rows in PARTS.items()]
        return torch.stack(tokens, dim=1)


class FaceTokensEncoder(Encoder, name="face-tokens"):
    """478 face landmarks to seven tokens: lips, eyes, brows, nose and oval, wherever and however large.

    Landmarks are moved, turned and scaled so that the outer corners of the eyes lie level, one apart.

    weights: ``p4y-motion/landmarks``, or a file that ``pfy train`` wrote; none: seeded ones (``init_seed``).
    neutral: zeros whatever the face: the ablation ``no-landmarks``.
    device, dtype: "cpu", "cuda:0" ...; float32, bfloat16 or float16.

    Raises InputError for landmarks that are not finite or of eyes without distance, WeightsError for weights
    that do not fit.
    """

    def __init__(
        self,
        *,
        weights: OptionalWeights = "",
        init_seed: int = 0,
        neutral: bool = False,
        device: str = "cpu",
        dtype: Dtype = "float32",
    ) -> None:
        self._neutral, self._place = neutral, Place.named(device, dtype)
        self._network = initial.made(FaceNetwork, weights, init_seed, self._place)

    def network(self) -> nn.Module:
        """The layers of the parts."""
        return self._network

    def __call__(self, landmarks: Landmarks) -> Face:
        """landmarks (478 3) in pixels -> tokens (7 512)."""
        if landmarks.shape != (478, 3) or not np.isfinite(landmarks).all():
            raise InputError(
                f"landmarks ({' '.join(map(str, landmarks.shape))})", "478 finite points in three dimensions"
            )
        if np.linalg.norm(landmarks[CORNERS[0]] - landmarks[CORNERS[1]]) < 1e-3:
            raise InputError("landmarks whose eyes' corners are one point", "landmarks of a face in pixels")
        given = torch.from_numpy(np.array(landmarks, np.float32))[None].to(self._place.device)
        with torch.no_grad():
            return self.learn(given)[0]

    def learn(self, landmarks: Tensor) -> Tensor:
        """landmarks (b 478 3) -> tokens (b 7 512)."""
        points = upright(landmarks.float()).to(next(self._network.parameters()).dtype)
        tokens: Tensor = self._network(points)
        return torch.zeros_like(tokens) if self._neutral else tokens


def upright(points: Tensor) -> Tensor:
    """Landmarks (b 478 3) with the middle of the eyes at 0, their corners level and one apart."""
    right, left = points[:, CORNERS[0]], points[:, CORNERS[1]]
    moved = points - ((right + left) / 2)[:, None]
    across = left - right
    x, y = across[:, 0, None], across[:, 1, None]
    length = torch.hypot(x, y)
    turned = torch.stack(
        [
            (x * moved[..., 0] + y * moved[..., 1]) / length,
            (x * moved[..., 1] - y * moved[..., 0]) / length,
            moved[..., 2],
        ],
        dim=-1,
    )
    return turned / length[..., None]
