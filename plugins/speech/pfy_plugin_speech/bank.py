"""The voices that exist: their engines, their files, and how each one sounds.

``bank.json`` holds what our own measurements say of every voice speaking TEXT; ``python -m
pfy_plugin_speech.bank`` fetches all voices and measures it again. Beside the voices there are blends of
Kokoro's, which are named by their recipe: ``af_kore*0.6+bf_isabella*0.4``.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

import numpy as np
import soxr

from pfy_core import weights
from pfy_core.errors import InputError, did_you_mean
from pfy_plugin_speech.engines.utterance import Engine
from pfy_plugin_speech.listen import LISTEN, activity, speaker
from pfy_plugin_speech.ports import LISTEN_RATE, RATE, Array
from pfy_plugin_speech.sound import level, pitch, spectrum

FILE = "bank.json"
HOP = 160
"""Samples at 16 kHz between judgements whether it is speech: 10 ms."""
STYLES = (
    "af_alloy", "af_aoede", "af_bella", "af_heart", "af_jessica", "af_kore", "af_nova", "af_river",
    "af_sarah", "af_sky", "am_adam", "am_echo", "am_eric", "am_fenrir", "am_liam", "am_michael", "am_onyx",
    "am_puck", "am_santa", "bf_alice", "bf_emma", "bf_isabella", "bf_lily", "bm_daniel", "bm_fable",
    "bm_george", "bm_lewis",
)  # fmt: skip
"""Kokoro's English speakers without the one who whispers, in the order of the weights file kokoro/styles.

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
        kind = family(voice)
        return (self.kokoro, self.styles) if kind == "kokoro" else (getattr(self, kind),)

    def present(self, voice: str) -> bool:
        """Whether the weights of a voice have been fetched."""
        return all(map(weights.present, self.of(voice)))


@dataclass(frozen=True)
class Sound:
    """How a voice sounds: median F0 in Hz, spectrum float32 (48) in dB and speaker embedding float32 (256)
    as in VoiceProfile, LUFS."""

    f0: float
    spectrum: Array
    loudness: float
    embedding: Array


def resolve(name: str) -> str:
    """The voice of a name, an alias or a recipe, the latter with its parts in order and summing to 1.

    Raises InputError for another one.
    """
    if "*" in name or "+" in name:
        return recipe_name(_parsed(name))
    name = ALIASES.get(name, name)
    if name not in FAMILIES:
        names = [*FAMILIES, *ALIASES, "auto"]
        raise InputError(f"voice {name!r}", "one of " + ", ".join(names), did_you_mean(name, names))
    return name


def recipe_name(shares: Mapping[str, float]) -> str:
    """The name of a blend of Kokoro's voices; shares of less than half a percent are left out."""
    total = sum(shares.values())
    rounded = {voice: round(share / total, 2) for voice, share in sorted(shares.items())}
    kept = {voice: share for voice, share in rounded.items() if share > 0}
    return next(iter(kept)) if len(kept) == 1 else "+".join(f"{v}*{share:g}" for v, share in kept.items())


def recipe(voice: str) -> dict[str, float]:
    """The shares, which sum to 1, of the voices that one is made of: itself alone, or those of its recipe."""
    return _parsed(voice) if "+" in voice else {voice: 1.0}


def _parsed(name: str) -> dict[str, float]:
    shares: dict[str, float] = {}
    for part in name.split("+"):
        voice, _, share = (piece.strip() for piece in part.partition("*"))
        try:
            weight = float(share) if share else 1.0
        except ValueError:
            weight = 0.0
        if voice not in STYLES or not 0 < weight < float("inf"):
            hint = did_you_mean(voice, STYLES)
            wants = "Kokoro's voices with their shares, as in af_heart*0.7+af_bella*0.3"
            raise InputError(f"{part.strip()!r} in the blend {name!r}", wants, hint)
        shares[voice] = shares.get(voice, 0.0) + weight
    return {voice: share / sum(shares.values()) for voice, share in shares.items()}


def family(voice: str) -> str:
    """Which engine speaks a voice or a blend."""
    return FAMILIES.get(voice, "kokoro")


def british(voice: str) -> bool:
    """Whether a voice, or the larger part of a blend, speaks British English."""
    shares = recipe(voice)
    return family(voice) == "kokoro" and sum(shares[name] for name in shares if name[0] == "b") > 0.5


def sound(voice: str) -> Sound:
    """How a voice sounds; of a blend, what its parts let expect."""
    parts = [(sounds()[name], share) for name, share in recipe(voice).items()]

    def mean(values: list[Any]) -> Any:
        return sum(value * share for value, (_, share) in zip(values, parts, strict=True))

    embedding = mean([part.embedding for part, _ in parts])
    return Sound(
        float(np.exp(mean([np.log(part.f0) for part, _ in parts]))),
        mean([part.spectrum for part, _ in parts]),
        float(mean([part.loudness for part, _ in parts])),
        embedding / np.linalg.norm(embedding),
    )


def load(voice: str, files: Files) -> Engine:
    """The engine of a voice, its weights fetched if they are not here."""
    match family(voice):
        case "hibari":
            from pfy_plugin_speech.engines.hibari import Hibari

            return Hibari(weights.path(files.hibari))
        case "piper":
            from pfy_plugin_speech.engines.piper import Piper

            return Piper(weights.path(files.piper))
        case _:
            from pfy_plugin_speech.engines.kokoro import STYLE_SHAPE, Kokoro

            styles = np.fromfile(weights.path(files.styles), np.float32).reshape(-1, *STYLE_SHAPE)
            shares = recipe(voice)
            mixed = sum(styles[STYLES.index(name)] * np.float32(share) for name, share in shares.items())
            return Kokoro(files.kokoro, np.asarray(mixed, np.float32))


@functools.cache
def sounds() -> dict[str, Sound]:
    """How every voice sounds, from bank.json."""
    text = (resources.files("pfy_plugin_speech") / FILE).read_text(encoding="utf-8")
    return {
        name: Sound(
            data["f0"],
            np.array(data["spectrum"], np.float32),
            data["loudness"],
            speaker.unit(np.array(data["embedding"], np.float32)),
        )
        for name, data in json.loads(text).items()
    }


def measure(engine: Engine, *, british: bool) -> Sound:
    """How an engine sounds, from TEXT."""
    from pfy_plugin_speech.text.g2p import phonemizer
    from pfy_plugin_speech.text.sentences import pieces
    from pfy_plugin_speech.text.tracked import Tracked

    phonemize = phonemizer(british=british).phonemes
    waves = [engine.say(phonemize(piece.text), speed=1.0, seed=0).wave for piece in pieces(Tracked.of(TEXT))]
    return heard(np.concatenate(waves))


def heard(wave: Array) -> Sound:
    """How speech (s) at 24 kHz sounds."""
    listened = np.asarray(soxr.resample(wave, RATE, LISTEN_RATE), np.float32)
    track = pitch.track(listened)
    f0 = float(np.median(track[track > 0]))
    speech = listened[np.repeat(activity.is_speech(listened, HOP, LISTEN.activity), HOP).nonzero()[0]]
    embedding = speaker.embed(speech, LISTEN.speaker)
    return Sound(f0, spectrum.average(listened), level.loudness(wave, RATE), embedding)


def row(sound: Sound) -> dict[str, Any]:
    """A sound as it is written to bank.json; the embedding in thousandths."""
    return {
        "f0": round(sound.f0, 1),
        "loudness": round(sound.loudness, 2),
        "spectrum": [round(float(value), 1) for value in sound.spectrum],
        "embedding": [round(float(1000 * value)) for value in sound.embedding],
    }


def main() -> None:
    """Measure all voices and print bank.json."""
    files = Files("hibari/heart", "piper/joe", "kokoro/model", "kokoro/styles")
    rows = {voice: row(measure(load(voice, files), british=british(voice))) for voice in FAMILIES}
    lines = (f"  {json.dumps(voice)}: {json.dumps(data)}" for voice, data in rows.items())
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
