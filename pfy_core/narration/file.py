"""A narration as a file."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core import record as records
from pfy_core import weights
from pfy_core.narration.job import Job, rates
from pfy_core.narration.result import Narration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pfy_core.events import Event
    from pfy_core.graph import Graph
    from pfy_core.store import Store


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
    resume: bool = False,
    store: Store | None = None,
    watch: Callable[[Event], None] | None = None,
) -> Narration:
    """Make a face speak.

    text:   what it says: a string, the path of a text file, or ``-`` for standard input
    face:   a photo (path, PIL image or uint8 array h w 3); without one, a demo portrait
    voice:  a recording (path, or samples with their rate) of the voice to come near to
    speech: a recording to speak instead of ``text`` (which may then give its words)
    out:    the video to write, by its suffix H.264 (mp4, m4v, mov, mkv) or VP9 (webm); without it a
            temporary mp4 that lives as long as the result
    graph:  a name, a file or a Graph with outputs ``frames`` and ``wave``; ``overrides`` as for
            ``Graph.set``, e.g. ``["video=decoder/theirs"]``
    resume: go on with what a run that was killed has left in ``.NAME.parts`` beside ``out``, in which
            every 20 seconds of video are kept while it is made: as much disk again as the video takes.
            Without it such parts are refused, with ``force`` discarded
    watch:  is told of everything that happens; without it, notes and fetches go to standard error
    Raises PfyError (InputError, GraphError, OutputError, ...); then no file is left, but the parts of a
    video of more than 20 seconds, which ``resume`` goes on with.
    """
    from pfy_core.media import video
    from pfy_core.narration.resume import begin, unfinished

    room = None
    if out is None:
        room = tempfile.TemporaryDirectory(prefix="pfy-")
        out = Path(room.name) / "narration.mp4"
    target = Path(out)
    video.check_output(target, force=force)
    given = {"text": text, "face": face, "voice": voice, "speech": speech}
    job = Job(given, graph=graph, overrides=overrides, store=store, watch=watch)
    with (
        unfinished(job, target) as parts,
        job.start(seed, lambda run: begin(parts, job, run, resume=resume, force=force)) as run,
    ):
        rate, wave_rate = rates(run)
        there, started = parts.frames, time.perf_counter()
        frames, samples = video.write_parts(
            parts, run.chunks("frames"), rate, run.chunks("wave"), wave_rate, records.tag(run)
        )
        encode = time.perf_counter() - started - run.waited("frames") - run.waited("wave")
        phones = [phone for chunk in run.chunks("phones") for phone in chunk] if "phones" in run else []
        run.wait()
        seconds = {name: trace.seconds for name, trace in run.trace.nodes.items()} | {"encode": encode}
        about = video.probe(target)["video"]
        wall, duration = time.perf_counter() - job.began, samples / wave_rate
        output = {"file": target.name, "sha256": weights.sha256(target), "frames": frames}
        output |= {"seconds": round(duration, 3), "wall_seconds": round(wall, 3), "resumed_at": there}
        record = job.record(run, output)
    size = about["width"], about["height"]
    return Narration(target, duration, frames, rate, size, wall, seconds, phones, job.notes, record, room)
