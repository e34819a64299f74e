"""``decoder/visemes``: speech with phone timings to face motion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pfy_core import Decoder, InputError, Seed
from pfy_core.kinds import HEAD_CHANNELS, MOTION_CHANNELS, MOTION_INDEX
from pfy_plugin_portrait import accents, lips, looks, posture
from pfy_plugin_portrait.blinks import Blinks
from pfy_plugin_portrait.emotion import Expression
from pfy_plugin_portrait.heard import AHEAD, BEHIND, RATE, Heard
from pfy_plugin_portrait.ports import Motion, Phones, Wave

HEAD_GAIN = {"still": 0.0, "calm": 1.0, "lively": 2.1}
"""Of the head's movement: calm moves the nose by about 1 % of the interocular distance a frame (25 a second),
lively by 2 %, as filmed people do (1.95 and 2.35 % in two HDTF clips). Measured on rendered frames."""
BROWS = {"browInnerUp": 0.42, "browOuterUpLeft": 0.30, "browOuterUpRight": 0.30}
"""Rise of the brows on a full accent."""
MOST_BLINKS = 60.0
"""Blinks a minute above which eyes flutter; people reach 50 when agitated (Bentivoglio et al. 1997)."""


@dataclass(frozen=True)
class Manner:
    """How a face behaves beside its lips: the options of ``decoder/visemes`` by their names."""

    head: float
    motion: float
    blink: float
    gaze: str
    emotion: str
    strength: float


class Visemes(Decoder, name="visemes"):
    """Phones and their sound to face motion (58 channels): lips, jaw, blinks, gaze, brows, head.

    fps:      frames a second
    mouth:    how far the mouth moves, 1 as calibrated
    head:     still, calm or lively
    motion:   scales sway, nods, brows and expression, 0 to 3; not lips nor blinks
    blink:    blinks a minute, 0 for never (people: 17 at rest, 26 talking)
    gaze:     ``camera`` always looks at the viewer, however the head turns, ``natural`` glances away and
              returns, ``keep`` does not move the eyes at all
    emotion:  what the face shows besides its speech, with ``strength`` 0 to 1.5
    Works on a stream: frames follow the speech by about a second.
    """

    def __init__(
        self,
        *,
        fps: float = 25.0,
        mouth: float = 1.0,
        head: Literal["still", "calm", "lively"] = "calm",
        motion: float = 1.0,
        blink: float = 17.0,
        gaze: Literal["camera", "natural", "keep"] = "natural",
        emotion: Literal["neutral", "happy", "sad", "angry", "surprised"] = "neutral",
        strength: float = 0.6,
    ) -> None:
        if not 1 <= fps <= 120:
            raise InputError(f"fps {fps:g}", "1 to 120 frames a second")
        if not 0 <= mouth <= 3:
            raise InputError(f"mouth {mouth:g}", "0 (closed) to 3")
        if not 0 <= motion <= 3:
            raise InputError(f"motion {motion:g}", "0 (only lips and eyes) to 3, 1 is usual")
        if not 0 <= blink <= MOST_BLINKS:
            raise InputError(f"blink {blink:g}", f"0 (never) to {MOST_BLINKS:g} blinks a minute, 17 is usual")
        if not 0 <= strength <= 1.5:
            raise InputError(f"strength {strength:g}", "0 (none) to 1.5, 0.6 is usual")
        self._fps, self._mouth = fps, mouth
        self._manner = Manner(HEAD_GAIN[head], motion, blink, gaze, emotion, strength)

    def __call__(self, phones: Iterator[Phones], wave: Iterator[Wave], *, seed: Seed = 0) -> Iterator[Motion]:
        """phones, wave (s) at 24 kHz, in step -> motion (t 58), t = seconds * fps."""
        performance = Performance(self._fps, self._manner, seed)
        for heard, spoken in _in_step(phones, wave):
            performance.hear(heard, spoken)
            motion = self._finish(performance.frames())
            if len(motion):
                yield motion
        performance.end()
        yield self._finish(performance.frames())

    def _finish(self, motion: Any) -> Any:
        """Scale the mouth's opening in motion (t 58)."""
        for name in ("jawOpen", "mouthClose"):
            motion[:, MOTION_INDEX[name]] *= self._mouth
        return motion.astype(np.float32)


class Performance:
    """A face that hears speech bit by bit; ``frames`` gives those that are final."""

    def __init__(self, fps: float, manner: Manner, seed: int) -> None:
        self._fps, self._manner = fps, manner
        self._heard = Heard()
        self._done = 0
        self._blinks, self._gaze = Blinks(manner.blink, seed), looks.Gaze(seed)
        self._posture = posture.Posture(seed)
        self._expression = Expression(manner.emotion, manner.strength * manner.motion, seed)

    def hear(self, wave: Any, phones: Any) -> None:
        """Add sound (s) and phones; each may be empty."""
        self._heard.hear(wave, phones)

    def end(self) -> None:
        """The speech is over."""
        self._heard.finish()

    def frames(self) -> Any:
        """Motion (t 58) of the frames that have become final, float64."""
        ended = np.isfinite(self._heard.end)
        until = self._total() if ended else int((self._heard.known - AHEAD) * self._fps)
        motion = np.zeros((max(0, until - self._done), len(MOTION_CHANNELS)))
        if len(motion):
            times: Any = (np.arange(self._done, until) + 0.5) / self._fps
            lips.speak(times, self._fps, self._heard, motion)
            self._live(times, motion)
            self._expression.show(times, motion)
            self._done = until
            self._heard.forget((until / self._fps) - BEHIND)
        return motion

    def _total(self) -> int:
        """Frames of the whole: as near to the sound's length as frames can be."""
        return max(1, round(self._heard.seconds * self._fps))

    def _live(self, times: Any, motion: Any) -> None:
        """Eyes, brows and head."""
        heard, manner = self._heard, self._manner
        look, shifts = self._gaze.at(times, heard)
        closed = self._blinks.at(times, heard, shifts)
        follow = np.radians(self._gaze.follow(times))
        if manner.gaze != "natural":
            look, follow = np.zeros_like(look), np.zeros_like(follow)
        found = accents.accents(heard, float(times[0]), float(times[-1]))
        head = self._head(times, found, follow)
        if manner.gaze != "keep":
            look = look - looks.HELD * np.degrees(head[:, :2])
        look = look / looks.FULL
        # Lids follow the eyes; a blink closes what is still open.
        lowered = looks.LID_DOWN * np.maximum(look[:, 1], 0)
        for side, outward in (("Left", 1.0), ("Right", -1.0)):
            # The subject's left eye looks outward when it looks towards the picture's right.
            self._set(motion, "eyeBlink" + side, lowered + (1 - lowered) * closed)
            self._set(motion, "eyeWide" + side, looks.LID_UP * -look[:, 1])
            self._set(motion, "eyeLookOut" + side, outward * look[:, 0])
            self._set(motion, "eyeLookIn" + side, -outward * look[:, 0])
            self._set(motion, "eyeLookDown" + side, look[:, 1])
            self._set(motion, "eyeLookUp" + side, -look[:, 1])
        raised = np.maximum(accents.brows(times, found), accents.questions(times, heard))
        for name, full in BROWS.items():
            self._set(motion, name, manner.motion * full * raised)
        motion[:, -len(HEAD_CHANNELS) :] = head

    def _head(self, times: Any, found: Any, follow: Any) -> Any:
        """The head's channels (t 6): sway and nods on accents, going along with the gaze (t 2, radians)."""
        manner = self._manner
        sway = self._posture.at(times, self._heard, found)
        sway[:, :2] += follow
        moves = manner.head > 0
        head = manner.motion * manner.head * self._expression.gain * sway + moves * self._expression.pose(
            times
        )
        return posture.eased(head, times, self._heard)

    def _set(self, motion: Any, name: str, values: Any) -> None:
        motion[:, MOTION_INDEX[name]] = np.clip(values, 0, 1)


def _in_step(phones: Iterator[Any], wave: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
    """Pairs (wave, phones) of two streams; the one that is behind is read first."""
    heard, spoken = 0.0, 0.0
    more_wave = more_phones = True
    while more_wave or more_phones:
        sound: Any = np.zeros(0, np.float32)
        said: list[Any] = []
        if more_wave and (heard <= spoken or not more_phones):
            chunk = next(wave, None)
            more_wave = chunk is not None
            sound = sound if chunk is None else chunk
            heard += len(sound) / RATE
        else:
            names = next(phones, None)
            more_phones = names is not None
            said = names or []
            spoken = max([spoken, *(phone.end for phone in said)])
        yield sound, said
