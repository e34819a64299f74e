"""The moving average of the parameters, which is what is handed out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import Tensor


class Average:
    """Exponential moving average (EMA) of parameters, float32.

    decay: of the old average in each step; in the first steps (1 + k) / (10 + k) where that is less, so
        that short runs are not averages with their random beginning (as in TensorFlow's
        ExponentialMovingAverage with ``num_updates``). 0: the parameters themselves.
    """

    def __init__(self, parameters: Mapping[str, Tensor], decay: float) -> None:
        self._parameters, self.decay = list(parameters.values()), decay
        self._averages = [parameter.detach().clone() for parameter in self._parameters]
        self.values = dict(zip(parameters, self._averages, strict=True))

    @torch.no_grad()
    def update(self, step: int) -> None:
        """After step ``step``, counted from 1."""
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self._averages, self._parameters, 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within, the parameters are the averages."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        own = [parameter.detach().clone() for parameter in self._parameters]
        torch._foreach_copy_(self._parameters, self._averages)
        torch._foreach_copy_(self._averages, own)
