"""One item of a benchmark: made by every row, scored beside its real clip, and beside that clip spoiled.

A ``Bench`` is plain data until it is asked for an item, so that it can be sent to another process.
Whatever fails of an item is said in its lines; the next one goes on.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_bench import controls, heap, sides
from pfy_bench.corpora import KNOWN_RATE, VOICE_RATE, Clip, Corpus, Folders
from pfy_bench.making import SPEECH, Maker, motion_beside
from pfy_bench.reasons import told
from pfy_bench.records import Item, Made, Real
from pfy_bench.scoring import Failure, Scorer, rows
from pfy_core import digest, note, paths, weights
from pfy_core.errors import PfyError
from pfy_core.media import whole
from pfy_core.media.audio import resample
from pfy_core.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pfy_bench.records import Address
    from pfy_bench.rows import Row
    from pfy_bench.sides import Side
    from pfy_bench.suite import Suite

SLACK = 0.5
"""Seconds by which a transcript's clip may be longer than what is scored of it; datasets allow as much."""
LOOKED = 4
"""Times as many clips as controls are made of that are looked at for some with sound."""
KEPT = "bench"
"""The folder, in pfy's own, whose store keeps what benchmarks have computed, in whatever run."""
SHORT = 12
"""Digits of a digest in the name of a video."""


@dataclass
class Bench:
    """A suite, what is scored by it and where the results go.

    ``device`` is where its networks run that can; ``done`` are keys of items by row, item and replicate;
    ``store`` is where what was computed is kept, pfy's own folder where None.
    """

    suite: Suite
    rows: list[Row]
    corpus: Corpus
    folder: Path
    seed: int = 0
    device: str = ""
    done: dict[Address, str] = field(default_factory=dict)
    store: Path | None = None
    _last: tuple[str, Clip | None] = ("", None)
    _others: dict[str, Side | None] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        """Without the networks, for another process."""
        return {key: value for key, value in vars(self).items() if key not in ("scorer", "_store", "_maker")}

    @cached_property
    def scorer(self) -> Scorer:
        store = self._store if self.suite.renders else None  # motion is measured faster than it is read
        scorer = Scorer(self.suite, store, self.device)
        scorer.fetch()
        return scorer

    @cached_property
    def _store(self) -> Store:
        return Store(self.store or paths.home() / KEPT)

    @cached_property
    def _maker(self) -> Maker:
        return Maker(self.suite, self.folder, self.seed, self._store)

    def item(self, name: str) -> Iterator[Item]:
        """The lines of an item that ``done`` has not: of every row, then of the negative controls."""
        heap.few_arenas()
        began = time.perf_counter()
        try:
            clip = self._clip(name)
            given = clip.digest()
        except PfyError as error:
            yield from self._lost(name, error)
            return
        real: Side | Failure | None = None
        for row in self.rows:
            beside = self._beside(row, name, clip)
            key = digest.digest([given, row.code(), self.scorer.code(), beside, self.seed])
            if self.done.get((row.name, name, row.replicate)) == key:
                continue
            real = real or self._real(clip)
            yield self._scored(row, name, clip, real, key, {"item": time.perf_counter() - began})
            self._give_back()
            began = time.perf_counter()
        for control in self._controls(name):
            other = self._other(control, name, clip)
            key = digest.digest([given, control, self.scorer.code(), other.sha256 if other else ""])
            if self.done.get((controls.UNDER + control, name, 0)) == key:
                continue
            real = real or self._real(clip)
            yield self._controlled(control, name, clip, real, key, other)
            self._give_back()

    def place(self, name: str) -> Path | None:
        """The file of an item's real clip; None where it cannot be used."""
        try:
            return self._clip(name).file
        except PfyError:
            return None

    def _give_back(self) -> None:
        if self.suite.renders:  # motion takes no memory worth the time
            heap.give_back()

    def _clip(self, name: str) -> Clip:
        if self._last[0] != name:
            self._last = name, self.corpus.clip(name)
        assert self._last[1] is not None
        return self._last[1]

    # Rows ---------------------------------------------------------------------------------------

    def _scored(
        self, row: Row, name: str, clip: Clip, real: Side | Failure, key: str, seconds: dict[str, float]
    ) -> Item:
        began = time.perf_counter()
        problem, about = "", None
        made: Side | Failure
        try:
            if row.baseline is None:
                made, about = self._made(row, name, clip)
                made = made.like(real, spoken=_hears(row)) if not isinstance(real, Failure) else made
            elif isinstance(real, Failure):
                made = real
            else:
                other = self._other(row.baseline, name, clip)
                made = controls.spoiled(row.baseline, real, self.suite.clip, other)
            seconds["make"] = time.perf_counter() - began
        except PfyError as error:
            problem = told(error)
            made = Failure(problem)
        line = self._line(row.name, name, clip, key, made, real, about, problem, seconds)
        return replace(line, replicate=row.replicate)

    def _made(self, row: Row, name: str, clip: Clip) -> tuple[Side, Made]:
        """A row's clip, made if it is not there: its name has a digest of all that it depends on."""
        if row.graph is None:
            assert isinstance(self.corpus, Folders)
            file = self.corpus.made(row.name, name)
        else:
            made_of = digest.digest([clip.digest(), row.code(), self.seed])
            file = self._maker(row, clip, f"{name.replace('/', '_')}-{made_of[:SHORT]}")
        side = sides.moving(file, self.suite.clip) if file.suffix == ".npy" else self._read(file)
        shown = file.relative_to(self.folder) if file.is_relative_to(self.folder) else file.name
        measured = side.about(self.suite.clip)
        return side, Made(str(shown), measured["sha256"], measured["seconds"], measured["frames"])

    def _read(self, file: Path) -> Side:
        """A video, with its motion where it was kept and is looked at."""
        side, motion = sides.read(file, self.suite.clip), motion_beside(file)
        if "motion" in self.suite.takes and motion.exists():
            side = replace(side, motion=sides.motion(motion, self.suite.clip))
        return side

    def _beside(self, row: Row, name: str, clip: Clip) -> str:
        """sha256 of what a row's clip depends on besides the item and the row: a video that is scored as it
        lies, or another clip; "" where there is none."""
        if row.baseline is not None:
            other = self._other(row.baseline, name, clip)
            return other.sha256 if other else ""
        if not isinstance(self.corpus, Folders):
            return ""
        try:
            return weights.sha256(self.corpus.made(row.name, name))
        except PfyError:
            return ""

    def _real(self, clip: Clip) -> Side | Failure:
        try:
            if clip.file is None:
                real = sides.known(clip, KNOWN_RATE, self.suite.clip)
            else:
                real = sides.read(clip.file, self.suite.clip, clip.start, clip.seconds)
                real = replace(real, motion=clip.motion)
        except PfyError as error:
            return Failure(told(error))
        voice, photo = clip.voice, clip.photo
        if voice is not None:
            voice = resample(voice, VOICE_RATE, self.suite.clip.rate)
        if photo is None and real.frames is not None:
            photo = real.frames[0]
        text = clip.text if self._whole(clip, real) else ""
        known = {"phones": clip.phones, "landmarks": clip.landmarks}
        return replace(real, name=clip.name or real.name, text=text, photo=photo, voice=voice, **known)

    def _whole(self, clip: Clip, real: Side) -> bool:
        """Whether all that a clip's words are of has been read."""
        read = real.length / self.suite.clip.fps
        if not clip.text or read + SLACK < self.suite.clip.seconds:
            return True
        length = clip.seconds or _length(clip)
        if length - read <= SLACK:
            return True
        note(f"{clip.name}: its words are of {length:.1f} s, {read:.1f} s are scored: they are left out")
        return False

    # Controls -----------------------------------------------------------------------------------

    def _controls(self, name: str) -> list[str]:
        return controls.wanted(self.suite.measures) if name in self._spoiled else []

    @cached_property
    def _spoiled(self) -> list[str]:
        """The clips of which controls are made: the first that can be read, rather those with sound."""
        wanted = self.suite.controls
        readable: list[str] = []
        heard: list[str] = []
        for name in self.corpus.items:
            if len(heard) == wanted or len(readable) == LOOKED * wanted:
                break
            with suppress(PfyError):
                real = self._real(self.corpus.clip(name))
                if isinstance(real, sides.Side):
                    readable.append(name)
                    heard += [name] if real.wave is not None else []
        return [*heard, *(name for name in readable if name not in heard)][:wanted]

    def _controlled(
        self, control: str, name: str, clip: Clip, real: Side | Failure, key: str, other: Side | None
    ) -> Item:
        made, problem = real, ""
        if not isinstance(real, Failure):
            try:
                made = controls.spoiled(control, real, self.suite.clip, other)
            except PfyError as error:
                problem = told(error)
                made = Failure(problem)
        only = controls.seeing(control, self.suite.measures)
        return self._line(controls.UNDER + control, name, clip, key, made, real, None, problem, {}, only)

    def _other(self, control: str, name: str, clip: Clip) -> Side | None:
        """A clip of another person, for the controls that change voices and faces, or of other words, for
        the one that changes motion."""
        if control.startswith("shuffled-"):
            return self._something_else(name, clip.text)
        if not control.startswith("wrong-"):
            return None
        if clip.identity not in self._others:
            self._others[clip.identity] = self._someone_else(clip.identity)
        return self._others[clip.identity]

    def _someone_else(self, identity: str) -> Side | None:
        for name in self.corpus.items:
            with suppress(PfyError):
                other = self.corpus.clip(name)
                found = self._real(other) if other.identity != identity else None
                if isinstance(found, sides.Side) and found.wave is not None:
                    return found
        return None

    def _something_else(self, name: str, text: str) -> Side | None:
        """The next clip in which something else is said, after the last the first."""
        items = self.corpus.items
        place = items.index(name)
        for item in (*items[place + 1 :], *items[:place]):
            with suppress(PfyError):
                other = self.corpus.clip(item)
                found = self._real(other) if not text or other.text != text else None
                if isinstance(found, sides.Side):
                    return found
        return None

    # Lines --------------------------------------------------------------------------------------

    def _line(
        self,
        row: str,
        name: str,
        clip: Clip,
        key: str,
        made: Side | Failure,
        real: Side | Failure,
        about: Made | None,
        problem: str,
        seconds: dict[str, float],
        only: list[str] | None = None,
    ) -> Item:
        scores = self.scorer(made, real, only)
        shown = None if isinstance(real, Failure) else Real(**real.about(self.suite.clip))
        features = {
            feature: {side: self._kept(value) for side, value in ends.items()} | _why(ends)
            for feature, ends in scores.features.items()
        }
        spent = {stage: round(value, 3) for stage, value in (seconds | scores.seconds).items()}
        return Item(
            row, name, clip.identity, key, about, shown, scores.values, scores.real, features, problem, spent
        )

    def _kept(self, value: Any) -> str | None:
        """The address of a feature's rows in the run's folder; None where there are none."""
        if isinstance(value, Failure):
            return None
        data = BytesIO()
        np.save(data, np.ascontiguousarray(rows(value)), allow_pickle=False)
        address = hashlib.sha256(data.getvalue()).hexdigest()
        file = features_at(self.folder, address)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with whole(file) as part:
                part.write_bytes(data.getvalue())
        return address

    def _lost(self, name: str, error: PfyError) -> Iterator[Item]:
        """Lines for an item that the data has not: every number is missing, for that reason."""
        problem = told(error)
        for row in self.rows:
            key = digest.digest([problem, row.code(), self.scorer.code(), self.seed])
            if self.done.get((row.name, name, row.replicate)) != key:
                scores = self.scorer(Failure(problem), Failure(problem))
                yield Item(
                    row.name,
                    name,
                    name,
                    key,
                    values=scores.values,
                    real_values=scores.real,
                    problem=problem,
                    replicate=row.replicate,
                )


def _why(ends: Mapping[str, Any]) -> dict[str, str | None]:
    """The reason for a feature that is missing, beside its addresses."""
    reasons = [value.reason for value in ends.values() if isinstance(value, Failure)]
    return {"why": reasons[0]} if reasons else {}


def features_at(folder: Path, address: str) -> Path:
    """Where a run keeps the rows (n d) of a feature."""
    return folder / "features" / f"{address}.npy"


def _length(clip: Clip) -> float:
    """Seconds of a clip from its start to the end of its file or sound."""
    if clip.file is None:
        return len(clip.wave) / KNOWN_RATE
    from pfy_core.media import video

    found = video.probe(clip.file)
    return float(found.get("video", {}).get("duration") or found.get("duration") or 0) - clip.start


def _hears(row: Row) -> bool:
    """Whether the clips of a row are made of the real clip's speech."""
    return row.graph is not None and SPEECH in row.graph.inputs


def keys(items: Mapping[Address, Item]) -> dict[Address, str]:
    """What is done, by row, item and replicate."""
    return {address: item.key for address, item in items.items()}
