"""One degradation through the two ways that a recording is used in."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr

from pfy_bench.voice import measures
from pfy_bench.voice.degradations import DEGRADATIONS
from pfy_core.errors import InputError
from pfy_core.events import watching
from pfy_plugin_speech.ports import LISTEN_RATE, RATE
from pfy_plugin_speech.recording import Recording
from pfy_plugin_speech.speech import Speech
from pfy_plugin_speech.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Callable

    from pfy_bench.voice.measures import Wave

REFERENCE = "After dinner they walked along the river and talked about the summer."
OTHER = (
    "Good morning, and thank you for joining us today. We would like to hear what you think about the plan."
)
SAID = "The weather will stay warm until the weekend. Please bring your own water to the river."
"""Common words, of which the recogniser hears all when the recording is clean: of sentences of the Harvard
list (IEEE, 1969) it hears two thirds, which would hide what a degradation does."""


def spoken(text: str, speech: Speech, profile: Any = None) -> Wave:
    """Text as speech at 24 kHz."""
    return np.concatenate([part.wave for part in speech(text, profile, seed=1)])


@functools.lru_cache(maxsize=1)
def _pitch(clean: bytes) -> float:
    return float(Voice()(np.frombuffer(clean, np.float32)).f0)


def narrated(
    clean: Wave, degrade: Callable[[Wave], Wave], target: Wave | None, speech: Speech
) -> dict[str, Any]:
    """A degraded recording as the voice to come near to; ``target`` embeds another, clean one."""
    notes: list[str] = []
    with watching(lambda event: notes.append(event.text) if event.kind == "note" else None):
        given = degrade(clean)
        try:
            profile = Voice()(given)
        except InputError as error:
            return {"refused": error.sends}
        made = spoken(SAID, speech, profile)
    heard, truth = measures.at_16k(made, RATE), _pitch(clean.tobytes())
    embedding = measures.voice(heard)
    return {
        "verdict": profile.verdict,
        "cleaned": list(profile.cleaned),
        "quality of the recording": _rounded(profile.quality),
        "quality after cleaning": _rounded(profile.cleaned_quality),
        "F0 error, semitones": _rounded(12 * abs(np.log2(profile.f0 / truth)) if profile.f0 else None),
        "loudness of the recording, LUFS": _rounded(profile.loudness),
        "output loudness, LUFS": measures.loudness(made, RATE),
        "output quality": measures.quality(heard),
        "output word error rate": measures.word_error_rate(heard, SAID),
        "similarity": None if embedding is None or target is None else _rounded(float(embedding @ target), 3),
        "notes": notes,
    }


def driven(clean: Wave, degrade: Callable[[Wave], Wave]) -> dict[str, Any]:
    """A degraded recording as what the face speaks."""
    notes: list[str] = []
    given = degrade(clean)
    wave = np.clip(soxr.resample(given, LISTEN_RATE, RATE), -1, 1).astype(np.float32)
    with watching(lambda event: notes.append(event.text) if event.kind == "note" else None):
        try:
            made = Recording()(wave, REFERENCE).wave
        except InputError as error:
            return {"refused": error.sends}
    heard = measures.at_16k(made, RATE)
    return {
        "loudness before, LUFS": measures.loudness(wave, RATE),
        "loudness, LUFS": measures.loudness(made, RATE),
        "quality before": measures.quality(given),
        "quality": measures.quality(heard),
        "word error rate before": measures.word_error_rate(given, REFERENCE),
        "word error rate": measures.word_error_rate(heard, REFERENCE),
        "notes": notes,
    }


def both(
    name: str, clean: Wave, target: Wave | None, voices: dict[str, Any], *, person: bool
) -> dict[str, Any]:
    """A degradation by name through both ways; of a person's recording the words are not known."""
    row = {"voice to come near to": narrated(clean, DEGRADATIONS[name], target, _speech(**voices))}
    return row if person else row | {"recording that is spoken": driven(clean, DEGRADATIONS[name])}


@functools.lru_cache(maxsize=1)
def _speech(**voices: Any) -> Speech:
    return Speech(**voices)


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(float(value), digits)
