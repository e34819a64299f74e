"""``decoder/speech``: text to speech with phone timings."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace

import numpy as np

from pfy_core import Decoder, OptionalWeights, Seed, Weights, note
from pfy_core.errors import InputError
from pfy_core.events import progress
from pfy_core.kinds import Phone
from pfy_plugin_speech import bank
from pfy_plugin_speech.choice import Shaping, choose, shaping
from pfy_plugin_speech.engines.utterance import Engine, Utterance
from pfy_plugin_speech.likeness import Likeness
from pfy_plugin_speech.listen import LISTEN
from pfy_plugin_speech.phones import locate
from pfy_plugin_speech.ports import RATE, Array, Phones, Profile, Text, Wave
from pfy_plugin_speech.text.clean import WANTS, clean
from pfy_plugin_speech.text.g2p import cut, phonemizer
from pfy_plugin_speech.text.sentences import Piece, pieces
from pfy_plugin_speech.text.spoken import spell_out

PAUSES = {"cut": 0.02, "clause": 0.12, "sentence": 0.40, "paragraph": 0.75}
"""Seconds of silence after a piece of text."""
LEAD, END = 0.12, 0.45
"""Seconds of silence before the first sound and after the last: a face should begin and end at rest."""
BREATH = 0.04
"""Seconds of silence that are left before the first sound of any other piece."""
SPEEDS, PAUSE_FACTORS = (0.5, 2.0), (0.0, 4.0)


@dataclass(frozen=True)
class Spoken:
    """A stretch of speech: its wave, and its phones with times from the start of the whole speech."""

    wave: Wave
    phones: Phones


class Speech(Decoder, name="speech"):
    """English text to speech, one record a sentence, with the phones that are spoken when.

    ``voice`` is ``auto`` (Kokoro where its weights are, else the light voice; with a profile a blend, or the
    nearest one), ``light``, ``best``, a name: heart, joe, af_heart, am_michael, bf_emma ... or a blend of
    Kokoro's voices, ``af_heart*0.7+af_bella*0.3``. ``speed`` is a
    factor from .5 to 2, ``pause`` a factor on the pauses between sentences, 0 to 4. A profile chooses
    the voice and shapes its pitch and colour. Raises InputError for text that cannot be spoken.
    """

    def __init__(
        self,
        *,
        voice: str = "auto",
        speed: float = 1.0,
        pause: float = 1.0,
        light: Weights = "hibari/heart",
        male: OptionalWeights = "piper/joe",
        kokoro: OptionalWeights = "kokoro/model",
        styles: OptionalWeights = "kokoro/styles",
    ) -> None:
        if not SPEEDS[0] <= speed <= SPEEDS[1]:
            raise InputError(f"speed {speed:g}", f"{SPEEDS[0]:g} to {SPEEDS[1]:g}")
        if not PAUSE_FACTORS[0] <= pause <= PAUSE_FACTORS[1]:
            raise InputError(f"pause {pause:g}", f"{PAUSE_FACTORS[0]:g} to {PAUSE_FACTORS[1]:g}")
        if voice != "auto":
            bank.resolve(voice)
        self._voice, self._speed, self._pause = voice, speed, pause
        self._files = bank.Files(light, male, kokoro, styles)
        self._engines: dict[str, Engine] = {}

    def __call__(self, text: Text, profile: Profile | None = None, *, seed: Seed) -> Iterator[Spoken]:
        cleaned = clean(text)
        for told in cleaned.notes:
            note(told)
        voice = choose(self._voice, profile, self._files)
        self._prepare(voice)
        speaker = _Speaker(self._engines[voice], shaping(voice, profile), self._speed, seed)
        script = list(self._script(spell_out(cleaned.text), speaker.longest, british=bank.british(voice)))
        if not script:
            raise InputError("nothing in the text can be spoken", WANTS, "write what is to be said")
        likeness = Likeness(profile, voice, LISTEN)
        total, done, at = sum(len(line.phonemes) for line in script), 0, 0.0
        for index, line in enumerate(script):
            progress(done, total)
            lead = LEAD if not index else BREATH
            tail = END if index == len(script) - 1 else line.pause
            spoken = speaker.say(line.phonemes, lead, tail, at)
            at += len(spoken.wave) / RATE
            done += len(line.phonemes)
            likeness.hear(spoken.wave)
            yield spoken
        likeness.tell()
        progress(total, total)

    def _prepare(self, voice: str) -> None:
        """Load a voice, and at the same time the lexicon of its accent: each takes half a second."""
        if voice in self._engines:
            return
        with ThreadPoolExecutor(1) as pool:
            loading = pool.submit(copy_context().run, bank.load, voice, self._files)
            phonemizer(british=bank.british(voice))
            self._engines[voice] = loading.result()

    def _script(self, text: str, longest: int, *, british: bool) -> Iterator[_Line]:
        phonemize = phonemizer(british=british)
        for piece in pieces(text):
            yield from _lines(piece, phonemize(piece.text), longest, self._pause)


@dataclass(frozen=True)
class _Line:
    """Phonemes that are said in one go, and seconds of silence after them."""

    phonemes: str
    pause: float


def _lines(piece: Piece, phonemes: str, longest: int, factor: float) -> Iterator[_Line]:
    parts = list(cut(phonemes, longest))
    for part in parts[:-1]:
        yield _Line(part, PAUSES["cut"] * factor)
    for part in parts[-1:]:
        yield _Line(part, PAUSES[piece.boundary] * factor)


class _Speaker:
    """A shaped voice that speaks line after line."""

    def __init__(self, engine: Engine, shaped: Shaping, speed: float, seed: int) -> None:
        self._engine, self._shaped, self._speed = engine, shaped, speed
        self._seeds = np.random.default_rng(seed)
        self.longest = engine.longest

    def say(self, phonemes: str, lead: float, tail: float, at: float) -> Spoken:
        """Phonemes spoken, with so many seconds of silence around them, beginning at second ``at``."""
        ratio = self._shaped.ratio
        raw = self._engine.say(phonemes, speed=self._speed / ratio, seed=int(self._seeds.integers(1 << 31)))
        utterance = Utterance(self._shaped(raw.wave), raw.seconds / ratio)
        phones = locate(utterance, phonemes, self._engine.lag / self._speed)
        wave, phones = _framed(utterance.wave, phones, lead, tail)
        return Spoken(wave, [replace(p, start=p.start + at, end=p.end + at) for p in phones])


def _framed(wave: Array, phones: list[Phone], lead: float, tail: float) -> tuple[Array, list[Phone]]:
    """Sound and phones with exactly ``lead`` and ``tail`` seconds of silence around the sounds."""
    heard = [index for index, phone in enumerate(phones) if phone.symbol] or [0, len(phones) - 1]
    inner = phones[heard[0] : heard[-1] + 1]
    first, last = round(inner[0].start * RATE), min(round(inner[-1].end * RATE), len(wave))
    before, after = round(lead * RATE), round(tail * RATE)
    kept = wave[max(first - before, 0) : last + after]
    kept = np.pad(kept, (max(before - first, 0), max(after - (len(wave) - last), 0)))
    shift = lead - first / RATE
    moved = [replace(phone, start=phone.start + shift, end=phone.end + shift) for phone in inner]
    edges = Phone("", 0.0, moved[0].start), Phone("", moved[-1].end, len(kept) / RATE)
    return kept, [phone for phone in (edges[0], *moved, edges[1]) if phone.end > phone.start]
