"""Scripts: whether a text is written as the language that it shall be spoken in."""

from __future__ import annotations

import unicodedata
from collections import Counter

from pfy_core import InputError
from pfy_plugin_bpe.languages import LANGUAGES, WITHOUT

WRITTEN = {"ru": "Cyrillic", "ar": "Arabic"}
"""Languages that are not written in Latin letters."""
READ = {
    "CJK": ("Chinese", "zh"),
    "HIRAGANA": ("Japanese", "ja"),
    "KATAKANA": ("Japanese", "ja"),
    "HANGUL": ("Korean", "ko"),
    "DEVANAGARI": ("Devanagari", "hi"),
}
"""Scripts by the first word of their letters' names in Unicode, whose names are not ours: ours, and a
language that is written so and cannot be read here."""


def check(text: str, code: str) -> None:
    """InputError for a text most of whose letters belong to a script that its language is not written in.

    Latin letters pass in every language: names, short forms and quotations are written in them.
    """
    letters = Counter({letter: count for letter, count in Counter(text).items() if letter.isalpha()})
    scripts: Counter[str] = Counter()
    for letter, count in letters.items():
        scripts[unicodedata.name(letter, "unknown").split()[0].split("-")[0]] += count
    own = WRITTEN.get(code, "Latin")
    foreign = scripts - Counter({name: scripts[name] for name in ("LATIN", own.upper())})
    if foreign.total() <= letters.total() / 2:
        return
    script = foreign.most_common(1)[0][0]
    name, unread = READ.get(script, (script.capitalize(), ""))
    other = next((language for language, written in WRITTEN.items() if written == name), "")
    raise InputError(
        f"the text is mostly in {name} script, and language {code!r} is written in {own}",
        f"a text in one of {', '.join(LANGUAGES)}",
        f"--language {other}" if other else f"translate it{f': {WITHOUT[unread]}' if unread else ''}",
    )
