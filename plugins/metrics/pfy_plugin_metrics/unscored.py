"""What cannot be scored, and why."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, nan

from pfy_core import Score


class Unscored(Exception):
    """A clip for which a metric has no number; the message is the reason."""


def scored(measured: Callable[[], float]) -> Score:
    """What is measured as a Score, or the reason that Unscored gives."""
    try:
        return Score(measured())
    except Unscored as reason:
        return Score(nan, str(reason))


def known(value: float, reason: str) -> float:
    """``value`` where it is a number. Raises Unscored with the reason where it is none."""
    if not isfinite(value):
        raise Unscored(reason)
    return value
