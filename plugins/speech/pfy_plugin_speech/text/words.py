"""Words: which written words the sounds of a speech belong to, and when each is spoken."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pfy_core.kinds import Word

WRITTEN = re.compile(r"\S+")

Span = tuple[float, float]
"""Start and end in seconds."""


@dataclass(frozen=True)
class Token:
    """Phonemes with the stretch of the written text they stand for, and whether a space follows."""

    phonemes: str
    start: int
    end: int
    gap: bool


class Page:
    """The written text as words between white space, from which the spoken ones are taken in order.

    Every character is part of one word: what is not spoken (a dash, an emoji) goes with the word before,
    at the beginning of a sentence with the word after.
    """

    def __init__(self, written: str) -> None:
        found = [(match.start(), match.end(), match[0]) for match in WRITTEN.finditer(written)]
        self._starts = [start for start, _, _ in found]
        self._texts = [text for _, _, text in found]
        self._taken = 0

    def index(self, start: int, end: int) -> tuple[int, int]:
        """The first and the last written word that a stretch of the text touches."""
        first = max(bisect.bisect_right(self._starts, start) - 1, 0)
        return first, max(bisect.bisect_left(self._starts, end) - 1, first)

    def take(self, groups: Sequence[tuple[int, int]], times: Sequence[Span], until: int | None) -> list[Word]:
        """The next words, from groups of written words that are spoken as one and their times.

        ``until`` is a position before which nothing more is spoken; None for the end of the text.
        """
        limit = len(self._texts) if until is None else bisect.bisect_left(self._starts, until)
        fresh = [(group, time) for group, time in zip(groups, times, strict=True) if group[1] >= self._taken]
        words = []
        for place, ((_, last), (start, end)) in enumerate(fresh):
            following = fresh[place + 1][0][0] if place + 1 < len(fresh) else max(limit, last + 1)
            stop = max(following, last + 1)
            words.append(Word(" ".join(self._texts[self._taken : stop]), start, end))
            self._taken = stop
        return words


def grouped(page: Page, tokens: Sequence[Token]) -> tuple[list[tuple[int, int]], list[int]]:
    """Groups of written words that tokens stand for, and the group of each token (-1: it has no sound).

    Words that share a token, as in "$5 million", are one group.
    """
    groups: list[tuple[int, int]] = []
    owners: list[int] = []
    for token in tokens:
        if not any(char.isalpha() for char in token.phonemes):
            owners.append(-1)
            continue
        first, last = page.index(token.start, token.end)
        if groups and first <= groups[-1][1]:
            groups[-1] = (groups[-1][0], max(last, groups[-1][1]))
        else:
            groups.append((first, last))
        owners.append(len(groups) - 1)
    return groups, owners
