"""The plan of a made corpus: who says what, with which face, in each clip. A function of the seed alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pfy_plugin_data.layout import PER_SHARD, SPLITS, Split
from pfy_plugin_data.synth import faces, texts, voices

HELD_OUT: dict[Split, float] = {"validation": 0.05, "test": 0.075}
"""Shares of the clips."""
PACES = (0.85, 1.2)
"""Factors on the pace between which one is drawn: slow and fast readers."""
HEADS: tuple[Literal["lively", "calm"], ...] = ("lively", "calm")


@dataclass(frozen=True)
class Line:
    """A clip to be made. ``pace`` is a factor; ``seed`` draws blinks, glances, sway and breath."""

    key: str
    split: Split
    text: str
    voice: voices.Voice
    face: faces.Face
    pace: float
    head: Literal["lively", "calm"]
    seed: int

    @property
    def work(self) -> float:
        """Of making it, in that of a clip of a light voice."""
        return 8.0 if self.voice.slow else 1.0


@dataclass(frozen=True)
class Part:
    """The lines of a shard, and its name within the corpus."""

    name: str
    split: Split
    lines: tuple[Line, ...]


def counts(clips: int) -> dict[Split, int]:
    """Clips of each split; every one has some."""
    held = {split: max(1, round(share * clips)) for split, share in HELD_OUT.items()}
    return {"train": clips - sum(held.values()), **held}


def parts(clips: int, seed: int, bank: voices.Bank) -> list[Part]:
    """The shards of a corpus, those of the held-out splits first, so that a part of a corpus can be used."""
    found = []
    for split in reversed(SPLITS):
        lines = [line(split, number, seed, bank) for number in range(counts(clips)[split])]
        found += [
            Part(f"{split}/{at // PER_SHARD:06d}.tar", split, tuple(lines[at : at + PER_SHARD]))
            for at in range(0, len(lines), PER_SHARD)
        ]
    return found


def line(split: Split, number: int, seed: int, bank: voices.Bank) -> Line:
    """Clip ``number`` of a split: the same however many there are."""
    rng = np.random.default_rng([seed, SPLITS.index(split), number])
    slow = bank == "all" and rng.random() < voices.SHARE[split]
    known, looks = voices.of(split, slow=slow), faces.of(split)
    return Line(
        key=f"synth{seed}-{split}-{number:05d}",
        split=split,
        text=texts.said(split, number, rng),
        voice=known[rng.integers(len(known))],
        face=looks[rng.integers(len(looks))],
        pace=round(float(rng.uniform(*PACES)), 2),
        head=HEADS[rng.integers(len(HEADS))],
        seed=int(rng.integers(2**31)),
    )
