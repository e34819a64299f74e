"""Faults in what a call leaves behind, and in what the next one finds."""

import os
import random

import numpy as np

from faulty.behaved import Rows, Text
from pfy_core import Decoder, Encoder, Seed


class Moody(Encoder, name="moody"):
    """Another result every time, and no seed."""

    def __call__(self, rows: Rows) -> Rows:
        return rows + np.float32(int.from_bytes(os.urandom(3)) / 2**24)


class Tiring(Encoder, name="tiring"):
    """Gives less with every call."""

    def __init__(self):
        self._left = 1.0

    def __call__(self, rows: Rows) -> Rows:
        self._left /= 2
        return rows * np.float32(self._left)


class Deaf(Decoder, name="deaf"):
    """Takes a seed and does not use it."""

    def __call__(self, text: Text, *, seed: Seed) -> Rows:
        return np.random.default_rng(0).random((len(text.split()), 3), np.float32)


class Sower(Decoder, name="sower"):
    """Seeds the random generator of everybody."""

    def __call__(self, text: Text, *, seed: Seed) -> Rows:
        np.random.seed(seed)
        return np.random.random((len(text.split()), 3)).astype(np.float32)


class Drawer(Encoder, name="drawer"):
    """Draws from Python's own generator, and throws it away."""

    def __call__(self, rows: Rows) -> Rows:
        random.random()
        return rows.copy()


class Strict(Encoder, name="strict"):
    """Makes numpy raise, for good."""

    def __call__(self, rows: Rows) -> Rows:
        np.seterr(under="raise" if np.geterr()["under"] != "raise" else "warn")
        return rows.copy()


class Environmental(Encoder, name="environmental"):
    """Leaves a note in the environment."""

    def __call__(self, rows: Rows) -> Rows:
        os.environ["FAULTY_CALLS"] = str(int(os.environ.get("FAULTY_CALLS", "0")) + 1)
        return rows.copy()


class Chatty(Encoder, name="chatty"):
    """Says that it works."""

    def __call__(self, rows: Rows) -> Rows:
        print("working ...")
        return rows.copy()


FAULTY = {
    "deterministic": [Moody],
    "reusable": [Tiring],
    "seed": [Deaf],
    "rng": [Sower, Drawer],
    "settings": [Strict, Environmental],
    "quiet": [Chatty],
}
