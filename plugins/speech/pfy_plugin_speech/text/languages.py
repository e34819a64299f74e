"""Languages: which one a text is in, which ones are spoken here, and what each needs."""

from __future__ import annotations

import functools
import importlib.util
import re
from collections import Counter
from dataclasses import dataclass

from pfy_core.errors import InputError, did_you_mean

WORD = re.compile(r"[^\W\d_]+(?:['’](?=[^\W\d_]))?")
LOOKED_AT = 20_000
"""Characters of a text that its language is told from."""
LEAST_WORDS, LEAST_SHARE = 3, 0.18
"""Different function words that a text must have in another language before it is taken for it, and their
share of its different words; in prose of any of these languages it is a third to a half. One word less is
enough where none is English."""
CLEARLY = 1.5
"""How many times the function words of English those of another language must be."""

FREQUENT = {
    "en": "the of and to in is it that was for on are with as his they be at this have from or had by not "
    "but what were we when your can said there use an each which she do how their if will up other "
    "about out many then them these so some her would make like him into has look more go see no "
    "way could my than been who its now did get i you he a me our us am hello please thank thanks",
    "es": "el la los las de del que y en un una es por con no para su al lo como más pero sus le ya este "
    "sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos "
    "durante todos uno les ni contra otros ese eso ante ellos esto mí antes algunos qué unos yo "
    "otro otras otra él tanto esa estos mucho nada está hola gracias usted estoy son era fue ha he "
    "muchas buenos días está mi tu se si",
    "fr": "le la les de des du un une et est en que qui dans pour pas sur au aux avec ce cette ces il "
    "elle ils elles nous vous je tu on ne se sa son ses leur plus par mais ou où si tout tous être "
    "avoir fait comme c' j' l' d' n' qu' s' sont ont été était bien très merci bonjour mon ma mes "
    "votre notre quand deux à y aussi même sans",
    "it": "il lo la i gli le di del della dei delle e è un una uno che in per con non si da dal su al "
    "alla come più ma anche se sono ho ha hanno questo questa questi quello io tu noi voi loro mi "
    "ti ci vi ne nel nella molto bene grazie ciao buongiorno perché quando dove chi cosa tutto "
    "tutti era essere avere suo sua mio mia l' dell' c'",
    "pt": "o a os as de do da dos das que e em um uma é por com não para no na ao mais mas foi ele ela "
    "seu sua se como nos já está eu também só pelo pela até isso entre era depois sem mesmo aos ter "
    "seus quem nas me esse eles você essa num nem suas meu às minha muito obrigado olá bom dia são "
    "tem nós",
    "de": "der die das und ist in den von zu mit sich des auf für nicht ein eine einen einem einer dem es "
    "im auch als an er sie wir ich du ihr nach wie aus bei oder aber so wenn nur noch über war hat "
    "haben sind wird kann mein dein sein wurde um am dass was hallo danke guten tag sehr bitte "
    "heute",
    "nl": "de het een en van in is dat op te zijn met voor niet aan er om ook als dan maar bij uit naar "
    "door over we ik je hij zij ze wij jullie mijn jouw dit die deze was heeft hebben had kan wordt "
    "nog wel geen hallo dank goed",
}
"""The most frequent function words, and greetings, of each language."""
NAMES = {
    "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "pt": "Portuguese", "de": "German",
    "nl": "Dutch",
}  # fmt: skip


@dataclass(frozen=True)
class Language:
    """A language that is spoken by Kokoro's voices: its pronunciation comes from another package.

    voices:  names of its voices, the usual one first
    package: the package with its lexicon, also the name of the extra's module
    """

    code: str
    voices: tuple[str, ...]
    package: str


OTHERS = {
    "es": Language("es", ("ef_dora", "em_alex"), "gruut_lang_es"),
    "fr": Language("fr", ("ff_siwis",), "gruut_lang_fr"),
    "it": Language("it", ("if_sara", "im_nicola"), "gruut_lang_it"),
}
CODES = ("en", *OTHERS)
NEEDED = ("pycrfsuite", "num2words")
"""Modules that every language but English needs."""


def detect(text: str) -> str:
    """The code of the language of a text in Latin script; English where that cannot be told."""
    words = {word.lower().replace("’", "'") for word in WORD.findall(text[:LOOKED_AT])}
    counts = Counter({code: sum(map(known.__contains__, words)) for code, known in _frequent().items()})
    best, found = max(counts.items(), key=lambda item: (item[1], item[0] == "en"))
    least = LEAST_WORDS if counts["en"] else LEAST_WORDS - 1
    if found < max(least, LEAST_SHARE * len(words)) or found < CLEARLY * counts["en"]:
        return "en"
    return best


def resolve(wanted: str, text: str) -> str:
    """The language for a configured code and a text.

    Raises InputError for a language that is not spoken here, and where a package for it is missing.
    """
    code = detect(text) if wanted == "auto" else check(wanted)
    if code not in CODES:
        raise InputError(
            f"the text is in {NAMES[code]}, which no voice here speaks",
            spoken_here(),
            "translate it; if it is in another of these, say so with --language CODE",
        )
    if code != "en":
        require(code)
    return code


def check(code: str) -> str:
    """A code that is spoken here. Raises InputError for another one."""
    if code not in CODES:
        raise InputError(f"language {code!r}", spoken_here(), did_you_mean(code, ["auto", *CODES]))
    return code


def require(code: str) -> None:
    """Raises InputError with what to install where the pronunciation of a language is not here."""
    modules = (OTHERS[code].package, *NEEDED)
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        raise InputError(
            f"the text is in {NAMES[code]}, and its pronunciation is not installed",
            spoken_here(),
            f"pip install 'pfy-plugin-speech[{code}]'; or --language en to read it as English",
        )


def spoken_here() -> str:
    """The languages that are spoken, with what each needs."""
    others = ", ".join(f"{NAMES[code]} ({code})" for code in OTHERS)
    return f"English (en), or with Kokoro and an extra of this plugin {others}"


@functools.cache
def _frequent() -> dict[str, frozenset[str]]:
    return {code: frozenset(words.split()) for code, words in FREQUENT.items()}
