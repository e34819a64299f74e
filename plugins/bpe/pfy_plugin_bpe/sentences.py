"""A long text in parts that can be spoken at once: whole sentences where they fit, else shorter ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from pfy_plugin_bpe.languages import Language

ENDS = ".!?…。؟।"
END = re.compile(rf"[{ENDS}]+[\"')\]»”’]*(?=\s)|\n\s*\n")
"""Where a sentence ends: its mark and the quotes and brackets that belong to it, or an empty line."""
PAUSES = ",;:،—–"

Fits = Callable[[str], bool]


def sentences(text: str, language: Language) -> Iterator[str]:
    """The sentences of a text, one after another; short forms and initials do not end one."""
    start = 0
    for found in END.finditer(text):
        said = text[start : found.start()]
        last = re.split(r"\s", said)[-1].lstrip("(\"'«“‘")
        dot = found.group().startswith(".") and len(found.group()) == 1
        if dot and (last.lower() in language.short or (len(last) == 1 and last.isalpha() and last.isupper())):
            continue
        yield text[start : found.end()].strip()
        start = found.end()
    yield text[start:].strip()


def parts(text: str, language: Language, fits: Fits) -> list[str]:
    """A text in as few parts as there must be, in its order, every one of which fits.

    Sentences that fit together stay together, as in XTTS-v2, which speaks worse the less it is given;
    one that does not is parted at a pause, between words where there is none, within a word at last.
    """
    pieces = [
        piece
        for sentence in sentences(text, language)
        if sentence
        for piece in ([sentence] if fits(sentence) else _broken(sentence, fits))
    ]
    return list(_packed(pieces, fits))


def _packed(pieces: Iterable[str], fits: Fits) -> Iterator[str]:
    held = ""
    for piece in pieces:
        together = f"{held} {piece}" if held else piece
        if not held or fits(together):
            held = together
        else:
            yield held
            held = piece
    if held:
        yield held


def _broken(sentence: str, fits: Fits) -> Iterator[str]:
    """A sentence that is too long, parted by the words that fit, after a pause if one is late enough."""
    words = sentence.split()
    start = 0
    while start < len(words):
        end = _reach(words, start, fits)
        if end == start:
            yield from _cut(words[start], fits)
            start += 1
            continue
        if end < len(words):
            pause = next((at for at in range(end, start, -1) if words[at - 1][-1] in PAUSES), 0)
            if pause - start > (end - start) / 2:
                end = pause
        yield " ".join(words[start:end])
        start = end


def _reach(words: list[str], start: int, fits: Fits) -> int:
    """How far the words from ``start`` on fit, found by doubling and halving the reach."""
    low, high = start, start + 1
    while high <= len(words) and fits(" ".join(words[start:high])):
        low, high = high, high + (high - start)
    high = min(high, len(words) + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(" ".join(words[start:middle])) else (low, middle)
    return low


def _cut(word: str, fits: Fits) -> Iterator[str]:
    while word:
        length = len(word)
        while length > 1 and not fits(word[:length]):
            length //= 2
        yield word[:length]
        word = word[length:]
