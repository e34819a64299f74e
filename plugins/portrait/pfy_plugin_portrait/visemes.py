"""Visemes: what the mouth does for each sound.

The table was calibrated on the paper's videos (median aperture .03-.11 interocular distances, 95 %
.08-.25) and follows the usual articulatory classes of English; sounds of other languages fall to the
class of their nearest IPA neighbour.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pfy_core.kinds import Phone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CURVES = ("open", "width", "round", "tuck", "press", "lift", "tongue")
"""open: gap of the lips in iod; width: share of the mouth's width; the others 0..1: lips rounded,
lower lip under the teeth, lips pressed, upper lip lifted, tongue forward."""


@dataclass(frozen=True)
class Viseme:
    """Targets of CURVES, and how strongly the sound insists on them."""

    open: float
    width: float = 0.0
    round: float = 0.0
    tuck: float = 0.0
    press: float = 0.0
    lift: float = 0.0
    tongue: float = 0.0
    weight: float = 1.0
    closes: bool = False
    colours: bool = True
    """Whether width and rounding are its own; else its neighbours' show through."""


VISEMES = {
    "silence": Viseme(0.0, weight=0.9, colours=False),
    "bilabial": Viseme(0.0, round=0.05, press=1.0, weight=2.2, closes=True),
    "labiodental": Viseme(0.028, width=0.01, tuck=1.0, lift=0.2, weight=3.0),
    "dental": Viseme(0.065, width=0.01, lift=0.1, tongue=1.0, weight=1.1),
    "alveolar": Viseme(0.052, width=0.025, lift=0.1, tongue=0.35, weight=0.6, colours=False),
    "lateral": Viseme(0.075, width=0.02, tongue=0.5, weight=0.7),
    "sibilant": Viseme(0.038, width=0.05, lift=0.45, weight=1.1),
    "postalveolar": Viseme(0.05, width=-0.02, round=0.55, lift=0.4, weight=1.2),
    "velar": Viseme(0.07, weight=0.45, colours=False),
    "glottal": Viseme(0.07, weight=0.25, colours=False),
    "rhotic": Viseme(0.05, round=0.42, weight=0.9),
    "w": Viseme(0.03, round=0.95, weight=1.4),
    "y": Viseme(0.05, width=0.05, weight=0.8),
    "i": Viseme(0.062, width=0.085, lift=0.35),
    "ih": Viseme(0.082, width=0.05, lift=0.2),
    "e": Viseme(0.115, width=0.05, lift=0.15),
    "ae": Viseme(0.155, width=0.05, lift=0.15),
    "a": Viseme(0.180, width=-0.01),
    "uh": Viseme(0.105),
    "schwa": Viseme(0.075, weight=0.6, colours=False),
    "aw": Viseme(0.145, round=0.5),
    "o": Viseme(0.115, round=0.7),
    "oo": Viseme(0.07, round=0.7),
    "u": Viseme(0.048, round=0.95, weight=1.2),
}

SOUNDS = {
    sound: name
    for name, sounds in {
        "bilabial": "p b m ɸ β ɓ",
        "labiodental": "f v ʋ ɱ",
        "dental": "θ ð",
        "alveolar": "t d n ɾ ʈ ɖ ɳ ʔ",
        "lateral": "l ɫ ɬ ɮ ɭ ʎ",
        "sibilant": "s z ts dz",
        "postalveolar": "ʃ ʒ tʃ dʒ ʧ ʤ ɕ ʑ ʂ ʐ",
        "velar": "k ɡ g ŋ x ɣ q ɢ χ ʁ c ɟ ɲ ç",
        "glottal": "h ɦ ħ ʕ",
        "rhotic": "ɹ r ɻ ɝ ɚ ɜ ʀ",
        "w": "w ʍ ɥ",
        "y": "j ʝ",
        "i": "i",
        "ih": "ɪ ᵻ ɨ",
        "e": "ɛ e",
        "ae": "æ",
        "a": "a ɑ",
        "uh": "ʌ ɐ",
        "schwa": "ə ᵊ ɘ",
        "aw": "ɒ ɔ",
        "o": "o ø ɤ œ",
        "oo": "ʊ ʏ",
        "u": "u y ɯ ʉ",
    }.items()
    for sound in sounds.split()
}
VOWELS = frozenset(["i", "ih", "e", "ae", "a", "uh", "schwa", "aw", "o", "oo", "u", "rhotic"])
FIRST_HALF = 0.55
"""Share of a diphthong's time that its first sound takes."""


@dataclass(frozen=True)
class Segment:
    """A viseme in time: seconds, stress 0..2 (of vowels)."""

    viseme: Viseme
    start: float
    end: float
    stress: int = 0
    vowel: bool = False

    @property
    def silent(self) -> bool:
        return self.viseme is VISEMES["silence"]


def segments(phones: Iterable[Phone]) -> Iterator[Segment]:
    """The visemes of phones, in order; a diphthong gives two."""
    for phone in phones:
        sounds = spell(phone.symbol)
        bound = phone.start + (phone.end - phone.start) * FIRST_HALF
        times = [(phone.start, bound), (bound, phone.end)] if len(sounds) == 2 else [(phone.start, phone.end)]
        for sound, (start, end) in zip(sounds, times, strict=True):
            vowel = sound in VOWELS
            yield Segment(VISEMES[sound], start, end, phone.stress if vowel else 0, vowel=vowel)


def spell(symbol: str) -> list[str]:
    """The viseme names of an IPA symbol: one, or two for a diphthong; silence for ""."""
    plain = unicodedata.normalize("NFD", symbol)
    plain = "".join(c for c in plain if not unicodedata.combining(c) and c not in "ːˑˈˌ͡‿ʰʲʷ .")
    if not plain:
        return ["silence"]
    if plain in SOUNDS:
        return [SOUNDS[plain]]
    known = [SOUNDS[c] for c in plain if c in SOUNDS]
    if not known:
        return ["schwa"]
    if len(known) > 1 and known[0] in VOWELS and known[-1] in VOWELS and known[0] != known[-1]:
        return [known[0], known[-1]]
    return known[:1]
