"""Accents: the syllables that a speaker stresses, and what head and brows do on them.

What is stressed is heard, not only looked up: a syllable stands out by its loudness and by its pitch
against what is around it. Heads and brows move with both (Munhall et al. 2004, "Visual prosody"; Busso
et al. 2007: head motion correlates with F0 and energy; Cavé et al. 1996: 71 % of brow raises come with a
rise in F0; Flecha-García 2010: they precede the accent by 60 ms).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pfy_plugin_portrait.pixels import smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pfy_plugin_portrait.heard import Heard

BEFORE, AFTER = 1.2, 0.15
"""Seconds before and after a syllable with which it is compared: mostly what the listener has heard."""
STRESS = (0.0, 0.08, 0.22)
"""Prominence that stress in the dictionary gives: none, secondary, primary."""
LOUDER = (2.2, -0.30, 0.50)
"""Prominence for each unit of energy (32 dB) above the mean of the syllables around; least, most."""
HIGHER = (0.16, -0.30, 0.75)
"""Prominence for each semitone above the median pitch around; least, most."""
THRESHOLD, FULL = 0.30, 1.0
"""Prominence at which an accent begins to show and at which it is full."""
RIVAL, YIELD = 0.25, 0.3
"""An accent with a stronger one within so many seconds keeps this share: heads do not nod on every
syllable."""
LONGEST = 0.45
"""Seconds of a vowel, its diphthong's halves together."""
LEAD, REACH = 0.06, 1.0
"""Seconds by which brows run ahead, and after which an accent is over."""
SOON = 0.25
"""Seconds before a syllable at which its accent begins to show."""
BROW_RISE, BROW_FALL = 0.11, 0.26
"""Seconds (half widths) of a brow's way up and down."""
BROW_PITCH = (0.5, 4.0)
"""Semitones above the pitch around from which brows join in, and from which fully."""
QUESTION = (2.0, 6.0)
"""Semitones by which pitch rises at the end of a phrase that asks, and that surely asks."""
TAIL, STEM = 0.12, 0.45
"""Seconds at the end of a phrase whose pitch is compared with that of the seconds before."""


@dataclass(frozen=True)
class Accent:
    """A stressed syllable: its middle in seconds, strength in 0..1, semitones above what is around."""

    time: float
    strength: float
    pitch: float


def accents(heard: Heard, low: float, high: float) -> list[Accent]:
    """The accents whose effect touches ``low`` to ``high`` seconds."""
    # Rivals, and what those are compared with, lie further out.
    margin = RIVAL + BEFORE + LONGEST
    syllables = _syllables(heard, low - REACH - margin, high + SOON + RIVAL + AFTER)
    if not syllables:
        return []
    middles = np.array([(start + end) / 2 for start, end, _ in syllables])
    samples = np.concatenate([np.linspace(start, end, 4) for start, end, _ in syllables])
    loud = heard.envelope.at(samples)[0].reshape(-1, 4).max(1)
    judged = (middles >= low - REACH - RIVAL) & (middles <= high + SOON + RIVAL)
    prominence, pitches = np.zeros(len(syllables)), np.zeros(len(syllables))
    for index in np.flatnonzero(judged):
        (start, end, stress), middle = syllables[index], middles[index]
        around = (middles > middle - BEFORE) & (middles < middle + AFTER)
        pitches[index] = _above(heard, start, end, middle)
        prominence[index] = (
            STRESS[stress]
            + np.clip(LOUDER[0] * (loud[index] - loud[around].mean()), *LOUDER[1:])
            + np.clip(HIGHER[0] * pitches[index], *HIGHER[1:])
        )
    strength = np.clip((prominence - THRESHOLD) / (FULL - THRESHOLD), 0, 1)
    found = []
    for index in np.flatnonzero((strength > 0) & (middles >= low - REACH) & (middles <= high + SOON)):
        near = np.abs(middles - middles[index]) < RIVAL
        share = 1.0 if prominence[index] >= prominence[near].max() else YIELD
        found.append(Accent(float(middles[index]), float(strength[index]) * share, float(pitches[index])))
    return found


def brows(times: NDArray[np.float64], found: list[Accent]) -> NDArray[np.float64]:
    """How far accents raise the brows (t), in 0..1."""
    raised = np.zeros(len(times))
    for accent in found:
        way = times - accent.time + LEAD
        shape = np.exp(-((way / np.where(way < 0, BROW_RISE, BROW_FALL)) ** 2))
        raised = np.maximum(raised, shape * accent.strength * smoothstep(accent.pitch, *BROW_PITCH))
    return raised


def questions(times: NDArray[np.float64], heard: Heard) -> NDArray[np.float64]:
    """How far phrases that end with rising pitch raise the brows (t), in 0..1."""
    raised = np.zeros(len(times))
    for start, _ in heard.pauses(times[0] - REACH, times[-1] + SOON):
        tail = heard.pitch.between(start - 2 * TAIL, start)[-round(TAIL * 100) :]
        stem = heard.pitch.between(start - TAIL - STEM, start - TAIL)
        if len(tail) < 3 or len(stem) < 5:
            continue
        rise = float(smoothstep(np.median(tail) - np.median(stem), *QUESTION))
        way = times - (start - TAIL)
        raised = np.maximum(raised, rise * smoothstep(way, -0.12, 0.08) * (1 - smoothstep(way, 0.40, 0.85)))
    return raised


def _syllables(heard: Heard, low: float, high: float) -> list[tuple[float, float, int]]:
    """Start, end and stress of the vowels in between; the two halves of a diphthong are one."""
    found: list[tuple[float, float, int]] = []
    for part in heard.between(low, high):
        if not part.vowel:
            continue
        start, end, stress = found[-1] if found else (0.0, -1.0, -1)
        if part.start - end < 1e-3 and part.stress == stress and part.end - start < LONGEST:
            found[-1] = start, part.end, stress
        else:
            found.append((part.start, min(part.end, part.start + LONGEST), part.stress))
    return found


def _above(heard: Heard, start: float, end: float, middle: float) -> float:
    """Semitones by which a syllable's pitch stands above that around it; 0 where it is unvoiced."""
    own = heard.pitch.between(start - 0.01, end + 0.03)
    around = heard.pitch.between(middle - BEFORE, middle + AFTER)
    if len(own) < 3 or len(around) < 10:
        return 0.0
    return float(np.percentile(own, 75) - np.median(around))
