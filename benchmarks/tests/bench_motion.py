"""A small corpus whose motion is known, and graphs that move to it, without a network."""

from __future__ import annotations

import numpy as np

from pfy_core.kinds import Phone
from pfy_core.testing import faces
from pfy_plugin_data import write
from pfy_plugin_portrait.motion import Visemes

SPOKEN = ("mapibu", "nisapo", "bamami", "sitapu", "popeni", "lasimu")
"""What the clips say: syllables whose vowels and closures are told apart."""
SOUND, SILENCE = 0.13, 0.3
"""Seconds of a phone and of the pauses at both ends."""
GRAPH = """
pfy: 1
name: {name}
inputs: {{speech: audio.wave, phones: speech.phones, face: image.rgb}}
nodes:
  mesh: {{use: encoder/face-mesh, take: {{face: $face}}}}
  motion: {{use: decoder/visemes, take: {{phones: $phones, wave: $speech}}, with: {{mouth: {mouth}}}}}
  video: {{use: decoder/nobody-has-this, take: {{face: $face, landmarks: mesh.landmarks, motion: motion}}}}
outputs: {{frames: video, wave: $speech, motion: motion}}
"""
"""A graph whose mouth moves more or less; nobody could render it."""


def phones(said):
    """What is spoken when; every word three times."""
    symbols = ["", *(said * 3), ""]
    lengths = [SILENCE, *(SOUND for _ in said * 3), SILENCE]
    ends = np.cumsum(lengths)
    return [Phone(s, float(e - n), float(e)) for s, e, n in zip(symbols, ends, lengths, strict=True)]


def wave(spoken, rate):
    """float32 (s): a hum that is as loud as the sounds are open, in whole frames of 25 a second."""
    times = np.arange(round(spoken[-1].end * 25) * rate // 25) / rate
    loud = np.zeros(len(times))
    for phone in spoken:
        inside = (times >= phone.start) & (times < phone.end)
        loud[inside] = {"": 0.0}.get(phone.symbol, 0.3 if phone.symbol in "aeiou" else 0.05)
    return (loud * np.sin(2 * np.pi * 140 * times)).astype(np.float32)


def clip(number):
    spoken = phones(SPOKEN[number % len(SPOKEN)])
    moved = np.concatenate(list(Visemes()(iter([spoken]), iter([wave(spoken, 24_000)]), seed=0)))
    return write.Clip(
        key=f"clip-{number:05d}",
        split="test",
        wave=wave(spoken, 16_000),
        motion=moved,
        image=faces.photo(96, 96),
        landmarks=faces.landmarks(96, 96),
        voice=f"voice-{number % 3}",
        face="drawing",
        text=SPOKEN[number % len(SPOKEN)],
        phones=spoken,
    )


def corpus(folder, clips):
    """A split of so many clips; returns its folder."""
    folder.mkdir(parents=True)
    write.shard(folder / "000000.tar", [clip(number) for number in range(clips)])
    return folder


def graph(path, mouth=1.0, name="speaks"):
    """A graph's file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(GRAPH.format(mouth=mouth, name=name), encoding="utf-8")
    return path
