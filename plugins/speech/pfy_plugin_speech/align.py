"""Forced alignment and recognition: what is heard when in a recording, with CMU's pocketsphinx."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pocketsphinx import Decoder, get_model_path

from pfy_core.kinds import Phone
from pfy_plugin_speech import arpabet
from pfy_plugin_speech.ports import LISTEN_RATE, Array

FRAME = 0.01
"""Seconds of an acoustic frame."""
LEAD = 0.024
"""Seconds by which the aligner is early: median over 180 phones against durations that are exact because
the speech was made from them (a Piper voice)."""
PEAK = 0.8
WORD = re.compile(r"w(\d+)")
"""Names of the words in the aligner's dictionary."""
SILENCE = frozenset(["SIL", "<s>", "</s>", "<sil>"])
BEAMS = {"beam": 1e-60, "pbeam": 1e-60, "wbeam": 1e-40}
"""Wide, because the words are given and only one path is right; other words have none."""
WIDER = {"beam": 1e-200, "pbeam": 1e-200, "wbeam": 1e-150}
"""Such that words are found in noise 10 dB below them, and others are too: ``Aligned.misfit`` tells them."""
PHONE_BEAMS = {"beam": 1e-20, "pbeam": 1e-20, "lw": 2.0}
"""As pocketsphinx's documentation advises for recognising phones."""


@dataclass(frozen=True)
class Aligned:
    """Phones of a recording, and the start and end of each word; None for a word without sounds.

    misfit: by how much worse than the best sound the given ones fit, a frame: the aligner's own scale. On
        two voices 11 to 16, in noise 10 dB below them or a reverberant room up to 35, other words 48 to 85.
    """

    phones: list[Phone]
    words: list[tuple[float, float] | None]
    misfit: float


def align(wave: Array, pronunciations: Sequence[str], beams: Mapping[str, float] = BEAMS) -> Aligned | None:
    """What is heard when in a recording (s) at 16 kHz whose words are known; None when they do not fit it.

    ``pronunciations`` are words in Kokoro's alphabet, in order. Times are absolute, gaps are silence.
    """
    decoder = Decoder(samprate=LISTEN_RATE, loglevel="FATAL", bestpath=False, **beams)
    words = {index: sounds for index, sounds in enumerate(map(arpabet.from_kokoro, pronunciations)) if sounds}
    if not words:
        return None
    for index, sounds in words.items():
        spelling = " ".join(name for name, _ in sounds)
        decoder.add_word(f"w{index}", spelling, index == max(words))
    decoder.set_align_text(" ".join(f"w{index}" for index in words))
    pcm = _pcm(wave)
    _listen(decoder, pcm)
    if decoder.hyp() is None:
        return None
    decoder.set_alignment()
    _listen(decoder, pcm)
    found: list[tuple[str, int, int]] = []
    length = len(wave) / LISTEN_RATE
    times: list[tuple[float, float] | None] = [None] * len(pronunciations)
    lost = 0
    for entry in decoder.get_alignment():  # an entry is valid until the next one is asked for
        number = WORD.match(entry.name)
        if number:
            start, end = entry.start * FRAME + LEAD, (entry.start + entry.duration) * FRAME + LEAD
            times[int(number[1])] = min(start, length), min(end, length)
        for part in entry:
            found.append((part.name, part.start, part.duration))
            lost -= 0 if _quiet(part.name) else part.score
    stresses = iter([stress for sounds in words.values() for _, stress in sounds])
    heard = ((name, start, frames, _next(name, stresses)) for name, start, frames in found)
    spoken = sum(frames for name, _, frames in found if not _quiet(name))
    return Aligned(list(_contiguous(heard, length)), times, lost / max(spoken, 1))


def recognise(wave: Array) -> list[Phone]:
    """Phones of a recording (s) at 16 kHz whose words are unknown; about one in three is another one.

    That suffices for lips: most mistakes are between sounds that look alike.
    """
    decoder = Decoder(
        samprate=LISTEN_RATE,
        loglevel="FATAL",
        allphone=get_model_path("en-us/en-us-phone.lm.bin"),
        lm=None,
        dict=None,
        **PHONE_BEAMS,
    )
    _listen(decoder, _pcm(wave))
    found = ((s.word, s.start_frame, s.end_frame - s.start_frame + 1, 0) for s in decoder.seg() or ())
    return list(_contiguous(found, len(wave) / LISTEN_RATE))


def words_heard(wave: Array) -> str:
    """The words of a recording (s) at 16 kHz, as far as a small model of American English hears them."""
    decoder = Decoder(samprate=LISTEN_RATE, loglevel="FATAL")
    _listen(decoder, _pcm(wave))
    found = decoder.hyp()
    return found.hypstr if found else ""


def _listen(decoder: Decoder, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()


def _pcm(wave: Array) -> bytes:
    peak = float(np.abs(wave).max()) or 1.0
    return (wave * (PEAK / peak * 32767)).astype(np.int16).tobytes()


def _quiet(name: str) -> bool:
    """Whether a unit of the acoustic model is silence or noise (``+NSN+``, ``+SPN+``)."""
    return name in SILENCE or name.startswith("+")


def _next(name: str, stresses: Iterator[int]) -> int:
    return 0 if _quiet(name) else next(stresses, 0)


def _contiguous(found: Iterator[tuple[str, int, int, int]], length: float) -> Iterator[Phone]:
    """Phones in IPA without gaps from 0 to ``length``, from (name, first frame, frames, stress)."""
    at = 0.0
    for name, first, frames, stress in found:
        if _quiet(name):
            continue
        start = min(max(first * FRAME + LEAD, at), length)
        end = min(max((first + frames) * FRAME + LEAD, start), length)
        if start > at:
            yield Phone("", at, start)
        sounds = arpabet.ipa(name)
        for index, (symbol, share) in enumerate(sounds):
            stop = start + share * (end - start) if index < len(sounds) - 1 else end
            if stop > start:
                yield Phone(symbol, start, stop, stress if symbol != "ɹ" else 0)
            start = stop
        at = end
    if length > at:
        yield Phone("", at, length)
