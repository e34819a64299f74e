"""Piper voices: VITS models whose alphabet is espeak's, here fed from Kokoro's phonemes.

Only the model file is used: Piper's own code and espeak-ng are GPL and stay out.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import soxr

from pfy_plugin_speech.engines.onnx_file import open_session, threads
from pfy_plugin_speech.engines.utterance import Utterance, asked
from pfy_plugin_speech.ports import RATE

MODEL_RATE = 22_050
HOP = 256
"""Samples per unit of duration, at the model's rate."""
PACE = (
    (0.4, 0.467), (0.5, 0.575), (0.6, 0.659), (0.7, 0.77), (0.8, 0.882), (0.9, 0.96), (1.0, 1.0),
    (1.1, 1.034), (1.2, 1.087), (1.3, 1.168), (1.4, 1.283), (1.5, 1.383), (1.75, 1.534), (2.0, 1.591),
    (2.5, 1.764), (3.0, 1.873),
)  # fmt: skip
"""Its durations are rounded up, and never below one unit: faster than 1.9 it cannot speak."""
R_SHARE = 0.4
"""Part of espeak's ɚ, one symbol, that belongs to the second of Kokoro's two, əɹ; as in arpabet.ipa."""
PAD, START, END = 0, 1, 2
IDS = dict(zip(" !'(),-.:;?abcdefhijklmnopqrstuvwxyzæçðøħŋœ", range(3, 46), strict=True)) | {
    "ɐ": 50, "ɑ": 51, "ɒ": 52, "ɔ": 54, "ə": 59, "ɚ": 60, "ɛ": 61, "ɜ": 62, "ɡ": 66, "ɪ": 74, "ɬ": 76,
    "ɹ": 88, "ɾ": 92, "ʃ": 96, "ʊ": 100, "ʌ": 102, "ʒ": 108, "ʔ": 109, "ˈ": 120, "ˌ": 121, "ː": 122,
    "θ": 126, "ᵻ": 128,
}  # fmt: skip
"""Ids of the espeak symbols that English needs, from the phoneme_id_map of Piper's espeak voices."""
SPELLING = {
    "ɜɹ": "ɜː", "əɹ": "ɚ", "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "ʧ": "tʃ",
    "ʤ": "dʒ", "ᵊ": "ə", "T": "ɾ", "u": "uː", "ɑ": "ɑː", "ɔ": "ɔː", "uː": "uː", "ɑː": "ɑː", "ɔː": "ɔː",
    "—": ",", "…": ".",
}  # fmt: skip
"""Sounds of Kokoro's alphabet that espeak's American English writes otherwise."""
UNIT = re.compile("|".join([*sorted(SPELLING, key=len, reverse=True), "(?<=[ˈˌ])i", "."]))
STILL = np.array([0.0, 1.0, 0.0], np.float32)
"""Noise of the flow, length scale, noise of the durations. Without noise the same text gives the same
speech, and it is as good: DNSMOS 3.50 against 3.40 to 3.51, word errors .07 against .07 to .14."""


class Piper:
    """One single-speaker Piper voice of medium quality, from its ONNX file."""

    longest = 400
    opening = 0
    lag = 0.0

    def __init__(self, path: Path) -> None:
        self._session, _ = open_session(path, "Ceil", threads())

    def say(self, phonemes: str, *, speed: float, seed: int) -> Utterance:  # noqa: ARG002
        """See Engine; the seed changes nothing."""
        symbols, owners = _espeak(phonemes)
        ids = np.full(2 * len(symbols) + 3, PAD, np.int64)
        ids[0], ids[2:-1:2], ids[-1] = START, symbols, END
        feed = {
            "input": ids[None],
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": STILL / np.float32(asked(speed, PACE)),
        }
        wave, units = self._session.run(None, feed)
        spent = units.ravel().astype(np.float64) * HOP / MODEL_RATE
        seconds = np.zeros(len(phonemes) + 2)
        seconds[0], seconds[-1] = spent[:2].sum(), spent[-1]
        np.add.at(seconds, np.array(owners) + 1, spent[2:-1].reshape(-1, 2).sum(axis=1))
        for match in re.finditer("əɹ", phonemes):
            schwa = match.start() + 1
            seconds[schwa : schwa + 2] = seconds[schwa] * np.array([1 - R_SHARE, R_SHARE])
        return Utterance(soxr.resample(wave.ravel(), MODEL_RATE, RATE), seconds)


def _espeak(phonemes: str) -> tuple[list[int], list[int]]:
    """Ids of the espeak symbols of phonemes, and the index of the phoneme that each one belongs to."""
    symbols, owners = [], []
    for match in UNIT.finditer(phonemes):
        spelling = (
            "iː" if match[0] == "i" and match.start() and phonemes[match.start() - 1] in "ˈˌ" else match[0]
        )
        for place, symbol in enumerate(SPELLING.get(spelling, spelling)):
            if symbol in IDS:
                symbols.append(IDS[symbol])
                owners.append(min(match.start() + place, match.end() - 1))
    return symbols, owners
