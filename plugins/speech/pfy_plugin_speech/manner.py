"""Manner: a line as it was synthesised, changed where its text asks for another pace, pitch or level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pfy_plugin_speech.phones import Located
from pfy_plugin_speech.ports import RATE, Array
from pfy_plugin_speech.sound.level import limit
from pfy_plugin_speech.sound.psola import restyled
from pfy_plugin_speech.text.script import PLAIN, Style

NEAR = (0.75, 1.35)
"""Rates that are made by moving periods, which is exact; engines round durations, so that 0.8 may come out
as 0.72. Farther from 1 an engine sounds better than a wave that is stretched."""

Stretch = tuple[float, float, Style]


def pace_of(groups: Sequence[int], styles: Sequence[Style]) -> float:
    """The pace at which the engine is to speak a line: that of most phonemes, where it is far from usual.

    ``groups`` is the group of each phoneme, -1 for none.
    """
    rates = Counter(styles[group].rate for group in groups if group >= 0)
    usual = rates.most_common(1)[0][0] if rates else 1.0
    return usual if not NEAR[0] <= usual <= NEAR[1] else 1.0


def mannered(wave: Array, located: Located, styles: Sequence[Style], spoken: float) -> tuple[Array, Located]:
    """A line in the styles of its words, and where its phones and words are then.

    ``spoken`` is the rate that the wave already has.
    """
    styles = [replace(style, rate=style.rate / spoken, stress=0) for style in styles]
    if all(style == PLAIN for style in styles):
        return wave, located
    stretches = _stretches(located.words, styles, len(wave) / RATE)
    edges = np.array([0.0, *(end for _, end, _ in stretches)])
    made = [style for _, _, style in stretches]
    wave, became = restyled(
        wave,
        edges,
        np.array([style.rate for style in made]),
        np.array([style.pitch for style in made]),
        np.array([style.gain for style in made]),
    )

    def moved(time: float) -> float:
        return float(np.interp(time, edges, became))

    phones = [replace(phone, start=moved(phone.start), end=moved(phone.end)) for phone in located.phones]
    return limit(wave), Located(phones, [(moved(start), moved(end)) for start, end in located.words])


def _stretches(words: Sequence[tuple[float, float]], styles: Sequence[Style], length: float) -> list[Stretch]:
    """Stretches from 0 to the end; what lies between two words of one style has it too, as have the edges."""
    found: list[Stretch] = [(0.0, 0.0, styles[0])]
    for (start, end), style in zip(words, styles, strict=True):
        at = found[-1][1]
        if found[-1][2] == style:
            found[-1] = (found[-1][0], end, style)
            continue
        if start > at:
            found.append((at, start, PLAIN))
        if end > start:
            found.append((start, end, style))
    start, end, style = found[-1]
    found[-1] = (start, max(end, length), style)
    return found
