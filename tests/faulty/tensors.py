"""Tensors: a component without a fault, and one whose tensors are nowhere."""

from typing import Annotated

import torch
from torch import Tensor

from pfy_core import Encoder, InputError, Port

Tokens = Annotated[Tensor, Port("latent.toy", "t 8", dtype="float32")]


class Projected(Encoder, name="projected"):
    """Tokens times a matrix."""

    def __init__(self, *, device: str = "cpu"):
        if device not in ("cpu", "cuda"):
            raise InputError(f"device {device!r}", "cpu or cuda")
        if device == "cuda" and not torch.cuda.is_available():
            raise InputError("device 'cuda'", "cpu: there is no GPU here")
        generator = torch.Generator().manual_seed(0)
        self._matrix = torch.randn(8, 8, generator=generator).to(device)

    def __call__(self, tokens: Tokens) -> Tokens:
        return tokens.to(self._matrix.device) @ self._matrix


class Nowhere(Encoder, name="nowhere"):
    """Its tensors have shapes, and no values: they are on the device meta."""

    def __init__(self, *, device: str = "cpu"):
        if device not in ("cpu", "cuda"):
            raise InputError(f"device {device!r}", "cpu or cuda")

    def __call__(self, tokens: Tokens) -> Tokens:
        return tokens.to("meta") * 2


FAULTY = {"device": [Nowhere]}
