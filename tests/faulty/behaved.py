"""Components without a fault, of every form that there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from pfy_core import Adapter, Decoder, Encoder, Fuser, InputError, Metric, Port, Score, Seed

Wave = Annotated[np.ndarray, Port("audio.wave", "s", rate=16_000, dtype="float32", range=(-1, 1))]
Level = Annotated[np.ndarray, Port("audio.level", "t", rate=100, dtype="float32", range=(0, 1))]
Text = Annotated[str, Port("text")]
Rows = Annotated[np.ndarray, Port("latent.toy", "t width", dtype="float32")]
Source = Annotated[np.ndarray, Port("latent.toy", "_ width", dtype="float32")]
Joined = Annotated[np.ndarray, Port("latent.toy", "joined width", dtype="float32")]
Image = Annotated[np.ndarray, Port("image.rgb", "h w 3", dtype="uint8")]
Motion = Annotated[np.ndarray, Port("motion.face", "t 58", rate="fps", dtype="float32")]
Frames = Annotated[np.ndarray, Port("video.frames", "t h w 3", rate="fps", dtype="uint8")]
Words = Annotated[int, Port("text.words")]


class Loudness(Encoder, name="loudness"):
    """Peaks of a recording, a hundred a second; the last one of what is left over."""

    def __init__(self, *, gain: float = 1.0, style: Literal["peak", "mean"] = "peak"):
        if not 0 <= gain <= 10:
            raise InputError(f"gain {gain:g}", "0 to 10")
        self.gain, self.style = gain, style

    def __call__(self, wave: Wave) -> Level:
        if not np.isfinite(wave).all():
            raise InputError("a wave with values that are no numbers", "samples from -1 to 1")
        full = np.pad(np.abs(wave), (0, -len(wave) % 160)).reshape(-1, 160)
        levels = full.max(1) if self.style == "peak" else full.mean(1)
        return np.clip(self.gain * levels, 0, 1).astype(np.float32)


class Counts(Encoder, name="counts"):
    """The number of words in a text."""

    def __call__(self, text: Text) -> Words:
        return len(text.split())


class Smooth(Adapter, name="smooth"):
    """Each row and the one before it, in equal parts: a stream that remembers."""

    def __call__(self, rows: Iterator[Motion]) -> Iterator[Motion]:
        last = None
        for chunk in rows:
            if len(chunk):
                before = np.concatenate([chunk[:1] if last is None else last, chunk[:-1]])
                yield (chunk + before) / np.float32(2)
                last = chunk[-1:].copy()


class Tint(Decoder, name="tint", framewise=True):
    """The photo, as light as the first channel of the motion says."""

    def __call__(self, face: Image, motion: Iterator[Motion]) -> Iterator[Frames]:
        for chunk in motion:
            light = np.nan_to_num(np.clip(chunk[:, 0, None, None, None], 0, 1))
            yield (face * light).astype(np.uint8)


class Join(Fuser, name="join"):
    """All sources one after another, and the extra ones if there are any."""

    def __call__(self, *sources: Source, extra: Rows | None = None) -> Joined:
        if not sources:
            raise InputError("no sources", "one at least")
        return np.concatenate([*sources, *([] if extra is None else [extra])])


@dataclass
class Dreamt:
    """Two things at once: a clip of sound and the level of it."""

    wave: Wave
    level: Level


class Dream(Decoder, name="dream"):
    """A tenth of a second of noise for each word: seeded, streamed, two outputs."""

    def __init__(self, *, loud: float = 0.5):
        self.loud = float(np.clip(np.nan_to_num(loud), 0, 1))

    def __call__(self, text: Text, *, seed: Seed) -> Iterator[Dreamt]:
        random = np.random.default_rng(seed)
        for _ in text.split():
            wave = random.uniform(-self.loud, self.loud, 1600).astype(np.float32)
            yield Dreamt(wave, np.abs(wave).reshape(10, 160).max(1))


class Gap(Metric, name="gap"):
    """Difference between two levels in dB, or why there is none."""

    def __call__(self, made: Level, reference: Level) -> Score:
        if not (made.any() and reference.any() and np.isfinite(made + reference).all()):
            return Score(np.nan, "a level without sound")
        return Score(float(20 * np.log10(made.mean() / reference.mean())))


ALL = (Loudness, Counts, Smooth, Tint, Join, Dream, Gap)
