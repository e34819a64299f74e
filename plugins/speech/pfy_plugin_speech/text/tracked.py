"""Text that remembers which characters of the written text each of its own characters stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

Part = tuple[int | str, str]
"""A group of a match and what replaces it; what is in no listed group stays."""
Replacement = Callable[[re.Match[str]], "str | Sequence[Part]"]


@dataclass(frozen=True)
class Tracked:
    """A text and, for each of its characters, the first index and the one past the last in the source."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, text: str, start: int = 0) -> Tracked:
        """A text that stands for itself, beginning at ``start`` of the source."""
        return cls(text, range(start, start + len(text)), range(start + 1, start + len(text) + 1))

    @classmethod
    def standing_for(cls, text: str, start: int, end: int) -> Tracked:
        """A text all of which stands for one stretch of the source."""
        return cls(text, [start] * len(text), [end] * len(text))

    @classmethod
    def join(cls, parts: Iterable[Tracked]) -> Tracked:
        """Parts one after another, which stay in the order of the source."""
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for part in parts:
            texts.append(part.text)
            starts += part.starts
            ends += part.ends
        return cls("".join(texts), starts, ends)

    def __len__(self) -> int:
        return len(self.text)

    def __getitem__(self, part: slice) -> Tracked:
        return Tracked(self.text[part], self.starts[part], self.ends[part])

    def __add__(self, text: str) -> Tracked:
        """With text added that stands for the last character."""
        where = (self.starts[-1], self.ends[-1]) if self.text else (0, 0)
        return Tracked.join([self, Tracked.standing_for(text, *where)])

    def strip(self) -> Tracked:
        """Without white space around it."""
        first = len(self.text) - len(self.text.lstrip())
        return self[first : max(first, len(self.text.rstrip()))]

    def written(self, text: str) -> Tracked:
        """The same characters written otherwise, one for one."""
        if len(text) != len(self.text):
            raise ValueError(f"{len(text)} characters in place of {len(self.text)}")
        return Tracked(text, self.starts, self.ends)

    def sub(self, pattern: re.Pattern[str], replacement: Replacement | str) -> Tracked:
        """As ``pattern.sub``, with no escapes in a replacement.

        What is put in place of a match, or of its groups, stands for them.
        """
        parts: list[Tracked] = []
        new: str | Sequence[Part]
        at = 0
        for match in pattern.finditer(self.text):
            new = replacement if isinstance(replacement, str) else replacement(match)
            if new == match[0]:
                continue
            parts.append(self[at : match.start()])
            at = match.start()
            for group, text in [(0, new)] if isinstance(new, str) else new:
                first, last = match.span(group)
                parts += [self[at:first], Tracked.standing_for(text, *self._source(first, last))]
                at = last
            parts.append(self[at : match.end()])
            at = match.end()
        return Tracked.join([*parts, self[at:]]) if parts else self

    def split(self, pattern: re.Pattern[str]) -> Iterator[Tracked]:
        """As ``pattern.split`` for a pattern without groups."""
        at = 0
        for match in pattern.finditer(self.text):
            yield self[at : match.start()]
            at = match.end()
        yield self[at:]

    def _source(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the source that characters ``start`` to ``end`` stand for."""
        if start < end:
            return min(self.starts[start:end]), max(self.ends[start:end])
        if start < len(self.text):
            return self.starts[start], self.starts[start]
        return (self.ends[-1], self.ends[-1]) if self.text else (0, 0)
