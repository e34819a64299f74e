"""The learning rate over a training, a function of the step alone."""

from __future__ import annotations

from math import cos, pi
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pfy_train.recipe import Schedule


def factor(schedule: Schedule, step: int) -> float:
    """What the learning rate is multiplied with in step ``step``, counted from 0: it rises linearly over the
    warm-up, then falls to 0 along half a cosine (Loshchilov & Hutter 2017, SGDR, without restarts) or a
    line."""
    if step < schedule.warmup:
        return (step + 1) / schedule.warmup
    done = (step - schedule.warmup) / max(1, schedule.steps - schedule.warmup)
    return {"cosine": 0.5 * (1 + cos(pi * done)), "linear": 1 - done, "constant": 1.0}[schedule.decay]
