"""Sentences: where a text is cut, so that speech can start before the whole of it is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

LONGEST = 360
"""Characters of a piece: about 25 seconds of speech."""
WRAPPED = 50
"""Where the longest line of a paragraph has so many characters, the paragraph is wrapped: a newline
after a line at least half as long is no end of a sentence. Headings, items and verses are shorter."""

PARAGRAPH = re.compile(r"\n\s*\n")
END = re.compile(r"[.!?…]+[\"”'’)\]]*\s+(?=[\"“'‘(\[]*[A-Z0-9À-Þ])")
CLAUSE = re.compile(r"[,;:—–)](?=\s)|\s—(?=\s)")
TERMINAL = re.compile(r"[.!?…,;:—–][\"”'’)\]]*$")
NEVER_LAST = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "st",
        "mt",
        "ft",
        "gen",
        "gov",
        "sen",
        "rep",
        "capt",
        "lt",
        "col",
        "sgt",
        "cmdr",
        "rev",
        "hon",
        "pres",
        "supt",
        "cpl",
        "maj",
        "adm",
        "fr",
        "msgr",
        "e.g",
        "i.e",
        "cf",
        "viz",
        "vs",
        "approx",
        "est",
        "fig",
        "figs",
        "eq",
        "ca",
    ]
)
"""Abbreviations that never end a sentence."""
BEFORE_NUMBER = frozenset(
    [
        "no",
        "nos",
        "vol",
        "vols",
        "p",
        "pp",
        "ch",
        "sec",
        "art",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
    ]
)
"""Abbreviations that do not end a sentence when a number follows."""
INITIALS = re.compile(r"(?:[A-Z]\.)*[A-HJ-Z]|(?:[A-Z]\.)+I")
"""J. of a name, U.S. before a noun: more often within a sentence than at its end."""

Boundary = Literal["clause", "sentence", "paragraph"]


@dataclass(frozen=True)
class Piece:
    """Text that is spoken in one go, and what follows it."""

    text: str
    boundary: Boundary


def pieces(text: str) -> Iterator[Piece]:
    """The sentences of a text in order; long ones are cut at clauses, or else between words."""
    for paragraph in PARAGRAPH.split(text):
        whole = [sentence for line in _unwrapped(paragraph) for sentence in _sentences(line)]
        for index, sentence in enumerate(whole):
            last: Boundary = "paragraph" if index == len(whole) - 1 else "sentence"
            parts = list(_parts(sentence))
            for part in parts[:-1]:
                yield Piece(part if TERMINAL.search(part) else part + ",", "clause")
            yield Piece(parts[-1] if TERMINAL.search(parts[-1]) else parts[-1] + ".", last)


def _unwrapped(paragraph: str) -> Iterator[str]:
    lines = [" ".join(line.split()) for line in paragraph.split("\n")]
    longest = max(map(len, lines))
    joined: list[str] = []
    for line in filter(None, lines):
        joined.append(line)
        if longest < WRAPPED or len(line) < longest / 2:
            yield " ".join(joined)
            joined = []
    if joined:
        yield " ".join(joined)


def _sentences(line: str) -> Iterator[str]:
    at = 0
    for match in END.finditer(line):
        if _ends(line[at : match.start()], match.group(), line[match.end()]):
            yield line[at : match.end()].rstrip()
            at = match.end()
    if line[at:]:
        yield line[at:]


def _ends(before: str, mark: str, after: str) -> bool:
    """Whether a mark ends the sentence ``before``, and is not part of an abbreviation or a name."""
    if mark[0] != "." or mark.startswith(".."):
        return True
    word = before.rpartition(" ")[2].lstrip("\"“'‘([")
    if INITIALS.fullmatch(word):
        return False
    if word.lower() in BEFORE_NUMBER and after.isdigit():
        return False
    return word.lower() not in NEVER_LAST


def _parts(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST:
        cuts = [match.end() for match in CLAUSE.finditer(sentence, LONGEST // 3, LONGEST)]
        cut = cuts[-1] if cuts else sentence.rfind(" ", LONGEST // 3, LONGEST)
        cut = cut if cut > 0 else LONGEST
        yield sentence[:cut].strip()
        sentence = sentence[cut:].strip()
    yield sentence
