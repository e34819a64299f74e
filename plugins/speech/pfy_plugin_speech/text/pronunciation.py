"""Pronunciations that a user gives in IPA, in Kokoro's alphabet."""

from __future__ import annotations

import re

from pfy_core.errors import InputError
from pfy_plugin_speech.text.g2p import vocabulary

SPELLING = {
    "eɪ": "A", "aɪ": "I", "oʊ": "O", "əʊ": "Q", "aʊ": "W", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ", "dz": "ʣ",
    "ts": "ʦ", "ɚ": "əɹ", "ɝ": "ɜɹ", "g": "ɡ", "r": "ɹ", "'": "ˈ", "ɫ": "l", "ʍ": "w", "ɐ̯": "ɐ", "n̩": "ᵊn",
    "l̩": "ᵊl", "m̩": "ᵊm",
    ".": "", "͡": "", "͜": "", "‿": "", "/": "", "[": "", "]": "", "ˑ": "", "ʰ": "", "̯": "", "ɪ̈": "ɪ", "ɵ": "ʊ",
    "ʉ": "u", "ɘ": "ə", "ɞ": "ɜ", "ɶ": "œ", "ʏ": "y",
}  # fmt: skip
"""IPA that Kokoro's alphabet writes otherwise, and signs that it does without."""
_PART = re.compile("|".join(map(re.escape, sorted(SPELLING, key=len, reverse=True))) + "|.", re.DOTALL)
_STRESS = re.compile(r"([ˈˌ])([^AIOQWYaiuyæɑɒɔəɛɜɪʊʌᵻeoøœɐɨɯɤᵊ\s]*)")
"""A mark of stress and the consonants before the vowel that it is said on."""


def from_ipa(ipa: str) -> str:
    """Phonemes in Kokoro's alphabet, in which the mark of stress stands before the vowel.

    Raises InputError for a text in which no sound, or an unknown one, is written.
    """
    joined = ipa.replace("͡", "").replace("͜", "")
    sounds = "".join(SPELLING.get(part, part) for part in _PART.findall(joined))
    unknown = sorted({char for char in sounds if char not in vocabulary()})
    if unknown:
        raise InputError(f"unknown symbol {' '.join(unknown)}", "IPA", "write the word in IPA, as təˈmeɪtoʊ")
    if not sounds.strip("ˈˌː ,.!?"):
        raise InputError("no sound", "IPA", "write the word in IPA, as təˈmeɪtoʊ")
    return " ".join(_STRESS.sub(r"\2\1", sounds).split())
