"""The order of a training: which clips, windows and seeds a step has, a pure function of (seed, step).

So a run that was killed goes on with its step alone, and processes agree without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


class Draw(NamedTuple):
    """A clip of a batch: its number, where its window begins (0 to below 1, a share of the places where it
    can) and the seed of everything that is drawn for it."""

    clip: int
    place: float
    seed: int


@dataclass(frozen=True)
class Order:
    """Batches from step ``first`` to before step ``last``: a batch sampler, ``accumulate`` batches a step.

    Every clip comes once before any comes again. numpy freezes the stream of ``RandomState`` for good
    (NEP 19).
    """

    clips: int
    batch: int
    accumulate: int = 1
    seed: int = 0
    first: int = 0
    last: int = 0

    drop_last = True

    @property
    def batch_size(self) -> int:
        """The name by which Accelerate asks for ``batch``."""
        return self.batch

    def __len__(self) -> int:
        return (self.last - self.first) * self.accumulate

    def __iter__(self) -> Iterator[list[Draw]]:
        for step in range(self.first, self.last):
            yield from self.step(step)

    def step(self, step: int) -> list[list[Draw]]:
        """The batches of a step, counted from 0."""
        count = self.batch * self.accumulate
        random = np.random.RandomState([self.seed, 1, step])
        places, seeds = random.random_sample(count), random.randint(0, 2**62, count, dtype=np.int64)
        positions = range(step * count, (step + 1) * count)
        draws = [
            Draw(int(self._shuffled(position // self.clips)[position % self.clips]), float(place), int(seed))
            for position, place, seed in zip(positions, places, seeds, strict=True)
        ]
        return [draws[begin : begin + self.batch] for begin in range(0, count, self.batch)]

    def _shuffled(self, epoch: int) -> Any:
        return _permutation(self.seed, epoch, self.clips)


@lru_cache(maxsize=4)
def _permutation(seed: int, epoch: int, clips: int) -> Any:
    return np.random.RandomState([seed, 2, epoch]).permutation(clips)
