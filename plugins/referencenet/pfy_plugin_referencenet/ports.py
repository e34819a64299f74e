"""The ports of this plugin's component."""

from __future__ import annotations

from typing import Annotated, Any

from torch import Tensor

from pfy_core import Port

ImageLatent = Annotated[Tensor, Port("latent.image", "4 h w")]
Speech = Annotated[Tensor, Port("latent.speech", "t window layers width", rate="fps")]
# numpy arrays, as media are; torch tensors are taken too
Masks = Annotated[Any, Port("face.masks", "3 _ _", dtype="float32", range=(0, 1))]
Region = Annotated[Any, Port("face.region", "_ _", dtype="float32", range=(0, 1))]
Identity = Annotated[Tensor, Port("latent.identity", "512")]
Fused = Annotated[Tensor, Port("latent.visual", "t_visual 512")]
VideoLatents = Annotated[Tensor, Port("latent.image", "t 4 h w", rate="fps", dtype="float32")]
