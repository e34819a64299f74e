"""Where a network computes: a device and a precision, by the names that a graph's ``place`` uses.

For plugins that stand on torch; importing this module imports no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pfy_core.errors import InputError
from pfy_core.options import choice

if TYPE_CHECKING:
    import torch

Dtype = Literal["float32", "bfloat16", "float16"]
"""The annotation of a component's option ``dtype``; the values are torch's names."""


@dataclass(frozen=True)
class Place:
    """The device and the dtype of a network's parameters and of the tensors it makes."""

    device: torch.device
    dtype: torch.dtype

    @classmethod
    def named(cls, device: str, dtype: str) -> Place:
        """A place by name; InputError for a device that is not here, or another dtype than ``Dtype``'s."""
        import torch

        choice("dtype", dtype, Dtype)
        wants = "cpu, or an accelerator that is here"
        try:
            found = torch.device(device)
            torch.empty(0, device=found)
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            raise InputError(f"device {device!r}: {str(error).splitlines()[0]}", wants) from error
        if found.type == "meta":
            raise InputError("device 'meta'", wants)
        return cls(found, getattr(torch, dtype))
