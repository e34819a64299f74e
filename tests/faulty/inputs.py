"""Faults in how inputs are treated."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np

from faulty.behaved import Level, Motion, Rows, Wave
from pfy_core import Adapter, Dataset, Encoder, InputError, Item, Port


class Normalised(Encoder, name="normalised"):
    """Divides by the loudest sample, even where there is none."""

    def __call__(self, wave: Wave) -> Level:
        if not len(wave) or not np.isfinite(wave).all():
            raise InputError("an empty or broken wave", "samples")
        with np.errstate(invalid="ignore"):
            scaled = wave / np.abs(wave).max()
        full = np.pad(np.abs(scaled), (0, -len(wave) % 160)).reshape(-1, 160)
        return full.max(1).astype(np.float32)


class NeverEmpty(Encoder, name="never-empty"):
    """Looks at the first row without asking whether there is one."""

    def __call__(self, rows: Rows) -> Rows:
        return rows - rows[0]


class Curt(Encoder, name="curt"):
    """Refuses empty inputs without saying what it wants."""

    def __call__(self, rows: Rows) -> Rows:
        if not len(rows):
            raise InputError("no")
        return rows.copy()


class NotANumber(Encoder, name="not-a-number"):
    """Finds its place in a table by the value of a row."""

    def __call__(self, rows: Rows) -> Rows:
        for value in rows.ravel():
            int(value)
        return rows.copy()


class Unnumbered(Dataset, name="unnumbered"):
    """Counts from the end where a number is negative, and fails where it is too large."""

    def __len__(self):
        return 3

    def __call__(self, item: Item) -> Annotated[str, Port("text")]:
        return "abc"[item]


class InPlace(Encoder, name="in-place"):
    """Doubles its input, which others still need."""

    def __call__(self, rows: Rows) -> Rows:
        rows *= 2
        return rows.copy()


class Rewritten(Encoder, name="rewritten"):
    """Gives out the same array again and again."""

    def __init__(self):
        self._buffer = np.zeros((0, 0), np.float32)

    def __call__(self, rows: Rows) -> Rows:
        if self._buffer.shape != rows.shape:
            self._buffer = np.zeros_like(rows)
        self._buffer[:] = rows
        return self._buffer


class Reused(Adapter, name="reused"):
    """Yields one buffer, filled anew for every piece."""

    def __call__(self, motion: Iterator[Motion]) -> Iterator[Motion]:
        buffer = np.zeros((1, 58), np.float32)
        for chunk in motion:
            for row in chunk:
                buffer[0] = row
                yield buffer


FAULTY = {
    "extremes": [Normalised],
    "bad_input": [NeverEmpty, Curt, NotANumber, Unnumbered],
    "inputs_kept": [InPlace, Rewritten, Reused],
}
