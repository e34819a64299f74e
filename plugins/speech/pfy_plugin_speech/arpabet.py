"""ARPAbet, the alphabet of CMU's acoustic models, against IPA and against Kokoro's alphabet."""

from __future__ import annotations

import re

IPA = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d",
    "DH": "ð", "EH": "ɛ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "dʒ",
    "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p", "R": "ɹ", "S": "s",
    "SH": "ʃ", "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
"""All phones but ER, which is a vowel and an r (``ɜɹ``)."""
VOWELS = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])

FROM_KOKORO = {
    "ɜɹ": "ER", "əɹ": "ER", "ɜ": "ER", "A": "EY", "I": "AY", "O": "OW", "Q": "OW", "W": "AW", "Y": "OY",
    "a": "AA", "ɑ": "AA", "ɒ": "AA", "æ": "AE", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ᵊ": "AH", "ɔ": "AO",
    "o": "OW", "e": "EY", "ɛ": "EH", "ɪ": "IH", "ᵻ": "IH", "ɨ": "IH", "i": "IY", "ʊ": "UH", "u": "UW",
    "b": "B", "ʧ": "CH", "d": "D", "ð": "DH", "f": "F", "ɡ": "G", "h": "HH", "ʤ": "JH", "k": "K", "x": "K",
    "l": "L", "m": "M", "n": "N", "ŋ": "NG", "p": "P", "ɹ": "R", "r": "R", "s": "S", "ʃ": "SH", "t": "T",
    "T": "T", "ɾ": "T", "ʔ": "T", "θ": "TH", "v": "V", "w": "W", "j": "Y", "z": "Z", "ʒ": "ZH",
}  # fmt: skip
_SOUND = re.compile("|".join(sorted(FROM_KOKORO, key=len, reverse=True)) + "|[ˈˌ]")
_STRESS = {"ˈ": 2, "ˌ": 1}


def from_kokoro(phonemes: str) -> list[tuple[str, int]]:
    """ARPAbet phones of a word and the stress of each (0 for consonants)."""
    phones: list[tuple[str, int]] = []
    stress = 0
    for match in _SOUND.finditer(phonemes):
        if match[0] in _STRESS:
            stress = _STRESS[match[0]]
            continue
        phone = FROM_KOKORO[match[0]]
        phones.append((phone, stress if phone in VOWELS else 0))
        stress = 0 if phone in VOWELS else stress
    return phones


def ipa(phone: str) -> list[tuple[str, float]]:
    """The IPA sounds of an ARPAbet phone, each with its share of the time."""
    return [("ɜ", 0.6), ("ɹ", 0.4)] if phone == "ER" else [(IPA[phone], 1.0)]
