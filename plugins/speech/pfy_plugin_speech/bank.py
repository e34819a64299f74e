"""The voices that exist: their engines, their files, and how each one sounds.

``bank.json`` holds what our own measurements say of every voice speaking TEXT; ``python -m
pfy_plugin_speech.bank`` fetches all voices and measures it again.
"""

from __future__ import annotations

import functools
import json
import sys
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

import numpy as np
import soxr

from pfy_core import weights
from pfy_core.errors import InputError, did_you_mean
from pfy_plugin_speech.engines.utterance import Engine
from pfy_plugin_speech.ports import LISTEN_RATE, RATE, Array
from pfy_plugin_speech.sound import level, pitch, spectrum

FILE = "bank.json"
STYLES = (
    "af_heart", "af_bella", "af_kore", "af_sarah", "af_aoede", "am_fenrir", "am_michael", "am_puck",
    "bf_emma", "bf_isabella", "bm_fable", "bm_george",
)  # fmt: skip
"""Kokoro's English speakers of grade C and better, in the order of the weights file kokoro/styles.

The first letter is the accent (American, British), the second says female or male.
"""
FAMILIES = {"heart": "hibari", "joe": "piper", **dict.fromkeys(STYLES, "kokoro")}
ALIASES = {"light": "heart", "best": "af_heart", "kokoro": "af_heart"}
TEXT = (
    "Good morning, and thank you for joining us today. The weather will stay warm through the weekend, "
    "with a gentle breeze from the south. Please remember to bring your own water, because the shops "
    "near the river are closed. We would like to hear what you think about the plan."
)

Family = Literal["hibari", "piper", "kokoro"]


@dataclass(frozen=True)
class Files:
    """Names of the weights behind the families of voices."""

    hibari: str
    piper: str
    kokoro: str
    styles: str

    def of(self, voice: str) -> tuple[str, ...]:
        """The weights that a voice needs."""
        family = FAMILIES[voice]
        return (self.kokoro, self.styles) if family == "kokoro" else (getattr(self, family),)

    def present(self, voice: str) -> bool:
        """Whether the weights of a voice have been fetched."""
        return all(map(weights.present, self.of(voice)))


@dataclass(frozen=True)
class Sound:
    """How a voice sounds: median F0 in Hz, spectrum float32 (48) in dB as in VoiceProfile, LUFS."""

    f0: float
    spectrum: Array
    loudness: float


def resolve(name: str) -> str:
    """The voice of a name or an alias. Raises InputError for another one."""
    name = ALIASES.get(name, name)
    if name not in FAMILIES:
        names = [*FAMILIES, *ALIASES, "auto"]
        raise InputError(f"voice {name!r}", "one of " + ", ".join(names), did_you_mean(name, names))
    return name


def british(voice: str) -> bool:
    """Whether a voice speaks British English."""
    return FAMILIES[voice] == "kokoro" and voice[0] == "b"


def load(voice: str, files: Files) -> Engine:
    """The engine of a voice, its weights fetched if they are not here."""
    match FAMILIES[voice]:
        case "hibari":
            from pfy_plugin_speech.engines.hibari import Hibari

            return Hibari(weights.path(files.hibari))
        case "piper":
            from pfy_plugin_speech.engines.piper import Piper

            return Piper(weights.path(files.piper))
        case _:
            from pfy_plugin_speech.engines.kokoro import STYLE_SHAPE, Kokoro

            styles = np.fromfile(weights.path(files.styles), np.float32).reshape(-1, *STYLE_SHAPE)
            return Kokoro(files.kokoro, styles[STYLES.index(voice)])


@functools.cache
def sounds() -> dict[str, Sound]:
    """How every voice sounds, from bank.json."""
    text = (resources.files("pfy_plugin_speech") / FILE).read_text(encoding="utf-8")
    return {
        name: Sound(data["f0"], np.array(data["spectrum"], np.float32), data["loudness"])
        for name, data in json.loads(text).items()
    }


def measure(engine: Engine, *, british: bool) -> Sound:
    """How an engine sounds, from TEXT."""
    from pfy_plugin_speech.text.g2p import phonemizer
    from pfy_plugin_speech.text.sentences import pieces
    from pfy_plugin_speech.text.tracked import Tracked

    phonemize = phonemizer(british=british).phonemes
    waves = [engine.say(phonemize(piece.text), speed=1.0, seed=0).wave for piece in pieces(Tracked.of(TEXT))]
    wave = np.concatenate(waves)
    heard = soxr.resample(wave, RATE, LISTEN_RATE)
    track = pitch.track(heard)
    f0 = float(np.median(track[track > 0]))
    return Sound(f0, spectrum.average(heard), level.loudness(wave, RATE))


def main() -> None:
    """Measure all voices and print bank.json."""
    files = Files("hibari/heart", "piper/joe", "kokoro/model", "kokoro/styles")
    rows: dict[str, Any] = {}
    for voice in FAMILIES:
        sound = measure(load(voice, files), british=british(voice))
        bands = [round(float(value), 1) for value in sound.spectrum]
        rows[voice] = {"f0": round(sound.f0, 1), "loudness": round(sound.loudness, 2), "spectrum": bands}
    lines = (f"  {json.dumps(voice)}: {json.dumps(row)}" for voice, row in rows.items())
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
