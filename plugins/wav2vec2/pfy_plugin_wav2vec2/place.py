"""Where a network computes, by the names that a graph's ``place`` uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

from pfy_core import InputError

Dtype = Literal["float32", "bfloat16", "float16"]
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class Place:
    """The device and the dtype of a network's parameters."""

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
