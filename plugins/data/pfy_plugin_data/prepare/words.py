"""What is said in a part of a film, from the file beside it: .vtt, .srt or .txt of the same name."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pfy_core import media
from pfy_core.media.subtitles import Said, parse

SLACK = 0.5
"""Seconds by which a part may be shorter than its film and a .txt still be of it."""
OVERLAP = 0.2
"""Seconds of a cue that may lie outside a part: subtitles linger."""


@dataclass(frozen=True)
class Words:
    """The words of a film of ``length`` seconds: cues with their times, or one text for all of it."""

    length: float
    cues: tuple[Said, ...] = ()
    whole: str = ""

    @classmethod
    def beside(cls, film: Path, length: float) -> Words:
        """Those of the file beside a film; none without one. Raises InputError for a damaged file."""
        for suffix in (".vtt", ".srt"):
            file = film.with_suffix(suffix)
            if file.is_file():
                return cls(length, tuple(cue for cue in parse(media.text(file), file.name) if cue[2]))
        file = film.with_suffix(".txt")
        return cls(length, whole=" ".join(media.text(file).split()) if file.is_file() else "")

    def said(self, start: float, end: float) -> str:
        """What is said from second ``start`` to ``end``; empty where that is not known word for word."""
        if self.whole:
            return self.whole if start <= SLACK and self.length - end <= SLACK else ""
        heard = [cue for cue in self.cues if cue[0] < end - OVERLAP and cue[1] > start + OVERLAP]
        if any(cue[0] < start - OVERLAP or cue[1] > end + OVERLAP for cue in heard):
            return ""
        return " ".join(words for _, _, words in heard)

    def until(self, start: float, least: float, most: float) -> float:
        """Where a clip from ``start`` should end: the last pause between cues in reach, or after ``most``."""
        edges = [(before[1] + after[0]) / 2 for before, after in pairwise(self.cues) if before[1] <= after[0]]
        ends = [edge for edge in edges if start + least <= edge <= start + most]
        return max(ends, default=start + most)
