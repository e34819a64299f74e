"""How similar made speech is to the voice that was asked for, told after the speech and never before it."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import soxr

from pfy_core import measured, note, weights
from pfy_core.errors import WeightsError
from pfy_core.kinds import VoiceProfile
from pfy_plugin_speech.condition import HOP, cut
from pfy_plugin_speech.listen import Listeners, activity, quality, speaker
from pfy_plugin_speech.ports import LISTEN_RATE, RATE, Array

HEARD = 12.0
"""Seconds of speech that are compared; more changes the similarity by less than .01."""

TOO_HIGH = 0.1
"""By how much the similarity to a recording that noise was taken out of exceeds that to a clean recording of
the same voice, at most: .76, .77 and .75 for .68, .70 and .70 in benchmarks/voice/light.json."""


class Likeness:
    """Collects the first seconds of speech, compares them on a thread of its own, and notes the result.

    Without a profile that has an embedding it does nothing.
    """

    def __init__(self, profile: VoiceProfile | None, voice: str, listeners: Listeners) -> None:
        wanted = None if profile is None or profile.verdict == "hopeless" else profile.embedding
        self._wanted: Array | None = wanted if weights.present(listeners.speaker) else None
        self._repaired = profile is not None and bool(profile.cleaned)
        self._voice, self._listeners, self._waves, self._seconds = voice, listeners, list[Array](), 0.0
        self._found: Future[tuple[float, float | None]] | None = None
        self._pool = ThreadPoolExecutor(1) if self._wanted is not None else None

    def hear(self, wave: Array) -> None:
        """Speech (s) at 24 kHz that was just made."""
        if self._wanted is None or self._found is not None:
            return
        self._waves.append(wave)
        self._seconds += len(wave) / RATE
        if self._seconds >= HEARD:
            self._start()

    def tell(self) -> None:
        """Note the similarity, and the quality, of what was heard; call it when the speech is made."""
        if self._wanted is None:
            return
        if self._found is None and self._waves:
            self._start()
        try:
            if self._found is not None:
                similar, mos = self._found.result()
                note(_sentence(self._voice, similar, mos, repaired=self._repaired))
                measured(voice=self._voice, similarity=round(similar, 3), quality=mos)
        except WeightsError as error:
            note(f"the similarity of the voices was not measured: {error.sends}")
        finally:
            if self._pool is not None:
                self._pool.shutdown()

    def _start(self) -> None:
        if self._pool is not None and self._wanted is not None:
            made = np.concatenate(self._waves)[: int(HEARD * RATE)]
            self._found = self._pool.submit(_compare, made, self._wanted, self._listeners)


def _compare(made: Array, wanted: Array, listeners: Listeners) -> tuple[float, float | None]:
    """Similarity of speech (s) at 24 kHz to an embedding, and its DNSMOS where that can be measured."""
    heard = np.asarray(soxr.resample(made, RATE, LISTEN_RATE), np.float32)
    voice = cut(heard, activity.is_speech(heard, HOP, listeners.activity))
    similar = speaker.similarity(speaker.embed(voice, listeners.speaker), wanted)
    return similar, quality.judge(heard, listeners.quality).overall if weights.present(
        listeners.quality
    ) else None


def _sentence(voice: str, similar: float, mos: float | None, *, repaired: bool) -> str:
    same, stranger = speaker.SAME_PERSON, speaker.STRANGER
    surely = similar - TOO_HIGH if repaired else similar
    how = "similar-sounding" if surely > (same + 2 * stranger) / 3 else "only roughly similar"
    unsure = f" (to the cleaned recording; to a good one up to {TOO_HIGH:g} less)" if repaired else ""
    rated = "" if mos is None else f"; quality {mos:.1f} of 5 (DNSMOS)"
    return (
        f"the voice ({voice}) is {how}, not the same: similarity {similar:.2f}{unsure}, where two recordings "
        f"of one person have about {same:g} and two strangers {stranger:g}{rated}"
    )
