"""Token sequences: checked and joined; and where a fuser computes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from pfy_core import InputError
from pfy_plugin_fusers.transformer import WIDTH

Dtype = Literal["float32", "bfloat16", "float16"]
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Place:
    """The device and the dtype of a fuser's parameters and of the tokens it makes."""

    device: torch.device
    dtype: torch.dtype

    @classmethod
    def named(cls, device: str, dtype: str) -> Place:
        """A place by name; InputError for a device that is not here, or another dtype."""
        if dtype not in DTYPES:
            raise InputError(f"dtype {dtype!r}", f"one of {', '.join(DTYPES)}")
        try:
            found = torch.device(device)
            torch.empty(0, device=found)
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"device {device!r}: {reason}", "cpu, or an accelerator that is here") from error
        if found.type == "meta":
            raise InputError("device 'meta'", "cpu, or an accelerator that is here")
        return cls(found, DTYPES[dtype])


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
