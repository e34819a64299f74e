"""The ports of this plugin's component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pfy_core import Port

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

Image = Annotated[Bytes, Port("image.rgb", "h w 3", dtype="uint8", range=(0, 255))]
Mesh = Annotated[Floats, Port("face.landmarks", "478 3", dtype="float32")]
Landmarks = Annotated[Floats, Port("face.landmarks", "points 3", dtype="float32")]
Masks = Annotated[Floats, Port("face.masks", "3 h w", dtype="float32", range=(0, 1))]
Region = Annotated[Floats, Port("face.region", "h w", dtype="float32", range=(0, 1))]
Identity = Annotated[Tensor, Port("latent.identity", "512", dtype="float32")]
Tokens = Annotated[Tensor, Port("latent.visual", "t_face 512")]


@dataclass(frozen=True)
class Face:
    """Where the face is, and whose it is.

    landmarks: (n 3) in pixels: the 478 of the mesh, or 68
    masks:     (3 h w), 0 to 1: the picture around the face, the face without the lips, the lips
    box:       (h w), 1 in a rectangle around the face, else 0
    identity:  (512), not normalised; zeros where no network was named
    tokens:    (t 512), for a fuser: the box in 8 rows (see ``layout``), the identity in one
    """

    landmarks: Landmarks
    masks: Masks
    box: Region
    identity: Identity
    tokens: Tokens
