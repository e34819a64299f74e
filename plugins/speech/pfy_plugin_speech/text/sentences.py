"""Sentences: where a text is cut, so that speech can start before the whole of it is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pfy_plugin_speech.text.tracked import Tracked

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
    """
    mr mrs ms dr prof st mt ft gen gov sen rep capt lt col sgt cmdr rev hon pres supt cpl maj adm fr msgr
    e.g i.e cf viz vs approx est fig figs eq ca
    """.split()  # noqa: SIM905
)
"""Abbreviations that never end a sentence."""
BEFORE_NUMBER = frozenset(
    "no nos vol vols p pp ch sec art jan feb mar apr jun jul aug sep sept oct nov dec".split()  # noqa: SIM905
)
"""Abbreviations that do not end a sentence when a number follows."""
LINES = re.compile(r"\n")
SPACES = re.compile(r"\s{2,}|[^\S ]")
INITIALS = re.compile(r"(?:[A-Z]\.)*[A-HJ-Z]|(?:[A-Z]\.)+I")
"""J. of a name, U.S. before a noun: more often within a sentence than at its end."""

Boundary = Literal["clause", "break", "sentence", "paragraph"]


@dataclass(frozen=True)
class Piece:
    """Text that is spoken in one go, and what follows it."""

    text: Tracked
    boundary: Boundary


def pieces(text: Tracked, end: Boundary = "paragraph") -> Iterator[Piece]:
    """The sentences of a text in order; long ones are cut at clauses, or else between words.

    ``end`` is what follows the whole of it.
    """
    paragraphs = [paragraph for paragraph in text.split(PARAGRAPH) if paragraph.text.strip()]
    for number, paragraph in enumerate(paragraphs, start=1):
        whole = [sentence for line in _unwrapped(paragraph) for sentence in _sentences(line)]
        for index, sentence in enumerate(whole, start=1):
            last: Boundary = "sentence"
            if index == len(whole):
                last = end if number == len(paragraphs) else "paragraph"
            *parts, rest = _parts(sentence)
            for part in parts:
                yield Piece(_ended(part, ","), "clause")
            yield Piece(_ended(rest, "," if last == "break" else "."), last)


def _ended(part: Tracked, mark: str) -> Tracked:
    return part if TERMINAL.search(part.text) else part + mark


def _unwrapped(paragraph: Tracked) -> Iterator[Tracked]:
    lines = [line.strip().sub(SPACES, " ") for line in paragraph.split(LINES)]
    longest = max(map(len, lines))
    joined: list[Tracked] = []
    for line in filter(len, lines):
        joined.append(line)
        if longest < WRAPPED or len(line) < longest / 2:
            yield _joined(joined)
            joined = []
    if joined:
        yield _joined(joined)


def _joined(lines: list[Tracked]) -> Tracked:
    return Tracked.join([*(line + " " for line in lines[:-1]), lines[-1]])


def _sentences(line: Tracked) -> Iterator[Tracked]:
    at = 0
    for match in END.finditer(line.text):
        if _ends(line.text[at : match.start()], match.group(), line.text[match.end()]):
            yield line[at : match.end()].strip()
            at = match.end()
    if at < len(line):
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


def _parts(sentence: Tracked) -> Iterator[Tracked]:
    while len(sentence) > LONGEST:
        cuts = [match.end() for match in CLAUSE.finditer(sentence.text, LONGEST // 3, LONGEST)]
        cut = cuts[-1] if cuts else sentence.text.rfind(" ", LONGEST // 3, LONGEST)
        cut = cut if cut > 0 else LONGEST
        yield sentence[:cut].strip()
        sentence = sentence[cut:].strip()
    yield sentence
