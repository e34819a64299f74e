"""Token sequences: checked and joined."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from pfy_core import InputError
from pfy_core.place import Place
from pfy_plugin_fusers.transformer import WIDTH


def join(sources: Iterable[tuple[str, Tensor | None]], place: Place) -> Tensor | None:
    """Named sources as one sequence (t 512) at a place, in their order; None when all are absent.

    Raises InputError, naming the source, for what is no float tensor (t 512) with t >= 1.
    """
    given = [_checked(name, tokens) for name, tokens in sources if tokens is not None]
    if not given:
        return None
    return torch.cat([tokens.to(place.device, place.dtype) for tokens in given])


def _checked(name: str, tokens: Tensor) -> Tensor:
    wants = f"a float tensor (t {WIDTH}), t at least 1"
    if not isinstance(tokens, Tensor):
        raise InputError(f"{name}: a {type(tokens).__name__}", wants)
    if not tokens.is_floating_point():
        fix = "embed token ids first: as magnitudes they mean nothing"
        raise InputError(f"{name}: dtype {str(tokens.dtype).removeprefix('torch.')}", wants, fix)
    if tokens.ndim != 2 or tokens.shape[1] != WIDTH or not len(tokens):
        shape = " ".join(map(str, tokens.shape))
        fix = f"project to {WIDTH} features" if tokens.ndim == 2 and len(tokens) else ""
        raise InputError(f"{name}: shape ({shape})", wants, fix)
    return tokens
