"""The losses of the steps since the last line of the log, left on the device until somebody looks."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accelerate import Accelerator
    from torch import Tensor

    from pfy_train.parts import Criterion
    from pfy_train.state import State

NORM = "gradient"
"""The name under which the norm of the gradient, before it is clipped, stands beside the losses."""


class Ledger:
    """Rows (losses, norm of the gradient) of steps; their sums are part of the state, so that a run that goes
    on writes the lines that it would have written."""

    def __init__(self, criteria: Sequence[Criterion], state: State) -> None:
        self._criteria, self._state = criteria, state
        self._rows: list[Tensor] = []
        self.last: dict[str, float] = {}
        """The means of the last line."""

    def add(self, losses: Sequence[Tensor], norm: Tensor) -> None:
        """The losses (n) of the batches of a step, and the norm of its gradient."""
        mean = losses[0] if len(losses) == 1 else torch.stack(tuple(losses)).mean(0)
        self._rows.append(torch.cat([mean, norm.detach().to(mean).reshape(1)]))

    def settle(self, accelerator: Accelerator, *, asked: bool) -> tuple[bool, tuple[int, str] | None]:
        """Look at the rows, which waits for the device: means over the processes are added to the sums.

        asked: whether this process was asked to stop. Returns whether any was, and the first step (from 0)
        with a number that is none, and which.
        """
        rows = torch.stack(self._rows)
        flags = torch.full_like(rows[:1], float(asked))
        kept: list[list[float]] = accelerator.reduce(torch.cat([rows, flags]), "mean").tolist()
        *kept, flag = kept
        self._rows = []
        for offset, row in enumerate(kept):
            if not all(map(isfinite, row)):
                return any(flag), (self._state.step - len(kept) + offset, self._bad(row))
            sums = self._state.sums or [0.0] * len(row)
            self._state.sums = [total + value for total, value in zip(sums, row, strict=True)]
            self._state.count += 1
        return any(flag), None

    def line(self) -> dict[str, float]:
        """The means since the last line by name, ``loss`` being their weighted sum; they begin anew."""
        means = [total / self._state.count for total in self._state.sums]
        total = sum(item.weight * mean for item, mean in zip(self._criteria, means, strict=False))
        names = [*(item.name for item in self._criteria), NORM]
        self.last = {"loss": total, **dict(zip(names, means, strict=True))}
        self._state.sums, self._state.count = [], 0
        return self.last

    def _bad(self, row: list[float]) -> str:
        names = [*(f"loss {item.name!r}" for item in self._criteria), "the norm of the gradient"]
        return ", ".join(f"{name} is {v}" for name, v in zip(names, row, strict=True) if not isfinite(v))
