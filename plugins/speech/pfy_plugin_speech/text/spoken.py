"""Spoken forms of mark-up and addresses: what people write but nobody says as it stands."""

from __future__ import annotations

import re

from pfy_plugin_speech.text.tracked import Tracked

LINK = re.compile(r"(!?\[)[^\[\]\n]*(\]\((?:[^()\n]|\([^()\n]*\))*+\))")
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

HANDLE = re.compile(r"(?<![\w.@])@(?=[A-Za-z_])([A-Za-z0-9_]+)")
HASHTAG = re.compile(r"(?<![\w&#])#(?=\w*[A-Za-z])(\w+)")
HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|_")
"""Where words meet in "MachineLearning2024"."""
UNBROKEN = re.compile(r"\S{49,}")
"""Longer than any word, and slow: the phonemizer's time grows with the cube of a token's parts."""
BREAK = 40
REPEATED = re.compile(r"([^\w\s.])\1{2,}")


def without_markup(text: Tracked) -> Tracked:
    """A text without the signs of Markdown's headings, lists and links."""
    return text.sub(MARKDOWN, "").sub(LINK, lambda _: [(1, ""), (2, "")])


def spell_out(text: Tracked) -> Tracked:
    """A sentence with addresses, handles, hashtags and endless words in the form they are spoken.

    The query and the fragment of a URL are left out, as people do.
    """
    text = text.sub(MAIL, lambda m: f"{_aloud(m['user'])} at {_host(m['host'])}")
    text = text.sub(URL, _url)
    text = text.sub(HANDLE, lambda m: f"at {_aloud(m[1])}")
    text = text.sub(HASHTAG, lambda m: f"hashtag {HUMPS.sub(' ', m[1])}")
    text = text.sub(REPEATED, lambda m: m[1])
    return text.sub(UNBROKEN, lambda m: _broken(m[0]))


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
