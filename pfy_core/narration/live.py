"""A narration while it is made: chunks of frames and sound, or a video that plays as it grows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from pfy_core.errors import Cancelled, OutputError
from pfy_core.media import encode, place
from pfy_core.media.fragments import Fragments
from pfy_core.narration.job import TIMES, Job, items, rates
from pfy_core.narration.result import Narration
from pfy_core.provenance.seal import Seal

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from numpy.typing import NDArray

    from pfy_core.events import Event
    from pfy_core.graph import Graph
    from pfy_core.run import Run
    from pfy_core.store import Store


class Live:
    """A narration as an iterator of (frames, samples) of the same time: uint8 (t h w 3), float32 (s).

    ``rate`` frames and ``wave_rate`` samples a second. Frames come as the renderer makes them (up to 8 at
    once with the embedded default, a third of a second), each chunk with the samples up to the end of its
    last frame; the last chunk has all that remain. Chunks are made a little ahead of who takes them, and
    no further, so memory does not grow. ``close``, the end of a ``with`` block or of the iterator's life
    stops everything that still runs; what a component raises comes out of the iteration.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self.rate, self.wave_rate = rates(run)
        self._chunks = _in_step(run, self.rate, self.wave_rate)
        self._closed = False

    def __iter__(self) -> Live:
        return self

    def __next__(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        try:
            return next(self._chunks)
        except Cancelled:
            if not self._closed:
                raise
            raise StopIteration from None

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self._run.close()

    def close(self) -> None:
        """Stop; there are no more chunks."""
        self._closed = True
        self._run.close()


def _in_step(run: Run, rate: float, wave_rate: int) -> Generator[tuple[Any, Any], None, None]:
    """Frames, and the samples up to the end of the last one."""
    for name in TIMES:
        run.drop(name)
    wave = run.chunks("wave")
    sound, sent, shown = np.zeros(0, np.float32), 0, 0
    for frames, last in _one_behind(run.chunks("frames")):
        shown += len(frames)
        wanted = round(shown * wave_rate / rate) - sent
        while (last or len(sound) < wanted) and (more := next(wave, None)) is not None:
            sound = np.concatenate([sound, more])
        count = len(sound) if last else min(wanted, len(sound))
        yield frames, sound[:count]
        sound, sent = sound[count:], sent + count
    run.wait()


def _one_behind(
    chunks: Iterator[NDArray[np.uint8]],
) -> Iterator[tuple[NDArray[np.uint8], bool]]:
    """Chunks in order, and whether it is the last: one frame is held back, so that this is known
    without waiting for another chunk."""
    held: NDArray[np.uint8] | None = None
    for chunk in chunks:
        if not len(chunk):
            continue
        ready = chunk[:-1] if held is None else np.concatenate([held, chunk[:-1]])
        held = chunk[-1:]
        if len(ready):
            yield ready, False
    if held is not None:
        yield held, True


def narrate_stream(
    text: str | Path | None = None,
    face: Any = None,
    voice: Any = None,
    *,
    speech: Any = None,
    motion_in: Any = None,
    graph: str | Path | Graph | None = None,
    overrides: Sequence[str] = (),
    captions: bool = False,
    seed: int = 0,
    store: Store | None = None,
    watch: Callable[[Event], None] | None = None,
    **options: Any,
) -> Live:
    """Make a face speak, and take the video as it is made::

        with narrate_stream("Hello.", face="me.jpg") as live:
            for frames, samples in live:  # (t h w 3) at live.rate, (s) at live.wave_rate
                show(frames, samples)

    Arguments as for ``narrate``. Raises PfyError before anything runs for what cannot be narrated.
    """
    given = {"text": text, "face": face, "voice": voice, "speech": speech, "motion": motion_in}
    job = Job(
        given, graph=graph, options=options, overrides=overrides, captions=captions, store=store, watch=watch
    )
    return Live(job.start(seed))


def broadcast(
    target: str | Path | BinaryIO,
    text: str | Path | None = None,
    face: Any = None,
    voice: Any = None,
    *,
    speech: Any = None,
    motion_in: Any = None,
    graph: str | Path | Graph | None = None,
    overrides: Sequence[str] = (),
    captions: bool = False,
    seed: int = 0,
    force: bool = False,
    consent: str | Path | None = None,
    store: Store | None = None,
    watch: Callable[[Event], None] | None = None,
    **options: Any,
) -> Narration:
    """Make a face speak in a video that plays while it grows: fragmented MP4, H.264 and AAC.

    ``target`` is a file, a FIFO, or anything open for writing bytes; it is opened when the first frame is
    there, and what has been written stays when the run is stopped. It carries the tag that it is
    AI-generated, but cannot be signed while it grows. Other arguments as for ``narrate``.
    Raises BrokenPipeError when nobody reads any more.
    """
    if isinstance(target, str | Path):
        _check(Path(target), force=force)
    given = {"text": text, "face": face, "voice": voice, "speech": speech, "motion": motion_in}
    job = Job(
        given, graph=graph, options=options, overrides=overrides, captions=captions, store=store, watch=watch
    )
    name = Path(target if isinstance(target, str | Path) else "-")
    seal = Seal(name, consent=consent, live=True)
    with job.start(seed) as run, _Opened(target) as out:
        rate, wave_rate = rates(run)
        writer, started = Fragments(out, rate, wave_rate, seal.tags(run, job.given)), time.perf_counter()
        try:
            encode.interleave(writer, run.chunks("frames"), run.chunks("wave"))
            writer.end()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"{name} cannot be written: {error.strerror or error}") from error
        finally:
            writer.close()
        spent = time.perf_counter() - started - run.waited("frames") - run.waited("wave")
        phones, words = (items(run, name) for name in TIMES)
        run.wait()
        seconds = {node: trace.seconds for node, trace in run.trace.nodes.items()} | {"encode": spent}
        wall, duration = time.perf_counter() - job.began, writer.heard / wave_rate
        output = {"file": name.name, "sha256": writer.sha256, "frames": writer.frames}
        output |= {"seconds": round(duration, 3), "wall_seconds": round(wall, 3)}
        record = job.record(run, output, seal)
    return Narration(
        name, duration, writer.frames, rate, writer.size, wall, seconds, phones, words, job.notes, record
    )


class _Opened:
    """A target as something to write to, which is opened by the first ``write``."""

    def __init__(self, target: str | Path | BinaryIO) -> None:
        self._target = target
        self._file: Any = None

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None and self._file is not self._target:
            self._file.close()

    def write(self, data: Any) -> int:
        if self._file is None and isinstance(self._target, str | Path):
            self._file = Path(self._target).open("wb", buffering=0)  # noqa: SIM115, closed at the exit
        elif self._file is None:
            self._file = self._target
        return int(self._file.write(data))

    def flush(self) -> None:
        self._file.flush()


def _check(path: Path, *, force: bool) -> None:
    """OutputError unless a live video can be written to ``path``."""
    if path.is_dir():
        raise OutputError(f"{path} is a folder", "a file or a FIFO", f"--stream {path / 'live.mp4'}")
    if path.is_file():
        if not force:
            raise OutputError(f"{path} exists already", "a new file", "choose another name, or add --force")
    elif not path.exists():
        place.check_folder(path)
