"""Forced alignment: which sound is heard when in a recording, with CMU's pocketsphinx."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
SILENCE = frozenset(["SIL", "<s>", "</s>", "<sil>"])
BEAMS = {"beam": 1e-60, "pbeam": 1e-60, "wbeam": 1e-40}
"""Wide, because the words are given and only one path is right."""
PHONE_BEAMS = {"beam": 1e-20, "pbeam": 1e-20, "lw": 2.0}
"""As pocketsphinx's documentation advises for recognising phones."""


def align(wave: Array, pronunciations: Sequence[str]) -> list[Phone] | None:
    """Phones of a recording (s) at 16 kHz whose words are known; None when they do not fit it.

    ``pronunciations`` are words in Kokoro's alphabet, in order. Times are absolute, gaps are silence.
    """
    decoder = Decoder(samprate=LISTEN_RATE, loglevel="FATAL", bestpath=False, **BEAMS)
    words = [sounds for sounds in map(arpabet.from_kokoro, pronunciations) if sounds]
    if not words:
        return None
    for index, sounds in enumerate(words):
        spelling = " ".join(name for name, _ in sounds)
        decoder.add_word(f"w{index}", spelling, index == len(words) - 1)
    decoder.set_align_text(" ".join(f"w{index}" for index in range(len(words))))
    pcm = _pcm(wave)
    _listen(decoder, pcm)
    if decoder.hyp() is None:
        return None
    decoder.set_alignment()
    _listen(decoder, pcm)
    found = [(part.name, part.start, part.duration) for word in decoder.get_alignment() for part in word]
    stresses = iter([stress for sounds in words for _, stress in sounds])
    heard = ((name, start, length, _next(name, stresses)) for name, start, length in found)
    return list(_contiguous(heard, len(wave) / LISTEN_RATE))


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
