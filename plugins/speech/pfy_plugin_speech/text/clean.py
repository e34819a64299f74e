"""Characters: what a text may hold when it reaches the phonemizer, and what is said of the rest."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from pfy_core.errors import InputError
from pfy_plugin_speech.text.tracked import Tracked

WANTS = "text in Latin script with at least one word or number, in a language that a voice speaks"
FIX = "translate it; 'pfy plugins show decoder/speech' lists the languages"

SPOKEN = frozenset("%&@+#/\\*^_=<>~|$£€¥₹₩¢°§¶±×÷≤≥≠≈√∞∑∫∂∆‰′″Ω²³µ©®™•→←½¼¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⁰¹⁴⁵⁶⁷⁸⁹")
"""Symbols that the normaliser reads aloud, or knows to pass over."""
LETTERS = re.compile("[A-Za-zªºÀ-ÖØ-öø-žơưșțŒœƒ]")
"""Latin letters that the pronunciation model was trained on; others lose their accents first."""
ODD = re.compile("[^ -~\n]")
ASCII_LETTER, ASCII_DIGIT = re.compile("[A-Za-z]"), re.compile("[0-9]")
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
RETURN = re.compile(r"\r\n?")
COMBINED = re.compile("[^\u0300-\u036f][\u0300-\u036f]+")
"""A letter and its accents, each a character of its own."""
JOINER = "\u200d"
"""Makes one emoji of several."""
GREEK_SYMBOL = re.compile("(?<![Ͱ-Ͽἀ-῿])[Α-Ωα-ω](?![Ͱ-Ͽἀ-῿])")
"""A Greek letter that stands alone is a symbol and has a name: "2 π r"."""


class Cleaner:
    """Reduces texts to the characters that can be spoken, and keeps account of the others.

    Control and invisible characters go, look-alikes become one character, accents that are unknown to
    the pronunciation model are dropped, other scripts and emoji are left out with a note.
    """

    def __init__(self) -> None:
        self._foreign: Counter[str] = Counter()
        self._pictures = self._latin = self._numbers = 0
        self._empty = True

    def __call__(self, text: Tracked) -> Tracked:
        """What of a text can be spoken; newlines stay."""
        self._empty = self._empty and not text.text.strip()
        text = text.sub(RETURN, "\n").sub(COMBINED, lambda m: unicodedata.normalize("NFC", m[0]))
        text = text.sub(GREEK_SYMBOL, lambda m: f" {unicodedata.name(m[0]).split()[-1].lower()} ")
        plain = text.text
        self._latin += len(ASCII_LETTER.findall(plain))
        self._numbers += len(ASCII_DIGIT.findall(plain))
        return text.sub(ODD, self._odd)

    def _odd(self, match: re.Match[str]) -> str:
        """A character that is not plain ASCII as it is kept."""
        char = match[0]
        plain = _plain(char)
        self._count(char, plain, match.string[match.start() - 1 : match.start()])
        return plain

    def _count(self, char: str, plain: str, before: str) -> None:
        if LETTERS.search(plain):
            self._latin += 1
        elif plain.strip() and unicodedata.category(plain[0]) in ("Nd", "No"):
            self._numbers += 1
        elif not plain.strip() and char.isalpha():
            self._foreign[_script(char)] += 1
        elif not plain.strip() and unicodedata.category(char) == "So" and before != JOINER:
            self._pictures += 1

    def notes(self) -> tuple[str, ...]:
        """Sentences for the user about what was left out.

        Raises InputError for texts without words or numbers, or mostly in another script.
        """
        if self._foreign and self._foreign.total() > self._latin:
            script = self._foreign.most_common(1)[0][0]
            raise InputError(f"the text is mostly in {script} script", WANTS, FIX)
        if not self._latin and not self._numbers:
            raise InputError(self._what(), WANTS, "write what is to be said")
        notes = []
        if self._pictures:
            what = _times(self._pictures, "emoji or picture symbol")
            notes.append(f"{what} cannot be spoken and {_was(self._pictures)} left out")
        for script, count in sorted(self._foreign.items()):
            what = f"{_times(count, 'letter')} of {script} script"
            notes.append(f"{what} cannot be spoken and {_was(count)} left out")
        return tuple(notes)

    def _what(self) -> str:
        if self._empty:
            return "the text is empty"
        return "the text has only emoji" if self._pictures else "the text has only punctuation"


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


def _times(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
