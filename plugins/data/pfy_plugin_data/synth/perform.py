"""Performing a line: text to speech with its phones, and the face motion that belongs to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import numpy as np
import soxr

from pfy_core import Graph, Runner
from pfy_core.kinds import Phone, VoiceProfile
from pfy_plugin_data.layout import RATE
from pfy_plugin_data.synth import faces
from pfy_plugin_data.synth.plan import HEADS, Line
from pfy_plugin_data.synth.voices import LIGHT, Voice
from pfy_plugin_data.write import Clip, fitted

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEECH_RATE = 24_000
"""Hz of ``decoder/speech``, and of what ``decoder/visemes`` hears."""
REFERENCE = (
    "When the sun went down, the children came home from the meadow, and their mother wanted to hear "
    "about everything that they had found."
)
"""What a voice says in the recording that profiles are of."""
LANGUAGE = "en"
BITS = 12
"""Of the sound that are kept: 74 dB, more than a room has, and a third less to store and to send."""


@dataclass
class Stage:
    """What is kept from line to line: models, profiles and faces."""

    _speech: Runner = field(init=False, repr=False)
    _motion: dict[str, Runner] = field(init=False, repr=False)
    _profile: Runner = field(init=False, repr=False)
    _recordings: dict[str, NDArray[np.float32]] = field(default_factory=dict, repr=False)
    _profiles: dict[tuple[str, float], VoiceProfile] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._speech = Runner(_speaking())
        self._motion = {head: Runner(_moving(head)) for head in HEADS}
        self._profile = Runner(_listening())

    def perform(self, line: Line) -> Clip:
        """The clip of a line: the same wherever and whenever it is made."""
        wave, phones = self._say(line.text, line.voice, line.pace, line.seed)
        with self._motion[line.head]({"phones": phones, "wave": (wave, SPEECH_RATE)}, seed=line.seed) as run:
            motion = np.concatenate(list(run.chunks("motion")))
        heard = np.round(soxr.resample(wave, SPEECH_RATE, RATE) * 2 ** (BITS - 1)) / 2 ** (BITS - 1)
        picture, landmarks = faces.reference(line.face)
        return Clip(
            key=line.key,
            split=line.split,
            wave=fitted(heard.astype(np.float32), len(motion)),
            motion=motion,
            image=picture,
            landmarks=landmarks,
            voice=line.voice.name,
            face=line.face.name,
            text=line.text,
            language=LANGUAGE,
            phones=phones,
            source={"by": "pfy data synth", "pace": line.pace, "head": line.head, "seed": line.seed},
        )

    def _say(
        self, text: str, voice: Voice, pace: float = 1.0, seed: int = 0
    ) -> tuple[NDArray[np.float32], list[Phone]]:
        # One graph speaks for all: voice and pace are said in the text, so that no model is loaded twice.
        ssml = (
            f'<speak><voice name="{voice.speaker}"><prosody rate="{round(100 * pace)}%">'
            f"{escape(text)}</prosody></voice></speak>"
        )
        profile = self._near(voice) if voice.heard else None
        with self._speech({"text": ssml, "profile": profile}, seed=seed) as run:
            with ThreadPoolExecutor(1) as pool:
                phones = pool.submit(lambda: [phone for part in run.chunks("phones") for phone in part])
                wave = np.concatenate(list(run.chunks("wave")))
            return wave, phones.result()

    def _near(self, voice: Voice) -> VoiceProfile:
        """The profile of a recording of a voice that is played faster, or slower."""
        near = voice.heard, voice.pitch
        if near not in self._profiles:
            if voice.heard not in self._recordings:
                plain = Voice(voice.heard, voice.heard, voice.split)
                self._recordings[voice.heard], _ = self._say(REFERENCE, plain)
            given = {"wave": (self._recordings[voice.heard], round(SPEECH_RATE * voice.pitch))}
            with self._profile(given) as run:
                self._profiles[near] = run["profile"]
        return self._profiles[near]


def _speaking() -> Graph:
    graph = Graph("synth-speech").input("text", "text").input("profile", "voice.profile", optional=True)
    config: dict[str, Any] = {"voice": LIGHT[0], "language": LANGUAGE}
    graph = graph.add("speech", "decoder/speech", config, text="$text", profile="$profile")
    return graph.output(wave="speech.wave", phones="speech.phones")


def _moving(head: str) -> Graph:
    graph = Graph("synth-motion").input("phones", "speech.phones").input("wave", "audio.wave")
    graph = graph.add("motion", "decoder/visemes", {"head": head}, phones="$phones", wave="$wave")
    return graph.output(motion="motion")


def _listening() -> Graph:
    graph = Graph("synth-profile").input("wave", "audio.wave")
    # Pitch and colour are all that is used, and they are the same without what is left out here. Nor does
    # anybody then listen to every clip to tell how similar it is: together that is most of the time.
    config = {"speaker": "", "quality": ""}
    return graph.add("voice", "encoder/voice", config, wave="$wave").output(profile="voice")
