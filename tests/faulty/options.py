"""Faults in the class itself and in its options."""

from typing import Annotated

import numpy as np

from faulty.behaved import Rows
from pfy_core import Encoder, Port


class Untyped(Encoder, name="untyped"):
    """Has an input without an annotation."""

    def __call__(self, rows) -> Annotated[int, Port("count")]:
        return len(rows)


class Silent(Encoder, name="silent"):
    def __call__(self, rows: Rows) -> Rows:
        return rows.copy()


class Endless(Encoder, name="endless"):
    """makes rows, or something like that"""

    def __call__(self, rows: Rows) -> Rows:
        return rows.copy()


class OtherDefault(Encoder, name="other-default"):
    """Its default is no number."""

    def __init__(self, *, gain: float = "much"):
        pass

    def __call__(self, rows: Rows) -> Rows:
        return rows.copy()


class Shared(Encoder, name="shared"):
    """Every instance adds to the list that is the default of all."""

    def __init__(self, *, weights: list[float] = [1.0]):  # noqa: B006
        weights.append(0.5)
        self._weight = np.float32(weights[0])

    def __call__(self, rows: Rows) -> Rows:
        return rows * self._weight


class Trusting(Encoder, name="trusting"):
    """Takes any number for a width."""

    def __init__(self, *, width: int = 4):
        self._table = np.zeros(width, np.float32)

    def __call__(self, rows: Rows) -> Rows:
        return rows.copy()


class Keyed(Encoder, name="keyed"):
    """Looks an option up without asking whether it is there."""

    def __init__(self, *, colour: str = "red"):
        self._colour = {"red": 0, "green": 1}[colour]

    def __call__(self, rows: Rows) -> Rows:
        return rows + np.float32(self._colour)


FAULTY = {
    "loads": [Untyped, OtherDefault],
    "docs": [Silent, Endless],
    "config": [Shared],
    "bad_config": [Trusting, Keyed],
}
