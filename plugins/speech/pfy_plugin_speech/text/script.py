"""A script: what is written, what is to be spoken of it, and how."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from pfy_plugin_speech.text.sentences import Boundary
from pfy_plugin_speech.text.tracked import Tracked


@dataclass(frozen=True)
class Style:
    """How a stretch of text is spoken, against the voice's own manner.

    rate:   factor on the pace
    pitch:  semitones
    gain:   decibels
    stress: 1 for words whose stress is brought out, -1 for words that are to lose it
    """

    rate: float = 1.0
    pitch: float = 0.0
    gain: float = 0.0
    stress: int = 0

    def within(self, outer: Style) -> Style:
        """This style inside another one."""
        return Style(
            self.rate * outer.rate,
            self.pitch + outer.pitch,
            self.gain + outer.gain,
            self.stress or outer.stress,
        )


PLAIN = Style()


@dataclass(frozen=True)
class Passage:
    """A stretch of the text that is spoken without an imposed pause.

    end:   what follows it
    pause: seconds of silence after it, where they are imposed
    voice: the voice that speaks it, where one is named
    """

    text: Tracked
    end: Boundary = "paragraph"
    pause: float | None = None
    voice: str | None = None


@dataclass(frozen=True)
class Script:
    """A text to be spoken.

    written:  what a reader would see of it; all positions count its characters
    passages: what is spoken, in order
    styles:   (start, end, style) of stretches in a style of their own, in order
    sounds:   (start, end, phonemes) of stretches whose pronunciation is given, in order
    notes:    sentences for the user
    """

    written: str
    passages: Sequence[Passage]
    styles: Sequence[tuple[int, int, Style]] = ()
    sounds: Sequence[tuple[int, int, str]] = ()
    notes: Sequence[str] = ()

    def style(self, at: int) -> Style:
        """The style of the character at a position."""
        found = _covering(self.styles, at)
        return self.styles[found][2] if found is not None else PLAIN

    def stress(self, at: int) -> int:
        """1 where the stress is brought out, -1 where it is taken back, 0 elsewhere."""
        return self.style(at).stress

    def sound(self, at: int) -> tuple[int, str] | None:
        """The number of the stretch at a position and the phonemes given for it, if some are."""
        found = _covering(self.sounds, at)
        return (found, self.sounds[found][2]) if found is not None else None


def _covering(spans: Sequence[tuple[int, int, object]], at: int) -> int | None:
    index = bisect.bisect_right(spans, at, key=lambda span: span[0]) - 1
    return index if index >= 0 and at < spans[index][1] else None
