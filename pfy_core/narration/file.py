"""A narration as a file."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core import weights
from pfy_core.events import Event, watching
from pfy_core.narration.beside import Beside
from pfy_core.narration.job import TIMES, Job, items, rates
from pfy_core.narration.result import Narration
from pfy_core.provenance.seal import Seal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pfy_core.graph import Graph
    from pfy_core.store import Store

NO_WORDS = "there are no subtitles: no words are known; give the recording's text"


def narrate(
    text: str | Path | None = None,
    face: Any = None,
    voice: Any = None,
    *,
    speech: Any = None,
    out: str | Path | None = None,
    graph: str | Path | Graph | None = None,
    overrides: Sequence[str] = (),
    motion_in: Any = None,
    captions: bool = False,
    subtitles: str | Path | None = None,
    timings: str | Path | None = None,
    motion_out: str | Path | None = None,
    seed: int = 0,
    force: bool = False,
    resume: bool = False,
    consent: str | Path | None = None,
    certificate: str | Path | None = None,
    key: str | Path | None = None,
    store: Store | None = None,
    watch: Callable[[Event], None] | None = None,
    **options: Any,
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
    motion_in: face motion to perform to ``speech``: a CSV as Live Link Face writes it, or an array
            (t 58)
    captions: draw the words into the picture
    subtitles, timings, motion_out: files to write beside the video: .srt or .vtt, .json, .csv
    options: what the graph offers by name, e.g. ``head="lively", emotion="happy"``; see
            ``pfy graph show portrait``
    resume: go on with what a run that was killed has left in ``.NAME.parts`` beside ``out``, in which
            every 20 seconds of video are kept while it is made: as much disk again as the video takes.
            Without it such parts are refused, with ``force`` discarded
    consent: a file with the statement of those whose face and voice are used; its sha256 goes into the
            video and the record, a copy beside the records
    certificate, key: PEM files of who signs the video ($PFY_CERTIFICATE, $PFY_KEY); without them,
            this installation does, with a certificate of its own
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
    beside = Beside(_path(subtitles), _path(timings), _path(motion_out), force)
    seal = Seal(target, consent=consent, certificate=certificate, key=key)
    given = {"text": text, "face": face, "voice": voice, "speech": speech, "motion": motion_in}
    job = Job(
        given,
        graph=graph,
        options=options,
        overrides=overrides,
        captions=captions,
        store=store,
        watch=watch,
    )
    beside.check(job.graph)
    also = ["motion"] if motion_out else []
    with (
        unfinished(job, target, told=room is None) as parts,
        job.start(seed, also, lambda run: begin(parts, job, run, resume=resume, force=force)) as run,
        watching(job.tell, "credentials"),
    ):
        rate, wave_rate = rates(run)
        there, started = parts.frames, time.perf_counter()
        tags = seal.tags(run, job.given)
        times: dict[str, list[Any]] = {}

        def finish(part: Path) -> None:
            seal.sign(part, tags)
            times.update({name: items(run, name) for name in TIMES})
            if not times["words"] and (captions or subtitles):
                job.tell(Event("note", "subtitles", NO_WORDS))
            beside.write(times["words"], times["phones"], run.chunks("motion") if motion_out else [], rate)

        frames, samples = video.write_parts(
            *(parts, run.chunks("frames"), rate, run.chunks("wave"), wave_rate, tags), finish=finish
        )
        parts.clear()
        encode = time.perf_counter() - started - run.waited("frames") - run.waited("wave")
        run.wait()
        seconds = {name: trace.seconds for name, trace in run.trace.nodes.items()} | {"encode": encode}
        about = video.probe(target)["video"]
        wall, duration = time.perf_counter() - job.began, samples / wave_rate
        output = {"file": target.name, "sha256": weights.sha256(target), "frames": frames}
        output |= {"seconds": round(duration, 3), "wall_seconds": round(wall, 3), "resumed_at": there}
        record = job.record(run, output, seal, target if room is None else None)
    size = about["width"], about["height"]
    said = times["phones"], times["words"]
    return Narration(target, duration, frames, rate, size, wall, seconds, *said, job.notes, record, room)


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
