"""Toy components on the real runtime, small enough to see through, and what tests do with them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from pfy_core import Adapter, Decoder, Encoder, Fuser, Graph, Port, Runner, Seed
from pfy_core.catalogue import Catalogue
from pfy_core.errors import PfyError

CALLS: Counter[str] = Counter()
"""How often each component was called since the test began."""

Text = Annotated[str, Port("text")]
Number = Annotated[int, Port("number")]
Wave24 = Annotated[np.ndarray, Port("audio.wave", "s", rate=24_000, dtype="float32")]
Wave16 = Annotated[np.ndarray, Port("audio.wave", "s", rate=16_000, dtype="float32")]
Words = Annotated[list, Port("toy.words")]
Motion = Annotated[np.ndarray, Port("toy.motion", "t 4", rate="fps", dtype="float32")]
Latent = Annotated[np.ndarray, Port("latent.toy", "t width", dtype="float32")]
Frames = Annotated[np.ndarray, Port("video.frames", "t h w 3", rate="fps", dtype="uint8")]


@dataclass
class Speech:
    wave: Wave24
    words: Words


class Say(Decoder, name="say"):
    """A tenth of a second for each word, as loud as the word is long."""

    def __call__(
        self, text: Text, pitch: Annotated[float, Port("voice.pitch")] | None = None, *, seed: Seed = 0
    ) -> Iterator[Speech]:
        CALLS["say"] += 1
        for word in text.split():
            yield Speech(np.full(2400, 0.05 * len(word) + (pitch or 0.0), np.float32), [word])


class Pitch(Encoder, name="pitch"):
    """The mean of a recording."""

    def __call__(self, wave: Wave16) -> Annotated[float, Port("voice.pitch")]:
        CALLS["pitch"] += 1
        return float(wave.mean())


class Move(Decoder, name="move"):
    """One row of motion a frame, as large as the sound is loud."""

    def __init__(
        self, *, fps: float = 25.0, style: Literal["calm", "lively"] = "calm", gain: float | None = None
    ):
        self.fps = fps

    def __call__(self, wave: Iterator[Wave24], words: Iterator[Words]) -> Iterator[Motion]:
        CALLS["move"] += 1
        rest = np.zeros(0, np.float32)
        step = round(24_000 / self.fps)
        for sound, _ in zip(wave, words, strict=True):
            rest = np.concatenate([rest, sound])
            count = len(rest) // step
            if count:
                yield np.repeat(rest[: count * step : step, None], 4, axis=1)
            rest = rest[count * step :]


class Film(Decoder, name="film"):
    """Grey pictures, as bright as the motion is large."""

    def __init__(self, *, fps: float = 25.0, side: int = 16):
        self.side = side

    def __call__(self, motion: Iterator[Motion]) -> Iterator[Frames]:
        CALLS["film"] += 1
        for rows in motion:
            bright = (255 * np.clip(rows[:, 0], 0, 1)).astype(np.uint8)
            yield np.broadcast_to(bright[:, None, None, None], (len(rows), self.side, self.side, 3)).copy()


class Count(Encoder, name="count"):
    """How many rows of motion there are: a barrier."""

    def __call__(self, motion: Motion) -> Number:
        CALLS["count"] += 1
        return len(motion)


class Embed(Encoder, name="embed"):
    """A row for each word of a text."""

    def __init__(self, *, width: int = 3):
        self.width = width

    def __call__(self, text: Text) -> Latent:
        CALLS["embed"] += 1
        rows = [[len(word) + column for column in range(self.width)] for word in text.split()]
        return np.array(rows, np.float32).reshape(-1, self.width)


class Scale(Encoder, name="scale"):
    """Rows times a number."""

    def __init__(self, *, by: float = 2.0):
        self.by = by

    def __call__(self, latent: Latent) -> Latent:
        CALLS["scale"] += 1
        return latent * np.float32(self.by)


class Mix(Fuser, name="mix"):
    """The sum of any number of latents."""

    def __call__(self, *latents: Latent) -> Latent:
        CALLS["mix"] += 1
        return np.sum(latents, axis=0, dtype=np.float32)


class Chop(Decoder, name="chop"):
    """Rows in chunks."""

    def __init__(self, *, size: int = 1):
        self.size = size

    def __call__(self, latent: Latent) -> Iterator[Latent]:
        CALLS["chop"] += 1
        for start in range(0, len(latent), self.size):
            yield latent[start : start + self.size]


class Ahead(Decoder, name="ahead"):
    """Each row plus the row ``by`` later: a stream that must look ahead."""

    def __init__(self, *, by: int = 1):
        self.by = by

    def __call__(self, latent: Iterator[Latent]) -> Iterator[Latent]:
        CALLS["ahead"] += 1
        held: list[np.ndarray] = []
        for chunk in latent:
            for row in chunk:
                held.append(row)
                if len(held) > self.by:
                    yield (held.pop(0) + row)[None]
        for row in held:
            yield row[None]


class Pair(Fuser, name="pair"):
    """Two streams side by side, row by row."""

    def __call__(self, one: Iterator[Latent], two: Iterator[Latent]) -> Iterator[Latent]:
        CALLS["pair"] += 1
        for a, b in zip(_rows(one), _rows(two), strict=True):
            yield (a + b)[None]


class Whole(Encoder, name="whole"):
    """All rows at once: a barrier."""

    def __call__(self, latent: Latent) -> Latent:
        CALLS["whole"] += 1
        return latent


class Total(Encoder, name="total"):
    """The sum of a latent, as a whole number."""

    def __call__(self, latent: Annotated[np.ndarray, Port("latent")]) -> Number:
        CALLS["total"] += 1
        return int(latent.sum())


class Noise(Decoder, name="noise"):
    """Random rows."""

    def __init__(self, *, width: int = 3):
        self.width = width

    def __call__(self, text: Text, *, seed: Seed) -> Latent:
        CALLS["noise"] += 1
        return np.random.default_rng(seed).random((4, self.width), np.float32)


class Resample(Adapter, name="resample"):
    """A wave at another rate."""

    def __init__(self, *, source: float = 24_000.0, target: float = 16_000.0):
        self.source, self.target = source, target

    def __call__(
        self, wave: Annotated[np.ndarray, Port("audio.wave", "s", rate="source", dtype="float32")]
    ) -> Annotated[np.ndarray, Port("audio.wave", "s", rate="target", dtype="float32")]:
        return np.interp(
            np.arange(0, len(wave), self.source / self.target), np.arange(len(wave)), wave
        ).astype(np.float32)


class Whisper(Encoder, name="whisper"):
    """Takes doubles, which nothing here makes."""

    def __call__(
        self, latent: Annotated[np.ndarray, Port("latent.toy", "t width", dtype="float64")]
    ) -> Number:
        return len(latent)


ALL = (
    *(Say, Pitch, Move, Film, Count, Embed, Scale, Mix, Chop, Ahead, Pair, Whole, Total, Noise, Resample),
    Whisper,
)


def _rows(chunks):
    for chunk in chunks:
        yield from chunk


def catalogue(*more) -> Catalogue:
    """A catalogue of the toys, and of more classes."""
    made = Catalogue()
    for cls in (*ALL, *more):
        made.add(cls)
    return made


def speech() -> Graph:
    """Text to motion and pictures; the voice is optional."""
    return (
        Graph("toy")
        .input("text", "text")
        .input("voice", "audio.wave", optional=True)
        .add("pitch", "encoder/pitch", wave="$voice")
        .add("say", "decoder/say", text="$text", pitch="pitch")
        .add("move", "decoder/move", wave="say.wave", words="say.words")
        .add("film", "decoder/film", motion="move")
        .add("count", "encoder/count", motion="move")
        .output(frames="film", wave="say.wave", motion="move", count="count")
    )


def sums() -> Graph:
    """Text to a number, all values at once."""
    return (
        Graph("sums")
        .input("text", "text")
        .add("embed", "encoder/embed", text="$text")
        .add("scale", "encoder/scale", latent="embed")
        .add("total", "encoder/total", latent="scale")
        .output(total="total")
    )


def results(graph, inputs, catalogue, *, outputs=None, seed=0, store=None, watch=None):
    """All outputs of a run; streams as one array or list. Also the states of its nodes."""
    runner = Runner(graph, catalogue=catalogue, store=store, watch=watch)
    found = {}
    with runner(inputs, seed=seed, outputs=outputs) as run:
        for name in run.plan.outputs:
            value = run[name]
            found[name] = joined(value) if hasattr(value, "__next__") else value
        run.wait()
    return found, {name: trace.state for name, trace in run.trace.nodes.items()}


def joined(chunks):
    chunks = list(chunks)
    return (
        np.concatenate(chunks)
        if isinstance(chunks[0], np.ndarray)
        else [item for chunk in chunks for item in chunk]
    )


def attempt(call, *expected):
    """What a call returns, or the error of the expected kinds (any PfyError) that it raises."""
    kinds = expected or (PfyError,)
    try:
        return call()
    except kinds as error:
        return error
