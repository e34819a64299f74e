"""Spanish, French and Italian: text to phonemes with espeak's lexicons as the gruut packages ship them.

Kokoro's voices of these languages were trained on espeak's phonemes; the packages (MIT) hold its output for
their words and a CRF model for the others, so that espeak itself (GPL) is not needed.
"""

from __future__ import annotations

import base64
import functools
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from pfy_plugin_speech.text.g2p import SOUND, Given, vocabulary
from pfy_plugin_speech.text.languages import OTHERS
from pfy_plugin_speech.text.romance_numbers import normalise
from pfy_plugin_speech.text.spoken import spell_out
from pfy_plugin_speech.text.tracked import Tracked
from pfy_plugin_speech.text.words import Token

TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*['’]?|[;:,.!?—…\"()“”]")
CONTEXT = 3
"""Letters on either side that the CRF model was trained to look at."""
NOTHING = "_"
"""The model's label for a letter that is not heard."""
KOKORO = {
    "tʃ": "ʧ", "dʒ": "ʤ", "dz": "ʣ", "ts": "ʦ", "aɪ": "I", "aʊ": "W", "eɪ": "A",
    "oʊ": "O", "ɔɪ": "Y", "-": "", "d̪": "d",
}  # fmt: skip
"""As Kokoro's own front end writes espeak's affricates and diphthongs, with one character each."""
_PAIRS = re.compile("|".join(sorted(KOKORO, key=len, reverse=True)))
VOWELS = frozenset("aeiouyøœɐɑɔəɛɪʊAIOWY")
LIAISON = {
    "un": ("œ̃", "n"), "on": ("ɔ̃", "n"), "en": ("ɑ̃", "n"), "mon": ("mɔ̃", "n"), "ton": ("tɔ̃", "n"),
    "son": ("sɔ̃", "n"), "est": ("ɛ", "t"), "c'est": ("sɛ", "t"), "ont": ("ɔ̃", "t"), "sont": ("sɔ̃", "t"),
    "ils": ("il", "z"), "elles": ("ɛl", "z"), "les": ("le", "z"), "des": ("de", "z"), "ces": ("se", "z"),
    "mes": ("me", "z"), "tes": ("te", "z"), "ses": ("se", "z"), "aux": ("o", "z"), "nos": ("no", "z"),
    "vos": ("vo", "z"), "nous": ("nu", "z"), "vous": ("vu", "z"), "dans": ("dɑ̃", "z"), "sans": ("sɑ̃", "z"),
    "chez": ("ʃe", "z"), "très": ("tʁɛ", "z"), "deux": ("dˈø", "z"), "trois": ("tʁwˈa", "z"),
    "petit": ("pətˈi", "t"), "grand": ("ɡʁˈɑ̃", "t"), "quand": ("kɑ̃", "t"),
}  # fmt: skip
"""French words whose last consonant is heard before a vowel only; the lexicon has it in some always."""
_lock = threading.Lock()


@functools.cache
def phonemizer(code: str) -> Romance:
    """The phonemizer of a language, loaded once."""
    return Romance(code)


class Romance:
    """Sentences in Spanish, French or Italian to phonemes."""

    def __init__(self, code: str) -> None:
        import pycrfsuite

        self._code = code
        folder = Path(str(resources.files(OTHERS[code].package))) / "espeak"
        self._lexicon = sqlite3.connect(
            f"{(folder / 'lexicon.db').as_uri()}?mode=ro", uri=True, check_same_thread=False
        )
        self._tagger: Any = pycrfsuite.Tagger()
        self._tagger.open(str(folder / "g2p" / "model.crf"))

    def __call__(self, sentence: Tracked, given: Given | None = None) -> list[Token]:
        """The tokens of a sentence, punctuation among them; [] when there is nothing to say in it."""
        text = normalise(spell_out(sentence), self._code)
        found = list(TOKEN.finditer(text.text))
        with _lock:  # neither the database's connection nor the tagger is for several threads
            known = self._look_up({match[0].lower().replace("’", "'") for match in found})
        sounds = [self._sound(match, text, known, given) for match in found]
        if self._code == "fr":
            sounds = list(_linked([match[0] for match in found], sounds))
        tokens = []
        for index, (match, sound) in enumerate(zip(found, sounds, strict=True)):
            part = slice(match.start(), match.end())
            gap = index + 1 < len(found) and found[index + 1].start() > match.end()
            tokens.append(Token(sound, min(text.starts[part]), max(text.ends[part]), gap))
        return tokens if any(SOUND.search(token.phonemes) for token in tokens) else []

    def _sound(self, match: re.Match[str], text: Tracked, known: dict[str, str], given: Given | None) -> str:
        set_down = given.sound(text.starts[match.start()]) if given is not None else None
        if set_down is not None:
            return set_down[1]
        return known.get(match[0].lower().replace("’", "'"), match[0])

    def _look_up(self, words: set[str]) -> dict[str, str]:
        """Phonemes of words in small letters: one pass through the lexicon, which has no index."""
        words = {word for word in words if SOUND.search(word)}
        parts = {part for word in words if "'" in word for part in word.split("'") if part}
        wanted = sorted(words | parts)
        marks = ",".join("?" * len(wanted))
        query = f"SELECT word, phonemes FROM word_phonemes WHERE word IN ({marks}) ORDER BY pron_order DESC"  # noqa: S608
        listed = {word: _kokoro(phonemes.split()) for word, phonemes in self._lexicon.execute(query, wanted)}
        return {word: listed.get(word) or self._spelled(word, listed) for word in words}

    def _spelled(self, word: str, listed: dict[str, str]) -> str:
        """A word that is not in the lexicon, part by part around apostrophes, or from its letters."""
        parts = [part for part in word.split("'") if part]
        return "".join((listed.get(part, "") if len(part) > 2 else "") or self._guess(part) for part in parts)

    def _guess(self, word: str) -> str:
        labels = self._tagger.tag(_features(unicodedata.normalize("NFC", word)))
        phonemes = [part for label in labels for part in base64.b64decode(label).decode().split("|")]
        return _kokoro([part for part in phonemes if part != NOTHING])


def _features(word: str) -> list[dict[str, Any]]:
    """What the CRF model looks at, for each letter of a word: itself and its neighbours, in base64."""
    codes = [base64.b64encode(char.encode()).decode() for char in word]
    rows: list[dict[str, Any]] = []
    for index, code in enumerate(codes):
        row: dict[str, Any] = {"bias": 1.0, "grapheme": code}
        if index == 0:
            row["begin"] = True
        for distance in range(1, CONTEXT + 1):
            if index >= distance:
                row[f"grapheme-{distance}"] = codes[index - distance]
            if index + distance < len(codes):
                row[f"grapheme+{distance}"] = codes[index + distance]
        if index == len(codes) - 1:
            row["end"] = True
        rows.append(row)
    return rows


def _kokoro(phonemes: list[str]) -> str:
    """Espeak's phonemes in Kokoro's alphabet; the stress stays before the vowel."""
    text = unicodedata.normalize("NFD", "".join(phonemes))
    text = re.sub(r"([td])([ˈˌ])([ʃʒsz])", r"\1\3\2", text)
    text = _PAIRS.sub(lambda match: KOKORO[match[0]], text)
    known = vocabulary()
    return "".join(char for char in text if char in known)


def _linked(words: list[str], sounds: list[str]) -> Iterator[str]:
    """French words with the consonant that links them to a vowel."""
    for index, (word, sound) in enumerate(zip(words, sounds, strict=True)):
        plain = word.lower().replace("’", "'")
        if plain in LIAISON:
            base, link = LIAISON[plain]
            after = sounds[index + 1].lstrip("ˈˌ")[:1] if index + 1 < len(sounds) else ""
            sound = unicodedata.normalize("NFD", base) + (link if after in VOWELS and after else "")
        elif plain.endswith(("s", "x")) and sound.endswith("z"):
            sound = sound[:-1]  # the lexicon has the link of some plurals, which is rare in speech
        yield sound
