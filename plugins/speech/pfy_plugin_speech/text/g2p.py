"""Phonemes: hibari's lexicon, tagger and letter-to-sound model, reached in this place only.

The alphabet is Kokoro's: IPA with one character a sound, in which A I O Q W Y stand for the
diphthongs of bay, buy, go (American, British), how and boy.
"""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Iterator
from importlib import resources
from typing import Protocol

from hibari.g2p import G2P
from hibari.g2p.lexicon import apply_stress
from hibari.g2p.token import Tok

from pfy_plugin_speech.text.normalise import normalise
from pfy_plugin_speech.text.spoken import spell_out
from pfy_plugin_speech.text.tracked import Tracked
from pfy_plugin_speech.text.words import Token

WORD = re.compile(r"[A-Za-z']+")
ACRONYM = 3
"""A word in capitals of at most so many letters is spelled when no lexicon has it."""
LOWER = re.compile(r"[A-Z]?[a-z]|\w{4}")
"""What an article stands before: a word, not a single letter or a sign."""
SOUND = re.compile(r"[^\W\d_]")
CUTS = (r"[.!?…;:—]+[”\")]*\s", r",\s", r"\s")
"""Where a string of phonemes is cut when it is too long: the best place first."""
_lock = threading.Lock()


class Given(Protocol):
    """What is given for the pronunciation of stretches of a text, by the position in it."""

    def sound(self, at: int) -> tuple[int, str] | None:
        """A number of the stretch and the phonemes that stand for all of it."""
        ...

    def stress(self, at: int) -> int:
        """1 where the stress is brought out, -1 where it is taken back, 0 elsewhere."""
        ...


@functools.cache
def vocabulary() -> dict[str, int]:
    """Ids of the phoneme characters, the same for hibari and Kokoro; 0 pads both ends."""
    file = resources.files("hibari") / "assets" / "vocab.json"
    return {str(key): int(value) for key, value in json.loads(file.read_text(encoding="utf-8")).items()}


def ids(phonemes: str) -> list[int]:
    """The ids of phonemes between two pads."""
    known = vocabulary()
    return [0, *(known[char] for char in phonemes), 0]


@functools.cache
def phonemizer(*, british: bool = False) -> Phonemizer:
    """The phonemizer of an accent, loaded once (0.3 to 0.7 s)."""
    return Phonemizer(british=british)


class Phonemizer:
    """English sentences to phonemes, American or British."""

    def __init__(self, *, british: bool) -> None:
        self._british = british
        self._g2p = G2P(british=british)

    def __call__(self, sentence: Tracked, given: Given | None = None) -> list[Token]:
        """The tokens of a sentence, punctuation among them; [] when there is nothing to say in it.

        ``given`` knows the phonemes and the stress that are given for stretches of the text.
        """
        text = normalise(spell_out(self._familiar(sentence)), british=self._british)
        with _lock:  # hibari keeps no state between calls, but its onnxruntime session is shared
            tokens = self._tokens(text, given)
        if tokens and text.text.endswith(".") and SOUND.match(tokens[-1].phonemes[-1:]):
            last = tokens[-1]
            tokens.append(
                Token(".", last.end, last.end, gap=False)
            )  # hibari takes that of "plan B." for part of it
        return tokens if any(SOUND.search(token.phonemes) for token in tokens) else []

    def phonemes(self, sentence: Tracked) -> str:
        """The phonemes of a sentence in one string, punctuation kept; "" when there is nothing to say."""
        tokens = self(sentence)
        return " ".join("".join(t.phonemes + " " * t.gap for t in tokens).split())

    def _tokens(self, text: Tracked, given: Given | None) -> list[Token]:
        raw = self._g2p.tokenize(text.text)
        self._preset(raw, text, given)
        known = vocabulary()
        tokens = []
        for token, (start, end) in zip(
            raw := self._g2p.phonemize_tokens(raw), _places(raw, text), strict=True
        ):
            phonemes = "".join(char for char in token.phonemes or "" if char in known)
            stress = given.stress(start) if given is not None else 0
            tokens.append(Token(_stressed(phonemes, stress), start, end, gap=bool(token.whitespace)))
        return tokens

    def _preset(self, raw: list[Tok], text: Tracked, given: Given | None) -> None:
        """Give tokens the phonemes that are given for them: the first of a stretch has them all.

        And the letter A its name, where it is no article: "plan A", "A, B and C".
        """
        before = None
        for index, (token, (start, _)) in enumerate(zip(raw, _places(raw, text), strict=True)):
            found = given.sound(start) if given is not None else None
            if found is not None:
                token.phonemes, token.rating = ("" if found == before else found[1]), 5
            elif token.text == "A" and not any(
                LOWER.match(other.text) for other in raw[index + 1 : index + 2]
            ):
                token.phonemes, token.rating = "ˈA", 5
            before = found

    def _familiar(self, text: Tracked) -> Tracked:
        """The text without shouting: hibari spells out words in capitals that it knows in small letters."""
        if text.text.upper() == text.text and len(WORD.findall(text.text)) > 1:
            text = text.written(WORD.sub(lambda m: self._lowered(m[0]), text.text))
        return text

    def _lowered(self, word: str) -> str:
        """A word of a text in capitals: acronyms that are no words, and single letters, keep theirs."""
        gold, silver = self._g2p.lexicon.golds, self._g2p.lexicon.silvers
        if len(word) > 1 and (gold.get(word.lower()) or silver.get(word.lower())):
            return word.lower()
        return word if word in gold.d or len(word) <= ACRONYM else word.lower()


def _places(tokens: list[Tok], text: Tracked) -> Iterator[tuple[int, int]]:
    """Where in the source the tokens of a text, which follow each other in it, come from."""
    at = 0
    for token in tokens:
        found = text.text.find(token.text, at)
        first = at if found < 0 else found
        at = min(first + len(token.text), len(text.text))
        part = slice(first, max(at, first + 1))
        starts, ends = text.starts[part], text.ends[part]
        yield (min(starts), max(ends)) if len(starts) else (text.ends[-1], text.ends[-1])


def _stressed(phonemes: str, stress: int) -> str:
    """A word with its stress brought out (1) or taken back (-1)."""
    if not stress or not SOUND.search(phonemes):
        return phonemes
    return str(apply_stress(phonemes, 2 if stress > 0 else -1))


def cut(phonemes: str, longest: int) -> Iterator[tuple[int, int]]:
    """Where to cut phonemes into stretches of at most ``longest``: their starts and ends.

    Each is cut at the best place near its end; spaces between stretches belong to none.
    """
    start, end = 0, len(phonemes)
    while end - start > longest:
        rest = phonemes[start:]
        at = next(filter(None, (_last(pattern, rest, longest) for pattern in CUTS)), longest)
        yield start, start + len(rest[:at].rstrip())
        start += at + len(rest[at:]) - len(rest[at:].lstrip())
    if start < end:
        yield start, end


def _last(pattern: str, phonemes: str, longest: int) -> int:
    found = [match.end() for match in re.finditer(pattern, phonemes[:longest])]
    return found[-1] if found and found[-1] > longest // 3 else 0
