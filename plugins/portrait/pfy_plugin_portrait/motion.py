"""``decoder/visemes``: speech with phone timings to face motion."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from pfy_core import Decoder, InputError, Seed
from pfy_core.kinds import APERTURE_SPAN, MOTION_CHANNELS, MOTION_INDEX
from pfy_plugin_portrait import coarticulation, idle
from pfy_plugin_portrait.energy import Envelope
from pfy_plugin_portrait.pixels import smoothstep
from pfy_plugin_portrait.ports import Motion, Phones, Wave
from pfy_plugin_portrait.visemes import CURVES, Segment, segments

RATE = 24_000
STEPS = 4
"""Positions computed for each frame; their smoothed mean is the frame."""
LEAD = 0.020
"""Seconds by which lips run ahead of the sound (measured on filmed people: 20 to 40 ms)."""
SMOOTH = 0.11
"""Width in seconds of the window that smooths the curves: fast enough for a closure of 50 ms."""
AHEAD = idle.PAUSE + 0.35
"""Seconds of speech beyond a frame that must be known before it is final."""
BEHIND = 1.2
STRETCH_FULL = 0.167
"""Widening at mouthStretch = 1 as ``width`` counts it."""
NOD = 0.13
"""Seconds (standard deviation) of a nod or brow movement on a stressed syllable."""
HEAD_GAIN = {"still": 0.0, "calm": 0.75, "lively": 1.5}
"""Of the sway: calm moves the nose .35 % of the interocular distance a frame, lively .7 %; filmed people
2 % (two HDTF clips), which a warped photo does not bear."""


class Visemes(Decoder, name="visemes"):
    """Phones and their sound to face motion (58 channels): lips, jaw, blinks, gaze, brows, head.

    fps:    frames a second
    mouth:  how far the mouth moves, 1 as calibrated
    head:   still, calm or lively
    blinks: whether the eyes blink
    gaze:   ``camera`` always looks at the viewer, ``natural`` glances away
    Works on a stream: frames follow the speech by about a second.
    """

    def __init__(
        self,
        *,
        fps: float = 25.0,
        mouth: float = 1.0,
        head: Literal["still", "calm", "lively"] = "calm",
        blinks: bool = True,
        gaze: Literal["camera", "natural"] = "natural",
    ) -> None:
        if not 1 <= fps <= 120:
            raise InputError(f"fps {fps:g}", "1 to 120 frames a second")
        if not 0 <= mouth <= 3:
            raise InputError(f"mouth {mouth:g}", "0 (closed) to 3")
        self._fps, self._mouth, self._head = fps, mouth, HEAD_GAIN[head]
        self._blinks, self._gaze = blinks, gaze == "natural"

    def __call__(self, phones: Iterator[Phones], wave: Iterator[Wave], *, seed: Seed = 0) -> Iterator[Motion]:
        """phones, wave (s) at 24 kHz, in step -> motion (t 58), t = seconds * fps."""
        performance = Performance(self._fps, seed)
        for heard, spoken in _in_step(phones, wave):
            performance.hear(heard, spoken)
            motion = self._finish(performance.frames())
            if len(motion):
                yield motion
        performance.end()
        yield self._finish(performance.frames())

    def _finish(self, motion: Any) -> Any:
        """Apply the component's own options to motion (t 58)."""
        for name in ("jawOpen", "mouthClose"):
            motion[:, MOTION_INDEX[name]] *= self._mouth
        for name in MOTION_CHANNELS:
            if name.startswith("head"):
                motion[:, MOTION_INDEX[name]] *= self._head
            elif (name.startswith("eyeBlink") and not self._blinks) or (
                name.startswith("eyeLook") and not self._gaze
            ):
                motion[:, MOTION_INDEX[name]] = 0
        return motion.astype(np.float32)


class Performance:
    """A face that hears speech bit by bit; ``frames`` gives those that are final."""

    def __init__(self, fps: float, seed: int) -> None:
        self._fps = fps
        self._envelope = Envelope(RATE)
        self._parts: deque[Segment] = deque()
        self._spoken = 0.0
        self._done = 0
        self._ended = False
        self._idle = idle.Blinks(seed), idle.Gaze(seed), idle.Sway(seed)

    def hear(self, wave: Any, phones: Any) -> None:
        """Add sound (s) and phones; each may be empty."""
        if len(wave):
            self._envelope.add(wave)
        for part in segments(phones):
            self._parts.append(part)
            self._spoken = part.end

    def end(self) -> None:
        """The speech is over."""
        self._envelope.end()
        self._ended = True

    def frames(self) -> Any:
        """Motion (t 58) of the frames that have become final, float64."""
        known = min(self._envelope.seconds, self._spoken) - AHEAD
        until = int(known * self._fps) if not self._ended else self._total()
        count = max(0, until - self._done)
        motion = np.zeros((count, len(MOTION_CHANNELS)))
        if count:
            times = (np.arange(self._done, until) + 0.5) / self._fps
            self._speak(times, motion)
            self._live(times, motion)
            self._done = until
            self._forget((until / self._fps) - BEHIND)
        return motion

    def _total(self) -> int:
        """Frames of the whole: as near to the sound's length as frames can be."""
        return max(1, round(self._envelope.seconds * self._fps))

    def _forget(self, before: float) -> None:
        self._envelope.forget(before)
        while self._parts and self._parts[0].end < before:
            self._parts.popleft()

    def _speak(self, times: Any, motion: Any) -> None:
        """Lips, jaw and tongue."""
        step = 1 / (self._fps * STEPS)
        kernel = np.hanning(max(3, round(SMOOTH / step)) | 1)
        margin = len(kernel) // 2
        first = times[0] - 0.5 / self._fps
        fine = first + (np.arange(-margin, len(times) * STEPS + margin) + 0.5) * step
        energy, gate = self._envelope.at(fine)
        found, closure = coarticulation.curves(list(self._parts), fine + LEAD, energy, gate)
        jaw = found[:, :1]
        lips = found.copy()
        lips[:, 0] *= 1 - closure
        kernel /= kernel.sum()
        smooth = np.stack([np.convolve(curve, kernel, "valid") for curve in np.c_[lips, jaw].T], 1)
        frames = smooth.reshape(len(times), STEPS, -1).mean(1)
        shut = closure[margin : len(closure) - margin].reshape(len(times), STEPS).max(1) > 0.98
        curve = {name: frames[:, index] for index, name in enumerate(CURVES)}
        gap = np.where(shut, 0.0, curve["open"])
        # In a closure the jaw rises only part of the way: the lips do the rest.
        drop = np.maximum(gap, 0.45 * frames[:, -1] + 0.55 * gap)
        self._set(motion, "jawOpen", drop / APERTURE_SPAN)
        self._set(motion, "mouthClose", (drop - gap) / APERTURE_SPAN)
        self._set(motion, "mouthPucker", curve["round"])
        self._set(motion, "mouthRollLower", np.where(shut, 0.0, curve["tuck"]))
        self._set(motion, "tongueOut", 0.5 * curve["tongue"])
        for name, values in (
            ("mouthStretch", curve["width"] / STRETCH_FULL),
            ("mouthPress", np.where(shut, 1.0, curve["press"])),
            ("mouthUpperUp", curve["lift"]),
        ):
            self._set(motion, name + "Left", values)
            self._set(motion, name + "Right", values)

    def _live(self, times: Any, motion: Any) -> None:
        """Eyes, brows and head."""
        blinks, gaze, sway = self._idle
        closed = blinks.at(times, self._pause_after)
        look = gaze.at(times)
        accents = self._accents(times)
        for side, outward in (("Left", 1.0), ("Right", -1.0)):
            # The subject's left eye looks outward when it looks towards the picture's right.
            self._set(motion, "eyeBlink" + side, closed)
            self._set(motion, "eyeLookOut" + side, outward * look[:, 0])
            self._set(motion, "eyeLookIn" + side, -outward * look[:, 0])
            self._set(motion, "eyeLookDown" + side, look[:, 1])
            self._set(motion, "eyeLookUp" + side, -look[:, 1])
            self._set(motion, "browOuterUp" + side, 0.15 * accents)
        self._set(motion, "browInnerUp", 0.30 * accents)
        for name, values in sway.at(times).items():
            motion[:, MOTION_INDEX[name]] = values
        motion[:, MOTION_INDEX["headPitch"]] += 0.040 * accents * smoothstep(times, 0, idle.EASE_IN)

    def _accents(self, times: Any) -> Any:
        """How much stressed, loud syllables ask for a nod, (t) in 0..1.3."""
        low, high = times[0] - 4 * NOD, times[-1] + 4 * NOD
        stressed = [(part.start + part.end) / 2 + 0.04 for part in self._parts if part.stress == 2]
        middles = np.array([middle for middle in stressed if low < middle < high])
        loud = self._envelope.at(middles)[0]
        bumps = np.exp(-(((times[:, None] - middles) / NOD) ** 2))
        return np.clip(bumps @ (np.maximum(0.0, loud - 0.55) * 2.2), 0, 1.3)

    def _pause_after(self, time: float) -> float | None:
        """Where a pause begins within idle.PAUSE after a time, or None."""
        for part in self._parts:
            if (
                part.silent
                and part.end - part.start > 0.12
                and time <= part.start + 0.05 <= time + idle.PAUSE
            ):
                return part.start + 0.05
        return None

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
