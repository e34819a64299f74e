"""A narration as a file."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfy_core import weights
from pfy_core.events import watching
from pfy_core.narration.job import Job, rates
from pfy_core.narration.result import Narration
from pfy_core.provenance.seal import Seal

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
    consent: str | Path | None = None,
    certificate: str | Path | None = None,
    key: str | Path | None = None,
    store: Store | None = None,
    watch: Callable[[Event], None] | None = None,
) -> Narration:
    """Make a face speak.

    text:   what it says: a string, the path of a text file, or ``-`` for standard input
    face:   a photo (path, PIL image or uint8 array h w 3); without one, a demo portrait
    voice:  a recording (path, or samples with their rate) of the voice to come near to
    speech: a recording to speak instead of ``text`` (which may then give its words)
    out:    the video to write; without it a temporary file that lives as long as the result
    graph:  a name, a file or a Graph with outputs ``frames`` and ``wave``; ``overrides`` as for
            ``Graph.set``, e.g. ``["video=decoder/theirs"]``
    consent: a file with the statement of those whose face and voice are used; its sha256 goes into the
            video and the record, a copy beside the records
    certificate, key: PEM files of who signs the video ($PFY_CERTIFICATE, $PFY_KEY); without them,
            this installation does, with a certificate of its own
    watch:  is told of everything that happens; without it, notes and fetches go to standard error
    Raises PfyError (InputError, GraphError, OutputError, ...); then no file is left.
    """
    from pfy_core.media import video

    room = None
    if out is None:
        room = tempfile.TemporaryDirectory(prefix="pfy-")
        out = Path(room.name) / "narration.mp4"
    target = Path(out)
    video.check_output(target, force=force)
    seal = Seal(target, consent=consent, certificate=certificate, key=key)
    given = {"text": text, "face": face, "voice": voice, "speech": speech}
    job = Job(given, graph=graph, overrides=overrides, store=store, watch=watch)
    with job.start(seed) as run, watching(job.tell, "credentials"):
        rate, wave_rate = rates(run)
        started = time.perf_counter()
        tags = seal.tags(run, job.given)
        frames, samples = video.write(
            *(target, run.chunks("frames"), rate, run.chunks("wave"), wave_rate, tags),
            finish=lambda part: seal.sign(part, tags),
        )
        encode = time.perf_counter() - started - run.waited("frames") - run.waited("wave")
        phones = [phone for chunk in run.chunks("phones") for phone in chunk] if "phones" in run else []
        run.wait()
        seconds = {name: trace.seconds for name, trace in run.trace.nodes.items()} | {"encode": encode}
        about = video.probe(target)["video"]
        wall, duration = time.perf_counter() - job.began, samples / wave_rate
        output = {"file": target.name, "sha256": weights.sha256(target), "frames": frames}
        output |= {"seconds": round(duration, 3), "wall_seconds": round(wall, 3)}
        record = job.record(run, output, seal, target if room is None else None)
    size = about["width"], about["height"]
    return Narration(target, duration, frames, rate, size, wall, seconds, phones, job.notes, record, room)
