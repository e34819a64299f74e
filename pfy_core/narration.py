"""narrate: text, a photo and a voice to a video of that face speaking."""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core import record as records
from pfy_core import weights
from pfy_core.errors import InputError
from pfy_core.events import Event, watching
from pfy_core.graph import Graph
from pfy_core.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pfy_core.kinds import Phone
    from pfy_core.run import Run
    from pfy_core.store import Store

DEMO_FACE = "demo/astronaut"
TEXT_GRAPH, SPEECH_GRAPH = "portrait", "portrait-speech"
INLINE_BYTES = 32 << 20
"""Largest video that a notebook page takes in."""


@dataclass
class Narration:
    """A finished narration.

    path: the mp4; duration in seconds; frames: how many; rate: frames a second; size: width, height;
    phones: what is spoken when; notes: what the user should know; seconds: where the time went, by
    node and ``encode``; wall: seconds it took; record: everything needed to repeat it.
    """

    path: Path
    duration: float
    frames: int
    rate: float
    size: tuple[int, int]
    wall: float
    seconds: dict[str, float]
    phones: list[Phone] = field(repr=False, default_factory=list)
    notes: list[str] = field(repr=False, default_factory=list)
    record: dict[str, Any] = field(repr=False, default_factory=dict)
    _room: Any = field(repr=False, default=None)

    @property
    def real_time_factor(self) -> float:
        """Seconds of work for a second of video."""
        return self.wall / self.duration if self.duration else 0.0

    def save(self, path: str | Path, *, force: bool = False) -> Narration:
        """Copy the video to ``path`` (an existing file only with ``force``); returns self."""
        from pfy_core.media import video

        target = Path(path)
        video.check_output(target, force=force)
        with video.atomic(target) as part:
            shutil.copyfile(self.path, part)
        self.path = target
        return self

    def pictures(self) -> Iterator[NDArray[np.uint8]]:
        """The frames (h w 3), decoded from the video."""
        from pfy_core.media import video

        yield from video.read(self.path)

    def wave(self, rate: int = 24_000) -> NDArray[np.float32]:
        """The sound (s) at ``rate``, decoded from the video."""
        from pfy_core.media import audio

        return audio.read(self.path, rate)

    def __str__(self) -> str:
        spent = sorted(self.seconds.items(), key=lambda item: -item[1])
        times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in spent if seconds >= 0.05)
        return (
            f"{self.path}  {self.duration:.1f} s, {self.size[0]}x{self.size[1]}, {self.rate:g} fps, "
            f"made in {self.wall:.1f} s ({self.real_time_factor:.2f}x real time: {times})"
        )

    def _repr_html_(self) -> str:
        data = self.path.read_bytes()
        if len(data) > INLINE_BYTES:
            return f"<p>{self.path} ({len(data) / 1e6:.0f} MB)</p>"
        source = f"data:video/mp4;base64,{base64.b64encode(data).decode()}"
        return f'<video controls width="{min(self.size[0], 640)}" src="{source}"></video>'


def narrate(
    text: str | Path | None = None,
    face: Any = None,
    voice: Any = None,
    *,
    speech: Any = None,
    out: str | Path | None = None,
    graph: str | Path | Graph | None = None,
    overrides: Sequence[str] = (),
    seed: int = 0,
    force: bool = False,
    store: Store | None = None,
    watch: Callable[[Event], None] | None = None,
) -> Narration:
    """Make a face speak.

    text:   what it says: a string, the path of a text file, or ``-`` for standard input
    face:   a photo (path, PIL image or uint8 array h w 3); without one, a demo portrait
    voice:  a recording (path, or samples with their rate) of the voice to come near to
    speech: a recording to speak instead of ``text`` (which may then give its words)
    out:    the mp4 to write; without it a temporary file that lives as long as the result
    graph:  a name, a file or a Graph with outputs ``frames`` and ``wave``; ``overrides`` as for
            ``Graph.set``, e.g. ``["video=decoder/theirs"]``
    watch:  is told of everything that happens; without it, notes and fetches go to standard error
    Raises PfyError (InputError, GraphError, OutputError, ...); then no file is left.
    """
    from pfy_core.media import video

    began = time.perf_counter()
    room = None
    if out is None:
        room = tempfile.TemporaryDirectory(prefix="pfy-")
        out = Path(room.name) / "narration.mp4"
    target = Path(out)
    video.check_output(target, force=force)
    if text is None and speech is None:
        raise InputError("nothing to say", "a text, or a recording as speech", 'pfy narrate "Hello."')
    made = _graph(graph, speech=speech is not None).set(*overrides)
    for name in ("frames", "wave"):
        if name not in made.outputs:
            raise InputError(f"graph {made.name!r} has no output {name!r}", "outputs frames and wave")
    notes: list[str] = []

    def tell(event: Event) -> None:
        if event.kind == "note":
            notes.append(event.text)
        (watch or _print)(event)

    given = {"text": text, "face": face, "voice": voice, "speech": speech}
    given = {name: value for name, value in given.items() if value is not None}
    if "face" in made.inputs and face is None:
        with watching(tell):
            given["face"] = weights.path(DEMO_FACE)
    runner = Runner(made, store=store, watch=tell)
    wanted = [name for name in ("frames", "wave", "phones") if name in made.outputs]
    with runner(given, seed=seed, outputs=wanted) as run:
        rates = [_rate(run, name) for name in ("frames", "wave")]
        started = time.perf_counter()
        frames, samples = video.write(
            target, run.chunks("frames"), rates[0], run.chunks("wave"), int(rates[1]), records.tag(run)
        )
        encode = time.perf_counter() - started - run.waited("frames") - run.waited("wave")
        phones = [phone for chunk in run.chunks("phones") for phone in chunk] if "phones" in run else []
        run.wait()
        seconds = {name: trace.seconds for name, trace in run.trace.nodes.items()} | {"encode": encode}
        about = video.probe(target)["video"]
        wall = time.perf_counter() - began
        duration = samples / rates[1]
        output = {"file": target.name, "sha256": weights.sha256(target), "frames": frames}
        output |= {"seconds": round(duration, 3), "wall_seconds": round(wall, 3)}
        record = records.build(run, given, output)
        record["notes"] = notes
    try:
        records.append(record)
    except OSError as error:
        tell(Event("note", "record", f"the record of this run was not kept: {error}"))
    size = about["width"], about["height"]
    return Narration(target, duration, frames, rates[0], size, wall, seconds, phones, notes, record, room)


def _print(event: Event) -> None:
    if event.kind in ("note", "fetch"):
        size = f" ({event.total / 1e6:.1f} MB)" if event.total else ""
        told = event.text if event.kind == "note" else f"{event.source}{size} from {event.text}"
        print(f"{event.kind}: {told}", file=sys.stderr, flush=True)


def _graph(given: str | Path | Graph | None, *, speech: bool) -> Graph:
    if isinstance(given, Graph):
        return given
    return Graph.load(given or (SPEECH_GRAPH if speech else TEXT_GRAPH))


def _rate(run: Run, output: str) -> float:
    """Items a second of an output; InputError when its graph leaves that open."""
    node, port = run.plan.outputs[output]
    rate = run.resolved.rates.get((node, port))
    if rate is None:
        raise InputError(f"output {output!r} has no rate", "a port with a rate, e.g. 25 frames a second")
    return rate
