"""For tests of components that learn: that they can learn one batch by heart, and with all of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from pfy_core.trainable import Trainable

SEVERAL = "*"
"""The key of a batch under which the tensors of a variadic port stand."""


@dataclass(frozen=True)
class Learnt:
    """``first`` and ``last`` loss, and the parameters that no gradient ever reached, by name."""

    first: float
    last: float
    idle: tuple[str, ...]


def overfits(
    component: Trainable,
    batch: Mapping[str, Any],
    loss: Callable[[Any], Tensor],
    *,
    factor: float = 10.0,
    steps: int = 200,
    lr: float = 3e-3,
    idle: tuple[str, ...] = (),
) -> Learnt:
    """Teach a component one batch; AssertionError where its loss does not fall ``factor``-fold within
    ``steps`` of Adam, or where a parameter that should learn never has a gradient other than zero.

    batch: the arguments of ``learn`` by name, a tuple of those of its variadic port under ``*``
    loss:  of what ``learn`` returns, a scalar
    idle:  beginnings of the names of parameters that this batch has no use for
    """
    network = component.network().train()
    learning = {name: value for name, value in network.named_parameters() if value.requires_grad}
    named = {name: value for name, value in batch.items() if name != SEVERAL}
    optimiser = torch.optim.Adam(learning.values(), lr=lr)
    reached: set[str] = set()
    first = last = float("nan")
    for step in range(steps):
        found = loss(component.learn(*batch.get(SEVERAL, ()), **named))
        last = float(found.detach())
        first = last if not step else first
        if last * factor <= first and len(reached) == len(learning):
            break
        optimiser.zero_grad()
        found.backward()
        reached |= {name for name, value in learning.items() if value.grad is not None and value.grad.any()}
        optimiser.step()
    left = tuple(name for name in learning if name not in reached and not name.startswith(idle or "\0"))
    assert not left, f"no gradient reaches {', '.join(left)}"
    assert last * factor <= first, f"the loss fell from {first:.4g} to {last:.4g}, not {factor:g}-fold"
    return Learnt(first, last, tuple(name for name in learning if name not in reached))
