"""``pfy data``: make training data, of nothing or of films."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from pfy_core.cli.output import Json, print_json, table
from pfy_core.errors import Cancelled, InputError

PARTIAL = 3
"""Exit status where some films could not be used, as of ``pfy bench``."""

app = typer.Typer(no_args_is_help=True, help="Make training data: of nothing, or of films.")

Out = Annotated[Path, typer.Argument(help="Folder of the corpus; one that was begun is gone on with.")]
Workers = Annotated[
    int, typer.Option("--workers", "-w", min=0, help="Processes; 0: one for each core, to 4.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


@app.command()
def synth(
    out: Out,
    clips: Annotated[int, typer.Option("--clips", help="Clips of 2 to 6 seconds, of all splits.")] = 800,
    seed: Annotated[
        int, typer.Option("--seed", help="Another seed, another corpus; held out is the same.")
    ] = 0,
    voices: Annotated[
        str, typer.Option("--voices", help="light, or all: a fifth of the clips by 27 slow, better voices.")
    ] = "light",
    workers: Workers = 0,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Make a corpus offline with the embedded default: voices, faces, and motion that is known exactly.

    [bold]pfy data synth corpus --clips 120[/bold]
    [bold]pfy data synth corpus --clips 20000 --voices all --workers 16[/bold]
    """
    if voices not in ("light", "all"):
        raise InputError(f"--voices {voices}", "light or all")
    from pfy_plugin_data.synth.make import synth as make

    try:
        made = make(
            out, clips=clips, seed=seed, bank=cast("Any", voices), workers=workers, quiet=quiet or json
        )
    except (Cancelled, KeyboardInterrupt) as error:
        raise _stopped(out) from error
    _show(out, made, json=json)


@app.command()
def prepare(
    folder: Annotated[
        Path, typer.Argument(help="Folder of videos of people who talk, and the folders in it.")
    ],
    out: Out,
    hold_out: Annotated[
        float, typer.Option("--hold-out", help="Share of the people in validation, and again in test.")
    ] = 0.1,
    identity: Annotated[
        str,
        typer.Option(
            "--identity", help="Regular expression for who it is in a path; else the folder's name."
        ),
    ] = "",
    crops: Annotated[
        bool, typer.Option("--crops", help="Keep films of the faces, 256 pixels a side.")
    ] = False,
    phones: Annotated[bool, typer.Option("--phones", help="Listen for what is spoken when.")] = False,
    language: Annotated[str, typer.Option("--language", help="Of the transcripts, such as en.")] = "",
    licence: Annotated[str, typer.Option("--licence", help="Of the films; kept in corpus.json.")] = "",
    workers: Workers = 0,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Make a corpus of films: followed faces, their motion, sound, and words from .txt, .vtt or .srt beside.

    [bold]pfy data prepare films/ corpus[/bold]
    [bold]pfy data prepare vox2/mp4 corpus --identity '(id\\d+)' --crops[/bold]
    """
    from pfy_plugin_data.prepare.clips import Wish
    from pfy_plugin_data.prepare.make import prepare as make

    options: dict[str, Any] = {"hold_out": hold_out, "identity": identity, "licence": licence}
    options |= {"phones": phones, "workers": workers, "quiet": quiet or json}
    try:
        made, report = make(folder, out, wish=Wish(crops=crops, language=language), **options)
    except (Cancelled, KeyboardInterrupt) as error:
        raise _stopped(out) from error
    _show(out, made, json=json)
    for name, why in report.problems.items():
        print(f"{'broken off' if report.clips.get(name) else 'left out'}: {name}: {why}", file=sys.stderr)
    if report.problems:
        raise typer.Exit(PARTIAL)


def _stopped(out: Path) -> Cancelled:
    return Cancelled(f"stopped; whole shards are kept in {out}: run the same again to go on")


def _show(out: Path, made: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(made)
        return
    rows = [
        (split, facts["clips"], f"{facts['seconds'] / 60:.1f} min", len(facts["voices"]), len(facts["faces"]))
        for split, facts in made["splits"].items()
    ]
    table(rows, ("split", "clips", "length", "voices", "faces"))
    print(out)
