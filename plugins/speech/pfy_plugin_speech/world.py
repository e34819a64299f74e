"""Voices of languages other than English: Kokoro's speakers of them, and how each sounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pfy_core import weights
from pfy_core.errors import InputError, WeightsError
from pfy_core.kinds import VoiceProfile
from pfy_plugin_speech import bank
from pfy_plugin_speech.choice import LARGEST_SHIFT, LOUDNESS, Shaping
from pfy_plugin_speech.engines.utterance import Engine
from pfy_plugin_speech.ports import Array
from pfy_plugin_speech.sound import level
from pfy_plugin_speech.text.languages import CODES, NAMES, OTHERS, detect, resolve


@dataclass(frozen=True)
class Speaker:
    """A speaker's language, median F0 in Hz and loudness in LUFS, on SAMPLES."""

    code: str
    f0: float
    loudness: float


SPEAKERS = {
    "ef_dora": Speaker("es", 175.2, -24.9),
    "em_alex": Speaker("es", 131.7, -23.9),
    "ff_siwis": Speaker("fr", 203.5, -19.6),
    "if_sara": Speaker("it", 225.7, -15.4),
    "im_nicola": Speaker("it", 101.2, -20.0),
}
"""In the order of the weights file kokoro/world."""
SAMPLES = {
    "es": "Buenos días, y gracias por estar con nosotros. El tiempo seguirá siendo cálido hasta mayo.",
    "fr": "Bonjour, et merci d'être avec nous. Le temps restera doux jusqu'au mois de mai.",
    "it": "Buongiorno, e grazie di essere qui con noi. Il tempo rimarrà mite fino a maggio.",
}


def known(name: str) -> str:
    """The voice of a name, of any language. Raises InputError for another one."""
    return name if name in SPEAKERS else bank.resolve(name)


def language_of(voice: str) -> str:
    """The code of the language that a voice speaks."""
    return SPEAKERS[voice].code if voice in SPEAKERS else "en"


def language(wanted: str, voice: str, text: str) -> str:
    """The language of a text for a configured code and voice, each of which may be ``auto``.

    Raises InputError where they do not go together, and as languages.resolve does.
    """
    if voice == "auto":
        return resolve(wanted, text)
    own = language_of(known(voice))
    asked = wanted if wanted != "auto" else detect(text) if own == "en" else own
    if asked != own:
        raise InputError(
            f"the text is in {NAMES.get(asked, asked)}, and {voice} speaks {NAMES[own]}",
            f"a voice of the language of the text; these have some: {', '.join(CODES)}",
            f"voice=auto, or --language {own} to read it as {NAMES[own]}",
        )
    return resolve(own, text)


def choose(code: str, profile: VoiceProfile | None) -> str:
    """The voice of a language: the usual one, or the one whose pitch is nearest to a profile's."""
    voices = OTHERS[code].voices
    if profile is None or not profile.f0:
        return voices[0]
    return min(voices, key=lambda voice: abs(np.log(SPEAKERS[voice].f0 / profile.f0)))


def shaping(voice: str, profile: VoiceProfile | None) -> Shaping:
    """How a voice is brought to the common loudness and, with a profile, to its pitch."""
    speaker = SPEAKERS[voice]
    gain = level.gain(LOUDNESS - speaker.loudness)
    if profile is None or not profile.f0:
        return Shaping(gain=gain)
    wanted = 12 * np.log2(profile.f0 / speaker.f0)
    return Shaping(float(2 ** (np.clip(wanted, -LARGEST_SHIFT, LARGEST_SHIFT) / 12)), gain=gain)


def load(voice: str, model: str, styles: str) -> Engine:
    """The engine of a voice, its weights fetched if they are not here.

    Raises InputError where they cannot be fetched.
    """
    from pfy_plugin_speech.engines.kokoro import STYLE_SHAPE, Kokoro

    try:
        weights.path(model)
        table: Array = np.fromfile(weights.path(styles), np.float32).reshape(-1, *STYLE_SHAPE)
    except WeightsError as error:
        raise InputError(
            f"{voice}, which speaks {NAMES[language_of(voice)]}, is not here: {error.sends}",
            "Kokoro's weights",
            f"pfy weights pull {model} {styles}",
        ) from error
    return Kokoro(model, table[list(SPEAKERS).index(voice)])
