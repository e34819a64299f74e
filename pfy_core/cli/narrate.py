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
from pfy_core.cli.provenance import Certificate, Key
from pfy_core.errors import InputError

MOVES, PICTURE, FILES, WORK = (
    "How the face moves",
    "The picture",
    "Files beside the video",
    "How it is computed",
)
Choice = str | None
OUTPUT = "narration.mp4"
GRACE = 3600.0
"""Seconds for which a result outlives the store's limit: longer than another narration may take."""


def narrate(
    text: Annotated[
        str | None,
        typer.Argument(help="What the face says: text, a .txt or .ssml file, or - for standard input."),
    ] = None,
    face: Annotated[
        Path | None, typer.Option("--face", "-f", help="Photo of a face; without it, a demo portrait.")
    ] = None,
    face_index: Annotated[
        int | None, typer.Option(help="Which of several faces in the photo: 0 is the largest.")
    ] = None,
    voice: Annotated[
        Path | None, typer.Option("--voice", "-v", help="Recording of a voice to come near to.")
    ] = None,
    speech: Annotated[
        Path | None, typer.Option("--speech", help="Recording to speak instead; TEXT may give its words.")
    ] = None,
    language: Annotated[
        Choice, typer.Option(help="Language of the text, such as en or fr; by default told from the text.")
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
    head: Annotated[
        Choice, typer.Option(help="The head: still, calm or lively.", rich_help_panel=MOVES)
    ] = None,
    motion: Annotated[
        float | None, typer.Option(help="Factor on head, nods and expression: 1.", rich_help_panel=MOVES)
    ] = None,
    emotion: Annotated[
        Choice,
        typer.Option(
            help="neutral, happy, sad, angry or surprised; happy:0.9 is stronger.", rich_help_panel=MOVES
        ),
    ] = None,
    blink: Annotated[
        float | None, typer.Option(help="Blinks a minute; 0: none.", rich_help_panel=MOVES)
    ] = None,
    gaze: Annotated[
        Choice,
        typer.Option(help="camera, natural, or keep: as in the photo.", rich_help_panel=MOVES),
    ] = None,
    motion_in: Annotated[
        Path | None,
        typer.Option(
            help="Perform the motion of this CSV (Live Link Face) to --speech.", rich_help_panel=MOVES
        ),
    ] = None,
    eyes: Annotated[
        Choice,
        typer.Option(
            help="auto, open (closed eyes of the photo are opened) or keep.", rich_help_panel=PICTURE
        ),
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Frames a second: 25.", rich_help_panel=PICTURE)] = None,
    size: Annotated[
        Choice,
        typer.Option(help="Longest side in pixels, or WxH such as 1080x1920.", rich_help_panel=PICTURE),
    ] = None,
    crop: Annotated[
        Choice, typer.Option(help="full, or face: head and shoulders.", rich_help_panel=PICTURE)
    ] = None,
    background: Annotated[
        Choice,
        typer.Option(
            help="keep, transparent (for .webm and .mov), or a colour like #00ff00.",
            rich_help_panel=PICTURE,
        ),
    ] = None,
    captions: Annotated[
        bool, typer.Option("--captions", help="Draw the words into the picture.", rich_help_panel=PICTURE)
    ] = False,
    subtitles: Annotated[
        Path | None, typer.Option(help="Write subtitles: .srt or .vtt.", rich_help_panel=FILES)
    ] = None,
    timings: Annotated[
        Path | None,
        typer.Option(help="Write what is spoken when, words and sounds: .json.", rich_help_panel=FILES),
    ] = None,
    motion_out: Annotated[
        Path | None,
        typer.Option(help="Write the face's motion: .csv as Live Link Face.", rich_help_panel=FILES),
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="Where networks compute: cpu, cuda:0 ...", rich_help_panel=WORK)
    ] = None,
    dtype: Annotated[Choice, typer.Option(help="float32, bfloat16 or float16.", rich_help_panel=WORK)] = None,
    steps: Annotated[int | None, typer.Option(help="Denoising steps.", rich_help_panel=WORK)] = None,
    set: Set = None,
    seed: Annotated[int, typer.Option(help="Another seed, other blinks and glances.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing video.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a video whose making was stopped, or begin it.")
    ] = False,
    consent: Annotated[
        Path | None,
        typer.Option("--consent", help="Statement of those whose face and voice are used; any file."),
    ] = None,
    certificate: Certificate = None,
    key: Key = None,
    cache: Annotated[str, typer.Option(help="The store: on, off, read, write or verify.")] = "on",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no notes.")] = False,
    json: Json = False,
) -> None:
    """Make a video of a face that speaks a text.

    [bold]pfy narrate "Hello, I am glad you came." --face me.jpg --voice me.wav -o hello.mp4[/bold]
    [bold]pfy narrate script.txt --face me.jpg --head lively --emotion happy --size 1080x1920[/bold]
    [bold]echo "From a pipe." | pfy narrate - -o pipe.mp4[/bold]
    [bold]pfy narrate book.txt -o book.mp4 --resume[/bold]
    [bold]pfy narrate script.txt --stream - | ffplay -[/bold]
    [bold]pfy narrate --speech recording.wav "The words in it." --face me.jpg[/bold]
    [bold]pfy narrate "Hello." --face me.jpg --consent consent.pdf --certificate me.pem --key key.pem[/bold]
    """
    from pfy_core import narration, store

    mood, _, strength = (emotion or "").partition(":")
    chosen: dict[str, Any] = {
        "language": language,
        "face_index": face_index,
        "head": head,
        "motion": motion,
        "blink": blink,
        "gaze": gaze,
        "eyes": eyes,
    }
    chosen |= {"device": device, "dtype": dtype, "steps": steps}
    chosen |= {"fps": fps, "size": size, "crop": crop, "background": background}
    chosen |= {"emotion": mood or None, "strength": _number(strength, emotion) if strength else None}
    beside: dict[str, Any] = {"subtitles": subtitles, "timings": timings, "motion_out": motion_out}
    signed: dict[str, Any] = {"certificate": certificate, "key": key}
    _consistent(output, stream, beside | signed, resume=resume)
    with Progress(quiet=quiet or json) as progress, _target(stream) as live:
        kept, limit = store.Store(mode=cache), store.limit()
        common: dict[str, Any] = {
            "speech": speech,
            "motion_in": motion_in,
            "graph": graph,
            "overrides": set or [],
            "captions": captions,
            "seed": seed,
            "force": force,
            "consent": consent,
            "store": kept,
            "watch": progress.watch,
        }
        if live is not None:
            made = narration.broadcast(live, text, face, voice, **common, **chosen)
        else:
            out = output or Path(OUTPUT)
            made = narration.narrate(
                text, face, voice, out=out, resume=resume, **signed, **beside, **common, **chosen
            )
    if kept.writes:
        kept.gc(limit, grace=GRACE)
    with redirect_stdout(sys.stderr if stream == "-" else sys.stdout):
        if json:
            print_json({"notes": progress.notes, **made.record})
        else:
            print(made)


def _consistent(
    output: Path | None, stream: str | None, of_files: dict[str, Path | None], *, resume: bool
) -> None:
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
    for name, path in of_files.items():
        if path is not None:
            raise InputError(
                f"--{name.replace('_', '-')} with --stream {stream}", "a file: -o NAME.mp4", "leave one out"
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


def _number(text: str, emotion: Any) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InputError(
            f"--emotion {emotion}", "an emotion, or one with its strength", "--emotion happy:0.9"
        ) from error
