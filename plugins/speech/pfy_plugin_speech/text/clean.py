"""Characters: what a text may hold when it reaches the phonemizer, and what is said of the rest."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from pfy_core.errors import InputError

LANGUAGE = "English"
WANTS = f"{LANGUAGE} text with at least one word or number"

SPOKEN = frozenset("%&@+#/\\*^_=<>~|$£€¥₹₩¢°§¶±×÷½¼¾²³µ©®™•→←")
"""Symbols that the normaliser reads aloud, or knows to pass over."""
LETTERS = re.compile("[A-Za-zªºÀ-ÖØ-öø-žơưșțŒœƒ]")
"""Latin letters that the pronunciation model was trained on; others lose their accents first."""
SAME = {
    **dict.fromkeys("\u2010\u2011\u2012\u2212\ufe58\ufe63", "-"),
    **dict.fromkeys("\u2015\u2e3a", "—"),
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4", "'"),
    **dict.fromkeys("\u201e\u201f\u00ab\u300c\u300e", "“"),
    **dict.fromkeys("\u00bb\u300d\u300f", "”"),
    **dict.fromkeys("。｡", "."),
    **dict.fromkeys("、､،", ","),
    **dict.fromkeys("؛", ";"),
    **dict.fromkeys("؟", "?"),
    **dict.fromkeys("¿¡", " "),
    "μ": "µ",
    "\u2044": "/",
}
"""Characters that mean the same as another one."""
SCRIPTS = {
    "Cjk": "Chinese",
    "Hiragana": "Japanese",
    "Katakana": "Japanese",
    "Hangul": "Korean",
    "Latin": "phonetic",
    "Modifier": "phonetic",
}
"""What people call a script that Unicode names otherwise."""
JOINER = "\u200d"
"""Makes one emoji of several."""
GREEK_SYMBOL = re.compile("(?<![Ͱ-Ͽἀ-῿])[Α-Ωα-ω](?![Ͱ-Ͽἀ-῿])")
"""A Greek letter that stands alone is a symbol and has a name: "2 π r"."""


@dataclass(frozen=True)
class Cleaned:
    """A text that can be spoken, and sentences for the user about what was left out."""

    text: str
    notes: tuple[str, ...] = ()


def clean(text: str) -> Cleaned:
    """Reduce a text to the characters that can be spoken; newlines stay.

    Control and invisible characters go, look-alikes become one character, accents that are unknown to
    the pronunciation model are dropped, other scripts and emoji are left out with a note. Raises
    InputError for a text without words or numbers, or mostly in another script.
    """
    kept: list[str] = []
    foreign: Counter[str] = Counter()
    pictures = latin = numbers = 0
    before = ""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    for char in GREEK_SYMBOL.sub(lambda m: f" {unicodedata.name(m[0]).split()[-1].lower()} ", text):
        plain = _plain(char)
        kept.append(plain)
        if LETTERS.search(plain):
            latin += 1
        elif plain.strip() and unicodedata.category(plain[0]) in ("Nd", "No"):
            numbers += 1
        elif not plain.strip() and char.isalpha():
            foreign[_script(char)] += 1
        elif not plain.strip() and unicodedata.category(char) == "So" and before != JOINER:
            pictures += 1
        before = char
    if foreign and foreign.total() > latin:
        script = foreign.most_common(1)[0][0]
        raise InputError(f"the text is mostly in {script} script", WANTS, f"translate it into {LANGUAGE}")
    if not latin and not numbers:
        raise InputError(_what(text, pictures), WANTS, "write what is to be said")
    notes = []
    if pictures:
        notes.append(
            f"{_count(pictures, 'emoji or picture symbol')} cannot be spoken and {_was(pictures)} left out"
        )
    for script, count in sorted(foreign.items()):
        notes.append(
            f"{_count(count, 'letter')} of {script} script cannot be spoken and {_was(count)} left out"
        )
    return Cleaned("".join(kept), tuple(notes))


def _plain(char: str) -> str:
    """The character as it is kept, in its plain form, a space in place of a word, or nothing."""
    if char.isascii():
        return char if char.isprintable() or char == "\n" else " "
    if char in SAME:
        return SAME[char]
    if char in SPOKEN or LETTERS.fullmatch(char) or char in "—–…“”":
        return char
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    category = unicodedata.category(char)
    if category[0] in "ZC":
        return "\n" if char in "\u2028\u2029" else "" if category == "Cf" else " "
    decomposed = unicodedata.normalize("NFKD", char)
    same = "".join(SAME.get(part, part) for part in decomposed)
    plain = "".join(part for part in same if (part.isascii() and part.isprintable()) or part in SPOKEN)
    return "" if category[0] == "M" else plain or " "


def _script(char: str) -> str:
    first = unicodedata.name(char, "an unknown").split()[0].split("-")[0].capitalize()
    return SCRIPTS.get(first, first)


def _what(text: str, pictures: int) -> str:
    if not text.strip():
        return "the text is empty"
    return "the text has only emoji" if pictures else "the text has only punctuation"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
