"""Phones: an engine's phonemes and durations as IPA sounds with times, pauses found in the wave.

The durations say when each sound is due; they do not say where sound ends and silence begins: the last
sound of a phrase may carry half a second of silence, and a comma may be spoken over. So sounds get their
times from the model, and the pauses between phrases theirs from the level of the wave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pfy_core.kinds import Phone
from pfy_plugin_speech.engines.utterance import Utterance
from pfy_plugin_speech.ports import RATE, Array

IPA = {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "ʧ": "tʃ", "ʤ": "dʒ", "ʣ": "dz",
    "ʦ": "ts", "ʨ": "tɕ", "ʥ": "dʑ", "ᵊ": "ə", "ᵻ": "ɪ", "T": "ɾ",
}  # fmt: skip
"""Sounds of Kokoro's alphabet that IPA writes otherwise; the others are IPA."""
VOWELS = frozenset("AIOQWYaeiouyøœɐɑɒæɔəᵊɚɛɜɪᵻɨɯʊʌɤ")
STOPS = frozenset(["p", "b", "t", "d", "k", "ɡ", "ɾ", "ʔ", "tʃ", "dʒ"])
"""Sounds that begin with a silence of their own, which is no pause."""
STRESSES = {"ˈ": 2, "ˌ": 1}
LENGTH = "ː"
MODIFIERS = frozenset("ʰʲ̃")
PUNCTUATION = frozenset(';:,.!?—…"()“”')

HOP, WINDOW = 120, 240
"""Samples between and under two levels: 5 and 10 ms."""
SILENT = -45.0
"""Decibels below the loud parts of an utterance (95th percentile of level) that count as silence; the
engines' own silence lies below -55, the faintest final fricatives above -43."""
PAUSE = 0.05
"""Seconds of silence that are a pause."""
LEAST = 0.02
"""Seconds that a sound beside a pause keeps, whatever the level says."""
CLOSURE = 0.12
"""Seconds from its start within which the silence of a final stop is its own."""


@dataclass
class _Sound:
    symbol: str
    start: float
    end: float
    stress: int = 0
    owner: int = -1


@dataclass(frozen=True)
class Located:
    """The phones of an utterance in order, without gaps, and the start and end of each word in it."""

    phones: list[Phone]
    words: list[tuple[float, float]]


@dataclass(frozen=True)
class _Gap:
    """What stands between two sounds: a space, or punctuation, or the edge of the utterance."""

    start: float
    end: float
    phrase: bool


def locate(utterance: Utterance, phonemes: str, lag: float, owners: Sequence[int] = ()) -> Located:
    """The phones of an utterance, from 0 to the end of its wave, and its words.

    ``lag`` is subtracted from the model's times, in seconds. ``owners`` are the numbers of the words, in
    order from 0, that the phonemes belong to, -1 for none.
    """
    length = len(utterance.wave) / RATE
    owners = owners or [-1] * len(phonemes)
    sounds, gaps = _read(
        phonemes, owners, np.clip(np.cumsum(utterance.seconds) - lag, 0.0, length).tolist(), length
    )
    level = _level(utterance.wave)
    silent = level < np.percentile(level, 95) + SILENT
    for index, gap in enumerate(gaps):
        left = sounds[index - 1] if index else None
        right = sounds[index] if index < len(sounds) else None
        start, end = _silence(gap, left, right, silent, length) if gap.phrase else (0.0, 0.0)
        if end - start < PAUSE:
            start = end = 0.0 if left is None else length if right is None else (gap.start + gap.end) / 2
        if left is not None:
            left.end = max(start, left.start)
        if right is not None:
            right.start = min(end, right.end)
    return Located(_contiguous(sounds, length), _words(sounds))


def _words(sounds: list[_Sound]) -> list[tuple[float, float]]:
    """Start and end of each word, which do not overlap."""
    words: list[tuple[float, float]] = []
    of = -1
    for sound in sounds:
        if sound.owner > of:
            of = sound.owner
            start = max(sound.start, words[-1][1] if words else 0.0)
            words.append((start, max(sound.end, start)))
        elif words:
            words[-1] = (words[-1][0], max(sound.end, words[-1][1]))
    return words


def _read(
    phonemes: str, owners: Sequence[int], ends: list[float], length: float
) -> tuple[list[_Sound], list[_Gap]]:
    """Sounds and the gaps around them (one more than there are sounds).

    Marks of stress and length are merged into the sound they belong to, with their durations.
    """
    sounds: list[_Sound] = []
    gaps: list[_Gap] = []
    gap_from, phrase, stress, start = 0.0, True, 0, -1.0
    for char, owner, begin, end in zip(phonemes, owners, ends, ends[1:], strict=False):
        if char in STRESSES:
            stress = STRESSES[char]
            start = begin if start < 0 else start
        elif char == LENGTH or char in MODIFIERS:
            if sounds:
                sounds[-1].end = gap_from = end
                sounds[-1].symbol += char if char == LENGTH else ""
        elif char == " " or char in PUNCTUATION:
            phrase, start = phrase or char != " ", -1.0
        else:
            start = begin if start < 0 else start
            gaps.append(_Gap(gap_from, start, phrase))
            vowel = char in VOWELS
            sounds.append(_Sound(IPA.get(char, char), start, end, stress if vowel else 0, owner))
            stress = 0 if vowel else stress
            gap_from, phrase, start = end, False, -1.0
    gaps.append(_Gap(gap_from, length, phrase=True))
    return sounds, gaps


def _silence(
    gap: _Gap, left: _Sound | None, right: _Sound | None, silent: NDArray[np.bool_], length: float
) -> tuple[float, float]:
    """Start and end of the longest silence at a gap between phrases; (0, 0) when there is none."""
    low, high = 0.0, length
    if left is not None:
        low = left.start + (CLOSURE if left.symbol in STOPS else LEAST)
    if right is not None:
        high = gap.end if right.symbol in STOPS else right.end - LEAST
    step = HOP / RATE
    first, last = int(np.ceil(low / step)), int(high / step)
    edges = np.flatnonzero(np.diff(silent[first:last].astype(np.int8), prepend=0, append=0)) + first
    runs = edges.reshape(-1, 2)
    if left is None:
        runs = runs[:1][runs[:1, 0] == first]
    elif right is None:
        runs = runs[-1:]
    if not len(runs):
        return 0.0, 0.0
    start, end = runs[np.argmax(runs[:, 1] - runs[:, 0])].tolist()
    return start * step, length if right is None else end * step


def _contiguous(sounds: list[_Sound], length: float) -> list[Phone]:
    """Phones with silences where two sounds do not meet."""
    phones: list[Phone] = []
    at = 0.0
    for sound in sounds:
        if sound.start > at:
            phones.append(Phone("", at, sound.start))
        start = max(at, sound.start)
        if sound.end > start:
            phones.append(Phone(sound.symbol, start, sound.end, sound.stress))
        at = max(at, sound.end)
    if length > at:
        phones.append(Phone("", at, length))
    return phones


def _level(wave: Array) -> NDArray[np.float64]:
    """Level of a wave in dBFS every HOP samples, over WINDOW samples around."""
    padded = np.pad(wave.astype(np.float64) ** 2, WINDOW // 2)
    power = np.concatenate([[0.0], np.cumsum(padded)])
    starts = np.arange(0, len(wave), HOP)
    return 10 * np.log10((power[starts + WINDOW] - power[starts]) / WINDOW + 1e-12)
