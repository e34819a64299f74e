"""``decoder/speech``: text to speech with phone timings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace

import numpy as np

from pfy_core import Decoder, OptionalWeights, Seed, Weights, note
from pfy_core.errors import InputError
from pfy_core.events import progress
from pfy_core.kinds import Phone
from pfy_core.options import within
from pfy_plugin_speech import bank
from pfy_plugin_speech.choice import Shaping, choose, shaping
from pfy_plugin_speech.engines.utterance import Engine, Utterance
from pfy_plugin_speech.likeness import Likeness
from pfy_plugin_speech.listen import LISTEN
from pfy_plugin_speech.manner import mannered, pace_of
from pfy_plugin_speech.phones import Located, locate
from pfy_plugin_speech.ports import RATE, Array, Phones, Profile, Text, Wave, Words
from pfy_plugin_speech.text.clean import WANTS
from pfy_plugin_speech.text.g2p import phonemizer
from pfy_plugin_speech.text.languages import NAMES, check, require
from pfy_plugin_speech.text.lines import Line, Read, lines
from pfy_plugin_speech.text.read import read
from pfy_plugin_speech.text.script import Script
from pfy_plugin_speech.text.words import Page
from pfy_plugin_speech.world import SPEAKERS, known, language_of
from pfy_plugin_speech.world import choose as choose_abroad
from pfy_plugin_speech.world import language as language_for
from pfy_plugin_speech.world import load as load_abroad
from pfy_plugin_speech.world import shaping as shaping_abroad

LEAD, END = 0.12, 0.45
"""Seconds of silence before the first sound and after the last: a face should begin and end at rest."""
BREATH = 0.04
"""Seconds of silence that are left before the first sound of any other piece."""
ENGINE_SPEEDS = (0.4, 2.5)
"""What every engine can be asked for; a text may ask for more, and gets it from the wave."""
SPEEDS, PAUSE_FACTORS = (0.5, 2.0), (0.0, 4.0)


@dataclass(frozen=True)
class Spoken:
    """A stretch of speech: its wave, phones and written words, with times from the start of the speech."""

    wave: Wave
    phones: Phones
    words: Words


class Speech(Decoder, name="speech"):
    """Text, plain or SSML, to speech, a record a sentence, with the phones and words that are spoken when.

    ``voice`` is ``auto`` (Kokoro where its weights are, else the light voice; with a profile a blend, or the
    nearest one), ``light``, ``best``, a name: heart, joe, af_heart, am_michael, bf_emma, ef_dora ... or a
    blend of Kokoro's English voices, ``af_heart*0.7+af_bella*0.3``.
    ``language`` is ``auto`` (told from the text), en, es, fr or it; all but English need Kokoro and an
    extra of this plugin. ``speed`` is a factor from .5 to 2, ``pause`` a factor on the pauses between
    sentences, 0 to 4. A profile chooses the voice and shapes its pitch and colour. Raises InputError for
    text that cannot be spoken.
    """

    def __init__(
        self,
        *,
        voice: str = "auto",
        language: str = "auto",
        speed: float = 1.0,
        pause: float = 1.0,
        light: Weights = "hibari/heart",
        male: OptionalWeights = "piper/joe",
        kokoro: OptionalWeights = "kokoro/model",
        styles: OptionalWeights = "kokoro/styles",
        world: OptionalWeights = "kokoro/world",
    ) -> None:
        within("speed", speed, *SPEEDS)
        within("pause", pause, *PAUSE_FACTORS)
        if voice != "auto":
            known(voice)
        if language != "auto":
            check(language)
        self._language, self._world = language, world
        self._voice, self._speed, self._pause = voice, speed, pause
        self._files = bank.Files(light, male, kokoro, styles)
        self._engines: dict[str, Engine] = {}

    def __call__(self, text: Text, profile: Profile | None = None, *, seed: Seed) -> Iterator[Spoken]:
        script = read(text)
        for told in script.notes:
            note(told)
        voice = self._chosen(script, profile)
        named = {passage.voice: known(passage.voice) for passage in script.passages if passage.voice}
        self._prepare(voice)
        cast = _Cast(self._engine, profile, self._speed, seed)

        def reader(name: str | None) -> Read:
            return _reader(named[name] if name else voice)

        page = Page(script.written)
        engine = self._engines[voice]
        likeness = Likeness(profile, voice, LISTEN)
        total, done, at = len(script.written), 0, 0.0
        for line in lines(script, page, reader, engine.longest, engine.opening, self._pause):
            progress(done, total)
            said = cast.speaker(named[line.voice] if line.voice else voice).say(line, first=not at)
            likeness.hear(said.wave)
            words = page.take(line.groups, said.words, None if line.last else line.until)
            yield _from(at, Spoken(said.wave, said.phones, words))
            at += len(said.wave) / RATE
            done = max(done, line.until)
        if not at:
            raise InputError("nothing in the text can be spoken", WANTS, "write what is to be said")
        likeness.tell()
        progress(total, total)

    def _chosen(self, script: Script, profile: Profile | None) -> str:
        """The voice for a text: the configured one, or one that speaks its language."""
        text = "\n".join(passage.text.text for passage in script.passages)
        code = language_for(self._language, self._voice, text)
        if self._voice in SPEAKERS:
            return self._voice
        if code == "en":
            return choose(self._voice, profile, self._files)
        voice = choose_abroad(code, profile)
        note(f"the text is in {NAMES[code]}; {voice} speaks it")
        return voice

    def _load(self, voice: str) -> Engine:
        if voice in SPEAKERS:
            return load_abroad(voice, self._files.kokoro, self._world)
        return bank.load(voice, self._files)

    def _engine(self, voice: str) -> Engine:
        self._prepare(voice)
        return self._engines[voice]

    def _prepare(self, voice: str) -> None:
        """Load a voice, and at the same time its lexicon: each takes half a second."""
        if voice in self._engines:
            return
        with ThreadPoolExecutor(1) as pool:
            loading = pool.submit(copy_context().run, self._load, voice)
            _reader(voice)
            self._engines[voice] = loading.result()


def _reader(voice: str) -> Read:
    """What reads a text for a voice: the phonemizer of its language and accent."""
    if voice not in SPEAKERS:
        return phonemizer(british=bank.british(voice))
    from pfy_plugin_speech.text import romance

    require(language_of(voice))
    return romance.phonemizer(language_of(voice))


@dataclass(frozen=True)
class _Said:
    """A line as it is heard, its times from its own start."""

    wave: Array
    phones: list[Phone]
    words: list[tuple[float, float]]


class _Cast:
    """The voices that speak a text, each loaded when it first has something to say."""

    def __init__(
        self, engine: Callable[[str], Engine], profile: Profile | None, speed: float, seed: int
    ) -> None:
        self._engine, self._profile, self._speed = engine, profile, speed
        self._seeds = np.random.default_rng(seed)
        self._speakers: dict[str, _Speaker] = {}

    def speaker(self, voice: str) -> _Speaker:
        if voice not in self._speakers:
            shaped = (shaping_abroad if voice in SPEAKERS else shaping)(voice, self._profile)
            self._speakers[voice] = _Speaker(self._engine(voice), shaped, self._speed, self._seeds)
        return self._speakers[voice]


class _Speaker:
    """A shaped voice that speaks line after line."""

    def __init__(self, engine: Engine, shaped: Shaping, speed: float, seeds: np.random.Generator) -> None:
        self._engine, self._shaped, self._speed, self._seeds = engine, shaped, speed, seeds

    def say(self, line: Line, *, first: bool) -> _Said:
        """A line with the silence that belongs to it before and after."""
        ratio, pace = self._shaped.ratio, pace_of(line.owners, line.styles)
        speed = float(np.clip(self._speed * pace, *ENGINE_SPEEDS))
        raw = self._engine.say(line.phonemes, speed=speed / ratio, seed=int(self._seeds.integers(1 << 31)))
        utterance = Utterance(self._shaped(raw.wave), raw.seconds / ratio)
        located = locate(utterance, line.phonemes, self._engine.lag / speed, line.owners)
        wave, located = mannered(utterance.wave, located, line.styles, speed / self._speed)
        return _framed(wave, located, *_silences(line, first=first))


def _silences(line: Line, *, first: bool) -> tuple[float, float]:
    """Seconds of silence before and after a line: those that are imposed are exact between lines."""
    lead = max(LEAD, line.lead) if first else BREATH
    if line.last:
        return lead, max(END, line.silence or 0.0)
    return lead, line.pause if line.silence is None else max(line.silence - BREATH, 0.0)


def _framed(wave: Array, located: Located, lead: float, tail: float) -> _Said:
    """Sound, phones and words with exactly ``lead`` and ``tail`` seconds of silence around the sounds."""
    phones = located.phones
    heard = [index for index, phone in enumerate(phones) if phone.symbol] or [0, len(phones) - 1]
    inner = phones[heard[0] : heard[-1] + 1]
    first, last = round(inner[0].start * RATE), min(round(inner[-1].end * RATE), len(wave))
    before, after = round(lead * RATE), round(tail * RATE)
    kept = wave[max(first - before, 0) : last + after]
    kept = np.pad(kept, (max(before - first, 0), max(after - (len(wave) - last), 0)))
    shift = lead - first / RATE
    moved = [replace(phone, start=phone.start + shift, end=phone.end + shift) for phone in inner]
    edges = Phone("", 0.0, moved[0].start), Phone("", moved[-1].end, len(kept) / RATE)
    words = [(start + shift, end + shift) for start, end in located.words]
    return _Said(kept, [phone for phone in (edges[0], *moved, edges[1]) if phone.end > phone.start], words)


def _from(at: float, spoken: Spoken) -> Spoken:
    """Speech whose times are counted from ``at`` seconds earlier."""
    phones = [replace(phone, start=phone.start + at, end=phone.end + at) for phone in spoken.phones]
    words = [replace(word, start=word.start + at, end=word.end + at) for word in spoken.words]
    return Spoken(spoken.wave, phones, words)
