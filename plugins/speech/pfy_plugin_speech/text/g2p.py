"""Phonemes: hibari's normaliser, lexicon and letter-to-sound model, reached in this place only.

The alphabet is Kokoro's: IPA with one character a sound, in which A I O Q W Y stand for the
diphthongs of bay, buy, go (American, British), how and boy.
"""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from hibari.g2p import G2P
from hibari.g2p.normalize import normalize

WORD = re.compile(r"[A-Za-z']+")
ACRONYM = 3
"""A word in capitals of at most so many letters is spelled when no lexicon has it."""
SOUND = re.compile(r"[^\W\d_]")
CUTS = (r"[.!?…;:—]+[”\")]*\s", r",\s", r"\s")
"""Where a string of phonemes is cut when it is too long: the best place first."""
_lock = threading.Lock()


@functools.cache
def vocabulary() -> dict[str, int]:
    """Ids of the phoneme characters, the same for hibari and Kokoro; 0 pads both ends."""
    file = resources.files("hibari") / "assets" / "vocab.json"
    return {str(key): int(value) for key, value in json.loads(file.read_text(encoding="utf-8")).items()}


def ids(phonemes: str) -> list[int]:
    """The ids of phonemes between two pads."""
    known = vocabulary()
    return [0, *(known[char] for char in phonemes), 0]


@dataclass(frozen=True)
class Word:
    """A word of a text and its phonemes."""

    text: str
    phonemes: str


@functools.cache
def phonemizer(*, british: bool = False) -> Phonemizer:
    """The phonemizer of an accent, loaded once (0.3 to 0.7 s)."""
    return Phonemizer(british=british)


class Phonemizer:
    """English text to phonemes, American or British."""

    def __init__(self, *, british: bool) -> None:
        self._g2p = G2P(british=british)

    def __call__(self, text: str) -> str:
        """Phonemes of one piece of text, punctuation kept; "" when there is nothing to say in it."""
        spoken = "".join(f"{word.phonemes}{' ' if gap else ''}" for word, gap in self._tokens(text))
        known = vocabulary()
        phonemes = " ".join("".join(char for char in spoken if char in known).split())
        if text.rstrip().endswith(".") and SOUND.match(phonemes[-1:]):
            phonemes += "."  # hibari takes the full stop after "plan B" for part of it
        return phonemes if SOUND.search(phonemes) else ""

    def words(self, text: str) -> Iterator[Word]:
        """The words that are said, numbers and symbols written out as phonemes, punctuation left out."""
        known = vocabulary()
        for word, _ in self._tokens(text):
            phonemes = "".join(char for char in word.phonemes if char in known)
            if SOUND.search(phonemes):
                yield Word(word.text, phonemes.strip())

    def _tokens(self, text: str) -> list[tuple[Word, bool]]:
        """The tokens of a text and whether a space follows.

        The normaliser fails on some digit strings ("9,9,9,9,..."); those are read digit by digit.
        """
        text = self._familiar(text)
        with _lock:  # hibari keeps no state between calls, but its onnxruntime session is shared
            try:
                return self._phonemize(normalize(text))
            except (IndexError, ValueError, KeyError):
                return self._phonemize(
                    re.sub(r"\d[\d.,]*", lambda m: " ".join(re.findall(r"\d", m[0])), text)
                )

    def _phonemize(self, text: str) -> list[tuple[Word, bool]]:
        tokens = self._g2p.phonemize_tokens(self._g2p.tokenize(text))
        return [(Word(token.text, token.phonemes or ""), bool(token.whitespace)) for token in tokens]

    def _familiar(self, text: str) -> str:
        """The text without shouting: hibari spells out words in capitals that it knows in small letters."""
        if text.upper() == text and len(WORD.findall(text)) > 1:
            text = WORD.sub(lambda m: self._lowered(m[0]), text)
        return text

    def _lowered(self, word: str) -> str:
        """A word of a text in capitals: acronyms that are no words, and the pronoun I, keep theirs."""
        gold, silver = self._g2p.lexicon.golds, self._g2p.lexicon.silvers
        if word != "I" and (gold.get(word.lower()) or silver.get(word.lower())):
            return word.lower()
        return word if word in gold.d or len(word) <= ACRONYM else word.lower()


def cut(phonemes: str, longest: int) -> Iterator[str]:
    """Phonemes in strings of at most ``longest``, cut at the best place near the end of each."""
    while len(phonemes) > longest:
        at = next(filter(None, (_last(pattern, phonemes, longest) for pattern in CUTS)), longest)
        yield phonemes[:at].strip()
        phonemes = phonemes[at:].strip()
    if phonemes:
        yield phonemes


def _last(pattern: str, phonemes: str, longest: int) -> int:
    found = [match.end() for match in re.finditer(pattern, phonemes[:longest])]
    return found[-1] if found and found[-1] > longest // 3 else 0
