"""What is said in a made corpus: sentences of our own writing, each held out or not by its own digest."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

import numpy as np

from pfy_plugin_data.layout import Split

HELD_OUT: tuple[tuple[Split, float], ...] = (("validation", 0.08), ("test", 0.22))
"""Share of the sentences at and below which a split's digests are: 8 %, then 14 %."""
JOINED = 0.3
"""Share of the clips in which two sentences are said."""
MOST_WORDS = 16
"""Words of a clip: 6 seconds."""


@cache
def sentences(split: Split) -> tuple[str, ...]:
    """The sentences of a split; none is in two."""
    content = resources.files(__package__).joinpath("sentences.txt").read_text(encoding="utf-8")
    return tuple(line for line in content.splitlines() if line and split_of(line) == split)


def split_of(sentence: str) -> Split:
    """Where a sentence belongs, whatever the seed and whatever other sentences there are."""
    share = int.from_bytes(hashlib.sha256(sentence.encode()).digest()[:4]) / 2**32
    return next((split for split, most in HELD_OUT if share < most), "train")


def said(split: Split, number: int, rng: np.random.Generator) -> str:
    """What is said in clip ``number``: every sentence comes before one comes again, some with another."""
    known = sentences(split)
    order = np.random.default_rng([len(known), number // len(known)]).permutation(len(known))
    first = known[order[number % len(known)]]
    second = known[rng.integers(len(known))]
    words = len(first.split()) + len(second.split())
    return f"{first} {second}" if rng.random() < JOINED and words <= MOST_WORDS and second != first else first
