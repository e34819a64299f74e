"""``pfy narrate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pfy_core.cli.output import Json, Set, print_json
from pfy_core.cli.progress import Progress

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
    output: Annotated[Path, typer.Option("--output", "-o", help="The video to write.")] = Path(
        "narration.mp4"
    ),
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
    [bold]pfy narrate --speech recording.wav "The words in it." --face me.jpg[/bold]
    """
    from pfy_core import narration, store

    with Progress(quiet=quiet or json) as progress:
        kept, limit = store.Store(mode=cache), store.limit()
        made = narration.narrate(
            text,
            face,
            voice,
            speech=speech,
            out=output,
            graph=graph,
            overrides=set or [],
            seed=seed,
            force=force,
            resume=resume,
            store=kept,
            watch=progress.watch,
        )
    if kept.writes:
        kept.gc(limit, grace=GRACE)
    if json:
        print_json({"notes": progress.notes, **made.record})
    else:
        print(made)
