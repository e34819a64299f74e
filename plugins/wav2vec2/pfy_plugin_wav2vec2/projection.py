"""From the width of wav2vec 2.0 to that of the fusers' tokens."""

from __future__ import annotations

import torch
from torch import Tensor

from pfy_core import checkpoint
from pfy_core.errors import WeightsError

WIDTH = 512
"""Features of a token (supplement, Table 1)."""


def orthogonal(width: int, seed: int) -> Tensor:
    """A seeded projection (512 width) whose rows, or columns where these are fewer, are orthonormal.

    Of a wider row it keeps the part in a random subspace, of a narrower one all: lengths and angles.
    """
    drawn = torch.randn(max(WIDTH, width), min(WIDTH, width), generator=torch.Generator().manual_seed(seed))
    basis, triangle = torch.linalg.qr(drawn)
    basis = basis * torch.sign(torch.diagonal(triangle))  # QR leaves the signs open
    return basis if width <= WIDTH else basis.T


def learnt(name: str, width: int) -> Tensor:
    """The projection in a safetensors file, its only tensor ``weight`` (512 width); else WeightsError."""
    state = checkpoint.read(name)
    shapes = [f"{key} ({' '.join(map(str, value.shape))})" for key, value in state.items()]
    if shapes != [f"weight ({WIDTH} {width})"]:
        raise WeightsError(
            f"{name} holds {checkpoint.listed(shapes) or 'nothing'}",
            f"a safetensors file with 'weight' ({WIDTH} {width}) alone",
        )
    return state["weight"].float()
