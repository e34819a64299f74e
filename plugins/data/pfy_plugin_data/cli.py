"""``pfy data``: make training data, of nothing or of films."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from pfy_core.cli.output import Json, print_json, table
from pfy_core.errors import Cancelled, InputError

app = typer.Typer(no_args_is_help=True, help="Make training data: of nothing, or of films.")

Out = Annotated[Path, typer.Argument(help="Folder of the corpus; one that was begun is gone on with.")]
Workers = Annotated[int, typer.Option("--workers", "-w", min=0, help="Processes; 0: one for each core, to 4.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


@app.command()
def synth(
    out: Out,
    clips: Annotated[int, typer.Option("--clips", help="Clips of 2 to 6 seconds, of all splits.")] = 800,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another corpus; held out is the same.")] = 0,
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
        made = make(out, clips=clips, seed=seed, bank=cast("Any", voices), workers=workers, quiet=quiet or json)
    except (Cancelled, KeyboardInterrupt) as error:
        raise _stopped(out) from error
    _show(out, made, json=json)


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
