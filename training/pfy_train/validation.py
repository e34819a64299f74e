"""Validation: how the averaged weights do on clips that are not trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from pfy_train.clips import batch
from pfy_train.order import Order

if TYPE_CHECKING:
    from collections.abc import Callable

    from pfy_train.clips import Clips
    from pfy_train.learner import Learner
    from pfy_train.recipe import Recipe


@torch.no_grad()
def losses(
    learner: Learner, clips: Clips, recipe: Recipe, device: torch.device, autocast: Callable[[], Any]
) -> dict[str, float]:
    """Means of the recipe's losses over ``validate.windows`` windows, the same ones each time, by name;
    ``loss`` is their weighted sum."""
    order = Order(len(clips), recipe.validate.windows, seed=recipe.seed)
    (draws,) = order.step(0)
    total = torch.zeros(len(learner.plan.criteria), dtype=torch.float64)
    learner.eval()
    try:
        for begin in range(0, len(draws), recipe.batch):
            some = draws[begin : begin + recipe.batch]
            given = batch([clips[draw] for draw in some]).to(device)
            with autocast():
                total += learner(given).double().cpu() * len(some)
    finally:
        learner.train()
    means = (total / len(draws)).tolist()
    named = dict(zip((item.name for item in learner.plan.criteria), means, strict=True))
    return {"loss": sum(i.weight * named[i.name] for i in learner.plan.criteria)} | named
