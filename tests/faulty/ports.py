"""Faults in what comes out."""

from typing import Annotated

import numpy as np

from faulty.behaved import Level, Rows, Text, Wave
from pfy_core import Encoder, InputError, Metric, Port, Score


def levels(wave, step=160):
    full = np.pad(np.abs(wave), (0, -len(wave) % step)).reshape(-1, step)
    return np.clip(np.nan_to_num(full.max(1)), 0, 1).astype(np.float32)


class Raises(Encoder, name="raises"):
    """Cannot do what it is for."""

    def __call__(self, wave: Wave) -> Level:
        raise KeyError("level")


class Refuses(Encoder, name="refuses"):
    """Wants something else than everybody has."""

    def __call__(self, wave: Wave) -> Level:
        raise InputError("a wave", "a very special wave")


class Transposed(Encoder, name="transposed"):
    """Returns (2 t), and declares (t 2)."""

    def __call__(self, wave: Wave) -> Annotated[np.ndarray, Port("audio.level", "t 2", dtype="float32")]:
        return np.stack([levels(wave)] * 2)


class OneMore(Encoder, name="one-more"):
    """Says that there are as many rows as went in, and adds one."""

    def __call__(self, rows: Rows) -> Rows:
        return np.concatenate([rows, np.zeros_like(rows, shape=(1, rows.shape[1]))])


class AList(Encoder, name="a-list"):
    """Returns a list, and declares an array."""

    def __call__(self, wave: Wave) -> Level:
        return list(levels(wave))


class Doubles(Encoder, name="doubles"):
    """Returns float64, and declares float32."""

    def __call__(self, wave: Wave) -> Level:
        return levels(wave).astype(np.float64)


class AsText(Encoder, name="as-text"):
    """Returns text, and declares a number."""

    def __call__(self, text: Text) -> Annotated[int, Port("text.words")]:
        return str(len(text.split()))


class TooLoud(Encoder, name="too-loud"):
    """Goes beyond its range."""

    def __call__(self, wave: Wave) -> Level:
        return levels(wave) + np.float32(1.5)


class NotFinite(Encoder, name="not-finite"):
    """The level in dB, of silence too."""

    def __call__(self, wave: Wave) -> Annotated[np.ndarray, Port("audio.level", "t", rate=100)]:
        with np.errstate(divide="ignore"):
            return np.log10(np.concatenate([levels(wave)[:-1], np.zeros(len(wave[:1]), np.float32)]))


class Unexplained(Metric, name="unexplained"):
    """Has no number for anything, and keeps why to itself."""

    def __call__(self, made: Level) -> Score:
        return Score(np.nan)


class Contradicts(Metric, name="contradicts"):
    """A number, and why there is none."""

    def __call__(self, made: Level) -> Score:
        return Score(0.0, "too short")


class Slow(Encoder, name="slow"):
    """Makes eighty rows a second, and declares a hundred."""

    def __call__(self, wave: Wave) -> Level:
        return levels(wave, 200)


class EvenOnly(Encoder, name="even-only"):
    """Takes rows in pairs, and one alone."""

    def __call__(self, rows: Rows) -> Rows:
        if len(rows) == 1:
            return rows.copy()
        return rows.reshape(-1, 2, rows.shape[1]).reshape(rows.shape)


class NeedsTwo(Encoder, name="needs-two"):
    """Takes the steps from row to row, and repeats the last one, which may not be there."""

    def __call__(self, rows: Rows) -> Rows:
        steps = rows[1:] - rows[:-1]
        return np.concatenate([steps, steps[-1:]])


class NeedsAll(Encoder, name="needs-all"):
    """Fails without what it calls optional."""

    def __call__(self, rows: Rows, weight: Rows | None = None) -> Rows:
        return rows + weight


FAULTY = {
    "runs": [Raises, Refuses],
    "shapes": [Transposed, OneMore],
    "dtype": [Doubles, AsText, AList],
    "range": [TooLoud, NotFinite, Unexplained, Contradicts],
    "rate": [Slow],
    "odd_lengths": [EvenOnly],
    "one_frame": [NeedsTwo],
    "optional": [NeedsAll],
}
