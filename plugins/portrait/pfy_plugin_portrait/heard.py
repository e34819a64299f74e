"""The speech as far as it has been heard: its sound measured, its sounds as visemes, its pauses.

What is asked about a time must not reach more than AHEAD beyond it: that much is known of every frame
before it is made, however the speech comes in pieces, and so the pieces cannot change the motion.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Any

from pfy_plugin_portrait.energy import Envelope
from pfy_plugin_portrait.pitch import Pitch
from pfy_plugin_portrait.visemes import Segment, segments

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE = 24_000
AHEAD = 0.95
"""Seconds of speech beyond a frame that must be known before it is final."""
BEHIND = 3.2
"""Seconds of speech before a frame that are remembered."""
PAUSE = 0.12
"""Seconds of silence that make a pause: shorter ones are closures of stops."""


class Heard:
    """Speech heard bit by bit. ``end`` is infinite until the last of it is known."""

    def __init__(self) -> None:
        self.envelope, self.pitch = Envelope(RATE), Pitch(RATE)
        self.parts: deque[Segment] = deque()
        self.end = math.inf
        self._spoken = 0.0

    @property
    def known(self) -> float:
        """Seconds up to which sound and phones are both known."""
        return min(self.envelope.seconds, self._spoken)

    @property
    def seconds(self) -> float:
        """Seconds of sound so far."""
        return self.envelope.seconds

    def hear(self, wave: Any, phones: Any) -> None:
        """Add sound (s) and phones; each may be empty."""
        if len(wave):
            self.envelope.add(wave)
            self.pitch.add(wave)
        for part in segments(phones):
            self.parts.append(part)
            self._spoken = part.end

    def finish(self) -> None:
        """The speech is over."""
        self.envelope.end()
        self.pitch.end()
        self.end = self.seconds

    def forget(self, before: float) -> None:
        """Drop what lies before a time in seconds."""
        self.envelope.forget(before)
        self.pitch.forget(before)
        while self.parts and self.parts[0].end < before:
            self.parts.popleft()

    def between(self, low: float, high: float) -> Iterator[Segment]:
        """The segments that touch ``low`` to ``high``, in order."""
        for part in self.parts:
            if part.start > high:
                return
            if part.end >= low:
                yield part

    def pauses(self, low: float, high: float) -> list[tuple[float, float]]:
        """Start and end of the pauses that touch ``low`` to ``high``; the end of the speech is one."""
        found = [
            (part.start, part.end)
            for part in self.between(low, high)
            if part.silent and part.end - part.start >= PAUSE
        ]
        return [*found, (self.end, math.inf)] if self.end <= high else found

    def pause_after(self, time: float, within: float) -> float | None:
        """When the first pause begins within so many seconds after a time; None when none does."""
        starts = [
            start for start, _ in self.pauses(time, time + within) if start >= time and start < self.end
        ]
        return starts[0] if starts else None
