"""The voices of a made corpus: plain ones, and those that come near to a recording.

Who is held out stands here, and not in a seed: so corpora of several seeds can be trained on together, and
tested on each other's test splits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pfy_plugin_data.layout import SPLITS, Split

Bank = Literal["light", "all"]


@dataclass(frozen=True)
class Voice:
    """Who speaks: a voice of ``decoder/speech``, and the profile that it comes near to.

    heard: the voice whose recording the profile is of; empty for none
    pitch: that recording is played so many times faster, which moves its formants too
    """

    name: str
    speaker: str
    split: Split
    heard: str = ""
    pitch: float = 1.0

    @property
    def slow(self) -> bool:
        """Whether it takes about ten times the work of a light voice."""
        return self.speaker not in LIGHT


LIGHT = ("heart", "joe")
"""Voices that every install of the default has (8 and 63 MB)."""
PITCHES = (0.84, 0.88, 0.92, 0.96, 1.04, 1.09, 1.14, 1.19)
"""Three semitones down to three up: what ``decoder/speech`` moves a voice by at most."""
ABROAD: tuple[tuple[Split, float, float], ...] = (("validation", 1.5, 0.68), ("test", 1.75, 0.57))
"""Splits, and at which speed joe's recording colours heart, and heart's joe: no training voice has a
profile of another one. Their medians of F0, 184 and 112 Hz, are a factor of 1.64 apart."""
KOKORO: dict[Split, tuple[str, ...]] = {
    "train": (
        *("af_alloy", "af_aoede", "af_heart", "af_jessica", "af_kore", "af_river", "af_sarah", "af_sky"),
        *("am_adam", "am_echo", "am_eric", "am_liam", "am_onyx", "am_puck", "am_santa"),
        *("bf_alice", "bf_isabella", "bm_daniel", "bm_lewis"),
    ),
    "validation": ("af_nova", "am_fenrir", "bf_lily", "bm_fable"),
    "test": ("af_bella", "am_michael", "bf_emma", "bm_george"),
}
"""Kokoro's English speakers (172 MB of weights, some ten times slower)."""
SHARE: dict[Split, float] = {"train": 0.2, "validation": 0.4, "test": 0.4}
"""Of the clips that Kokoro speaks where it may. Held-out clips have more of it: its speakers are strangers to
the training split, while all light voices are of the same two engines."""


def _light() -> list[Voice]:
    plain = [Voice(name, name, "train") for name in LIGHT]
    moved = [Voice(f"{name}-{pitch:g}", name, "train", name, pitch) for name in LIGHT for pitch in PITCHES]
    abroad = [
        Voice(f"{speaker}-as-{heard}-{pitch:g}", speaker, split, heard, pitch)
        for split, up, down in ABROAD
        for speaker, heard, pitch in (("heart", "joe", up), ("joe", "heart", down))
    ]
    return plain + moved + abroad


VOICES = (*_light(), *(Voice(name, name, split) for split in SPLITS for name in KOKORO[split]))


def of(split: Split, *, slow: bool) -> list[Voice]:
    """The voices of a split: light ones, or Kokoro's."""
    return [voice for voice in VOICES if voice.split == split and voice.slow == slow]
