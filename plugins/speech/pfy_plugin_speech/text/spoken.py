"""Spoken forms: what people write but nobody says, before the normaliser reads numbers and dates.

Numbers, money, dates, times, units, titles and abbreviations are left to hibari's own normaliser.
"""

from __future__ import annotations

import re

LINK = re.compile(r"!?\[([^\[\]\n]*)\]\((?:[^()\n]|\([^()\n]*\))*+\)")
MARKDOWN = re.compile(r"^[ \t]*(?:#{1,6}|[-*+•>])[ \t]+", re.MULTILINE)

NAME = r"[a-z0-9]++(?:-++[a-z0-9]++)*+"
TOP = "com|org|net|edu|gov|info|dev|app|ai|io|co|uk|us|ca|au|de|fr|eu|tv|me"
MAIL = re.compile(
    rf"(?<![\w.+/-])(?:mailto:)?(?P<user>[a-z0-9][\w.+-]*+)@(?P<host>{NAME}(?:\.{NAME})+)", re.IGNORECASE
)
URL = re.compile(
    rf"(?:(?:https?|ftp)://(?:[^\s/@]*@)?|(?<![\w@.-])(?=www\.|(?:{NAME}\.)+(?:{TOP})\b(?!\.\w)))"
    r"(?:www\.)?(?P<host>[\w.-]*\w)(?::\d+)?(?P<path>/[^\s?#\"”)\]>]*)?(?:[?#][^\s\"”)\]>]*)?",
    re.IGNORECASE,
)
STOP = re.compile(r"[.,;:!?'’]+$")
"""Punctuation of the sentence, not of the address."""
MARKS = {".": " dot ", "/": " slash ", "-": " dash ", "_": " underscore ", "+": " plus ", "@": " at "}

PRONOUN = re.compile(
    r"\b(book|part|chapter|section|volume|phase|article|type|level|stage|class|grade|round) I (?=[a-z])"
)
"""Where the normaliser would read the pronoun as a Roman numeral: "the book I read". Its own mark-up,
``[word](/phonemes/)``, settles that."""
LONG_NUMBER = re.compile(r"\d{16,}")
UNBROKEN = re.compile(r"\S{49,}")
"""Longer than any word, and slow: the phonemizer's time grows with the cube of a token's parts."""
BREAK = 40
REPEATED = re.compile(r"([^\w\s.])\1{2,}")


def spell_out(text: str) -> str:
    """The text with links, addresses, long numbers and endless words in the form they are spoken.

    The query and the fragment of a URL are left out, as people do.
    """
    text = MARKDOWN.sub("", text)
    text = LINK.sub(r"\1", text)
    text = MAIL.sub(lambda m: f"{_aloud(m['user'])} at {_host(m['host'])}", text)
    text = URL.sub(_url, text)
    text = PRONOUN.sub(r"\1 [I](/ˌI/) ", text)
    text = LONG_NUMBER.sub(lambda m: " ".join(m[0]), text)
    text = REPEATED.sub(r"\1", text)
    return UNBROKEN.sub(lambda m: _broken(m[0]), text)


def _url(match: re.Match[str]) -> str:
    path = STOP.sub("", match["path"] or "").rstrip("/")
    stop = STOP.search(match[0])
    return f"{_host(match['host'])}{_aloud(path)}{stop[0] if stop else ''}"


def _host(host: str) -> str:
    """``example.co.uk`` as "example dot co dot U K"."""
    *labels, top = host.split(".")
    spoken = " ".join(top.upper()) if len(top) == 2 and top.lower() != "co" else top
    return " dot ".join([*map(_aloud, labels), spoken])


def _aloud(text: str) -> str:
    return "".join(MARKS.get(char, char) for char in text).rstrip()


def _broken(word: str) -> str:
    return " ".join(re.findall(rf"[\w'’]{{1,{BREAK}}}|[^\w'’]", word))
