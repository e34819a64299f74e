"""``pfy train``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pfy_core.cli.output import Json, print_json


def train(
    recipe: Annotated[str, typer.Argument(help="A recipe by name, or a YAML file.")],
    data: Annotated[
        Path | None, typer.Option("--data", "-d", help="Folder of the corpus; else that of the recipe.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the run.  [default: trained/RECIPE]")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint in that folder.")
    ] = False,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="Instead of schedule.steps.")] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 ...")] = "auto",
    set: Annotated[
        list[str] | None,
        typer.Option("--set", "-s", metavar="FIELD=VALUE", help="Change the recipe; repeatable."),
    ] = None,
    json: Json = False,
) -> None:
    """Train parts of a graph by a recipe: on a CPU, a GPU or many; stopped, it goes on with --resume.

    [bold]pfy data synth corpus && pfy train p4y-motion-small --data corpus[/bold]
    [bold]accelerate launch --num_processes 4 -m pfy_core train recipe.yaml[/bold]
    """
    from pfy_core.errors import PfyError
    from pfy_train.shown import Shown

    # Several processes say the same: the first one says it.
    main = os.environ.get("RANK", "0") == "0"
    with Shown(quiet=not main) as shown:
        from pfy_train.trainer import train as run

        try:
            made = run(
                recipe,
                sets=set,
                data=data,
                out=out,
                resume=resume,
                steps=steps,
                device=device,
                watch=shown.watch,
            )
        except PfyError as error:
            if main:
                raise
            raise typer.Exit(error.exit_code) from error
    if not main:
        return
    if json:
        files = {node: str(file) for node, file in made.weights.items()}
        print_json({"out": str(made.out), "steps": made.steps, "losses": made.losses, "weights": files})
        return
    print(made.out / "graph.yaml")
    for entry in made.entries.values():
        print(f"weights {entry}")
    print(f"{made.steps} steps; curves: tensorboard --logdir {made.out}", file=sys.stderr)
