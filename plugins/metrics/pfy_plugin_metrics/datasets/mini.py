"""``dataset/mini``: clips that the embedded default makes here, for where no footage may be."""

from __future__ import annotations

import hashlib
import json
import shutil
import wave
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pfy_core import Graph, InputError, Item, Runner, note, paths, weights
from pfy_core.catalogue import installed
from pfy_core.errors import GraphError, OutputError, PluginError
from pfy_core.media import audio, image, video
from pfy_core.narration.job import rates
from pfy_core.record import NOTICE
from pfy_core.testing import faces
from pfy_plugin_metrics.datasets.filmed import SECONDS, Filmed
from pfy_plugin_metrics.datasets.sample import VOICE_RATE, Listed, Sample

VERSION = 1
PHOTO = "demo/astronaut"
"""A portrait in the public domain (NASA)."""
HEAD = slice(8, 228), slice(113, 333)
"""Where its head is: trackers want more than 22 pixels from eye to eye."""
SIDE = 256
"""Pixels a side of the clips."""
SENTENCES = (
    "The river was high after three days of rain.",
    "Please put both of the boxes by the front door.",
    "She often plays the piano before breakfast.",
    "Few people know what is behind that wall.",
    "My brother moved to the village in May.",
    "A warm wind blew over the empty beach.",
    "We have enough food for about a week.",
    "Nobody believed him when he told the truth.",
    "The judge will give her verdict at noon.",
    "Bring me the purple vase from the shelf.",
    "Five ships left the harbour this morning.",
    "I would rather walk home than wait for the bus.",
    "Most of the apples fell before the frost.",
    "Could you open the window a little further?",
    "The baker makes good bread from very old flour.",
    "He thought that the show was over by then.",
)
"""Two to three seconds each; every one has sounds that close the lips and some that open them wide."""
REFERENCE = (
    "When the sun went down, the children came home from the meadow, and their mother wanted to hear "
    "about everything that they had found."
)
"""What each voice says in its reference."""
BASE = {"head": "lively", "size": SIDE}
"""Options of the graph: a head that moves, and pictures that two cores can make and score."""


@dataclass(frozen=True)
class Speaker:
    """Who speaks in some of the clips.

    voice: of the speech plugin, both of those that every install has
    pitch: a recording of that voice is played so many times faster, and the graph comes near to the result
    drawn: the face is a drawing, otherwise the demo photo
    width: of the picture, in times of what it was, cut to a square; below 0 it is mirrored too
    tint: factors of red, green and blue
    """

    name: str
    voice: str
    pitch: float
    drawn: bool
    width: float
    tint: tuple[float, float, float]


SPEAKERS = (
    Speaker("astronaut", "heart", 1.0, False, 1.0, (1.0, 1.0, 1.0)),
    Speaker("drawing", "joe", 1.0, True, 1.0, (1.0, 1.0, 1.0)),
    Speaker("astronaut-slim", "heart", 1.2, False, -0.84, (0.86, 0.8, 0.74)),
    Speaker("drawing-broad", "joe", 0.85, True, 1.14, (0.72, 0.66, 0.64)),
)


class Mini(Filmed, name="mini"):
    """Short clips of four faces and voices, made here by the graph ``portrait``.

    clips: how many, from 1 to 64; the first ones are the same whatever their number

    Each takes some seconds once, and is then kept in pfy's folder, by a digest of all that it was made from.
    Made by the embedded default, they say whether measures and harness work, never how good a method is.
    Raises PluginError without the plugins of that graph.
    """

    def __init__(self, *, clips: int = 4) -> None:
        most = len(SPEAKERS) * len(SENTENCES)
        if not 1 <= clips <= most:
            raise InputError(f"{self.id}: {clips} clips", f"1 to {most}")
        self._runners: dict[str, Runner] = {}
        self._folder = paths.home() / "datasets" / f"mini-{VERSION}-{self._digest()[:16]}"
        super().__init__([self._one(number) for number in range(clips)], SECONDS, "first")

    def __call__(self, item: Item) -> Sample:
        """item, 0 to len(self) - 1 -> its clip, made if it is not there yet."""
        listed = self._listed[self.checked(item)]
        speaker = SPEAKERS[item % len(SPEAKERS)]
        self._reference(speaker)
        if not listed.file.is_file():
            note(f"making clip {listed.name} of mini; it is kept in {self._folder}")
            said = sentence(item)
            self._make(listed.file.with_suffix(".txt"), lambda part: _write(part, said))
            self._make(listed.file, lambda part: self._narrate(speaker, item, part))
        return super().__call__(item)

    def _one(self, number: int) -> Listed:
        name, who = f"{number:04d}", SPEAKERS[number % len(SPEAKERS)].name
        return Listed(name, who, self._folder / f"{name}.mp4", voice=self._folder / "voices" / f"{who}.wav")

    def _reference(self, speaker: Speaker) -> Path:
        """A recording of a speaker, made if it is not there yet."""
        file = self._folder / "voices" / f"{speaker.name}.wav"
        if not file.is_file():
            self._make(file, lambda part: self._speak(speaker, part))
        return file

    def _make(self, target: Path, write: Any) -> None:
        """A file written beside and moved to its place when it is whole; the same by whomever it is made."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            room = Path(mkdtemp(prefix=".making-", dir=self._folder))
        except OSError as error:
            raise OutputError(f"{target} cannot be made: {error.strerror}", "a writable PFY_HOME") from error
        try:
            write(room / target.name)
            (room / target.name).replace(target)
        except OSError as error:
            raise OutputError(f"{target} cannot be made: {error.strerror}", "space for it") from error
        finally:
            shutil.rmtree(room, ignore_errors=True)

    def _narrate(self, speaker: Speaker, item: int, path: Path) -> None:
        runner = self._runner(speaker.voice)
        given = {"text": sentence(item), "face": self._faces[speaker.name], **self._near(speaker)}
        with runner(given, seed=item) as run:
            rate, wave_rate = rates(run)
            tags = {"comment": NOTICE}
            video.write(path, run.chunks("frames"), rate, run.chunks("wave"), wave_rate, tags)

    def _speak(self, speaker: Speaker, path: Path) -> None:
        given = {"text": REFERENCE, **self._near(speaker)}
        with self._runner(speaker.voice)(given, outputs=["wave"]) as run:
            heard = np.concatenate(list(run.chunks("wave")))
            rate = run.resolved.rates[run.plan.outputs["wave"]]
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(round(rate or VOICE_RATE))
            file.writeframes((np.clip(heard, -1, 1) * 32767).astype("<i2").tobytes())

    def _near(self, speaker: Speaker) -> dict[str, Any]:
        """The recording that the graph comes near to with a speaker's voice, as an input of it."""
        if speaker.pitch == 1:
            return {}
        plain = next(one for one in SPEAKERS if one.voice == speaker.voice and one.pitch == 1)
        return {"voice": (audio.load(self._reference(plain), VOICE_RATE), round(VOICE_RATE * speaker.pitch))}

    @cached_property
    def _faces(self) -> dict[str, NDArray[np.uint8]]:
        return {speaker.name: face(speaker) for speaker in SPEAKERS}

    def _runner(self, voice: str) -> Runner:
        if voice not in self._runners:
            graph = Graph.load("portrait").choose(**BASE).set(f"speech.voice={voice}")
            try:
                self._runners[voice] = Runner(graph, catalogue=installed())
            except GraphError as error:
                sends = f"{self.id} is made by the graph portrait, which cannot run here: {error}"
                raise PluginError(sends, "its plugins", "pip install 'pfy-core[default]'") from error
        return self._runners[voice]

    def _digest(self) -> str:
        """Of all that a clip is made from: the words and faces here, the graph, its code and its weights."""
        runner = self._runner(SPEAKERS[0].voice)
        resolved = runner.resolved
        needed = weights.used(resolved).keys() - weights.optional(resolved)
        facts = {
            "recipe": hashlib.sha256(Path(__file__).read_bytes()).hexdigest(),
            "graph": runner.graph.digest(),
            "code": {spec.id: runner.catalogue.code_digest(spec.id) for spec in resolved.specs.values()},
            "weights": {name: weights.entry(name).sha256 for name in sorted({*needed, PHOTO})},
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def sentence(item: int) -> str:
    """What is said in a clip: no speaker says a sentence twice, and neighbours say different ones."""
    group, speaker = divmod(item, len(SPEAKERS))
    return SENTENCES[(group + speaker * len(SENTENCES) // len(SPEAKERS)) % len(SENTENCES)]


def face(speaker: Speaker) -> NDArray[np.uint8]:
    """A speaker's photo (h w 3)."""
    rows, columns = HEAD
    plain = faces.photo(512, 512) if speaker.drawn else image.load(weights.path(PHOTO))[rows, columns]
    tinted = Image.fromarray((plain * np.array(speaker.tint)).astype(np.uint8))
    wide = tinted.resize((round(tinted.width * abs(speaker.width)), tinted.height), Image.Resampling.LANCZOS)
    side = min(wide.size)
    left = (wide.width - side) // 2
    made = np.asarray(wide.crop((left, 0, left + side, side)))
    return np.ascontiguousarray(made[:, ::-1] if speaker.width < 0 else made)


def _write(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8")
