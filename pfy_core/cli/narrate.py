"""``pfy narrate``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from pfy_core.cli.output import Json, Set, print_json
from pfy_core.cli.progress import Progress
from pfy_core.errors import InputError

OUTPUT = "narration.mp4"
GRACE = 3600.0
"""Seconds for which a result outlives the store's limit: longer than another narration may take."""


def narrate(
    text: Annotated[
        str | None, typer.Argument(help="What the face says: text, a .txt file, or - for standard input.")
    ] = None,
    face: Annotated[
        Path | None, typer.Option("--face", "-f", help="Photo of a face; without it, a demo portrait.")
    ] = None,
    voice: Annotated[
        Path | None, typer.Option("--voice", "-v", help="Recording of a voice to come near to.")
    ] = None,
    speech: Annotated[
        Path | None, typer.Option("--speech", help="Recording to speak instead; TEXT may give its words.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The video to write: .mp4, .m4v, .mov, .mkv or .webm.", show_default=OUTPUT
        ),
    ] = None,
    stream: Annotated[
        str | None,
        typer.Option(
            "--stream", help="A video that plays while it grows, to a file, a FIFO or - for standard output."
        ),
    ] = None,
    graph: Annotated[
        str | None, typer.Option("--graph", "-g", help="A graph by name or file; see 'pfy graph list'.")
    ] = None,
    set: Set = None,
    seed: Annotated[int, typer.Option(help="Another seed, other blinks and glances.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing video.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a video whose making was stopped, or begin it.")
    ] = False,
    cache: Annotated[str, typer.Option(help="The store: on, off, read, write or verify.")] = "on",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no notes.")] = False,
    json: Json = False,
) -> None:
    """Make a video of a face that speaks a text.

    [bold]pfy narrate "Hello, I am glad you came." --face me.jpg --voice me.wav -o hello.mp4[/bold]
    [bold]pfy narrate script.txt --face me.jpg --set motion.head=lively --set video.size=720[/bold]
    [bold]echo "From a pipe." | pfy narrate - -o pipe.mp4[/bold]
    [bold]pfy narrate book.txt -o book.mp4 --resume[/bold]
    [bold]pfy narrate script.txt --stream - | ffplay -[/bold]
    [bold]pfy narrate --speech recording.wav "The words in it." --face me.jpg[/bold]
    """
    from pfy_core import narration, store

    _consistent(output, stream, resume=resume)
    with Progress(quiet=quiet or json) as progress, _target(stream) as live:
        kept, limit = store.Store(mode=cache), store.limit()
        common: dict[str, Any] = {
            "speech": speech,
            "graph": graph,
            "overrides": set or [],
            "seed": seed,
            "force": force,
            "store": kept,
            "watch": progress.watch,
        }
        if live is not None:
            made = narration.broadcast(live, text, face, voice, **common)
        else:
            out = output or Path(OUTPUT)
            made = narration.narrate(text, face, voice, out=out, resume=resume, **common)
    if kept.writes:
        kept.gc(limit, grace=GRACE)
    with redirect_stdout(sys.stderr if stream == "-" else sys.stdout):
        if json:
            print_json({"notes": progress.notes, **made.record})
        else:
            print(made)


def _consistent(output: Path | None, stream: str | None, *, resume: bool) -> None:
    """InputError for options that exclude each other."""
    if stream is None:
        return
    if output is not None:
        raise InputError(f"--stream {stream} and --output {output}", "one of them", "leave one out")
    if resume:
        raise InputError(
            f"--resume with --stream {stream}",
            "a file: what has been streamed cannot be gone on with",
            "-o NAME.mp4 --resume",
        )
    if stream == "-" and sys.stdout.isatty():
        raise InputError(
            "--stream - writes a video, and standard output is a terminal",
            "a pipe or a file",
            "pfy narrate ... --stream - | ffplay -",
        )


@contextmanager
def _target(stream: str | None) -> Iterator[str | BinaryIO | None]:
    """Where to stream. Standard output then has the video alone: what anybody else prints there, a
    library in C even, goes to standard error."""
    if stream != "-":
        yield stream
        return
    sys.stdout.flush()
    out = os.dup(1)
    os.dup2(2, 1)
    try:
        with open(out, "wb", buffering=0, closefd=False) as video:
            yield video
    finally:
        sys.stdout.flush()
        os.dup2(out, 1)
        os.close(out)
