"""``pfy doctor`` and ``pfy weights``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pfy_core.cli.output import Json, print_json, table

weights_app = typer.Typer(no_args_is_help=True, help="Look after weights files.")


def doctor(json: Json = False) -> None:
    """Say what is installed, what is missing and how to get it; fails if the default graph cannot run.

    [bold]pfy doctor[/bold]
    """
    from pfy_core import catalogue
    from pfy_core import doctor as doctors

    findings = doctors.examine(catalogue.installed())
    if json:
        print_json([vars(item) for item in findings])
    else:
        marks = {"ok": "ok", "note": "-", "missing": "MISSING"}
        table(
            [
                (item.room, item.what, marks[item.state], f"{item.detail}  {item.fix}".strip())
                for item in findings
            ],
            ("where", "what", "state", "detail"),
        )
    if not doctors.healthy(findings):
        raise typer.Exit(2)


@weights_app.command("list")
def list_weights(json: Json = False) -> None:
    """List known weights: size, licence, whether they are here.

    [bold]pfy weights list[/bold]
    """
    from pfy_core import sources, weights

    known = sorted(weights.entries().items())
    if json:
        rows = {
            name: {
                "file": item.file,
                "size": item.size,
                "sha256": item.recorded,
                "licence": item.licence,
                "commercial": item.commercial,
                "present": item.present,
                "path": str(item.cached),
            }
            for name, item in known
        }
        print_json(rows)
        return
    table(
        [
            (
                name,
                item.room,
                item.licence,
                "here" if item.present else "-",
                ", ".join(map(sources.title, item.sources[:2])),
            )
            for name, item in known
        ],
        ("weights", "size", "licence", "present", "sources"),
    )


@weights_app.command("path")
def path(name: Annotated[str, typer.Argument(help="A weights entry.")], json: Json = False) -> None:
    """Print where a weights file is, or belongs.

    [bold]pfy weights path piper/joe[/bold]
    """
    from pfy_core import weights

    item = weights.entry(name)
    if json:
        print_json({"path": str(item.cached), "present": item.present})
    else:
        print(item.cached)


@weights_app.command("pull")
def pull(
    names: Annotated[
        list[str], typer.Argument(help="Weights entries, their beginning (kokoro), or a graph.")
    ],
    json: Json = False,
) -> None:
    """Fetch weights ahead, so that everything then runs offline.

    [bold]pfy weights pull portrait[/bold]
    """
    from pfy_core import check, registry, weights
    from pfy_core.cli.progress import Progress
    from pfy_core.errors import WeightsError, did_you_mean
    from pfy_core.events import watching
    from pfy_core.graph import Graph

    known, wanted = weights.entries(), dict[str, weights.Entry]()
    for name in names:
        if name in registry.names("graphs"):
            resolved = check.resolve(Graph.load(name))
            optional = weights.optional(resolved)
            wanted |= {key: item for key, item in weights.used(resolved).items() if key not in optional}
            continue
        found = {key: item for key, item in known.items() if key == name or key.startswith(name + "/")}
        if not found:
            raise WeightsError(
                f"no weights are named {name!r}",
                "an entry or a graph",
                did_you_mean(name, known) or "pfy weights list",
            )
        wanted |= found
    with Progress(quiet=json) as progress, watching(progress.watch):
        paths, failed = {}, list[WeightsError]()
        for key in wanted:
            try:
                paths[key] = str(weights.path(key))
            except WeightsError as error:
                failed.append(error)
    if json:
        print_json(paths)
    else:
        for key, place in paths.items():
            print(f"{key}  {place}")
    if len(failed) == 1:
        raise failed[0]
    if failed:
        sends = "".join(f"\n           {error.sends}" for error in failed)
        raise WeightsError(
            f"{len(failed)} of {len(wanted)} could not be fetched:{sends}", fix="pull one alone to see why"
        )


@weights_app.command("import")
def import_weights(
    file: Annotated[Path, typer.Argument(help="A checkpoint, a network or a vocabulary on this machine.")],
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="Which entry it is.")] = "",
    json: Json = False,
) -> None:
    """Put a local file under its registered name, once its tensors are what the name promises.

    [bold]pfy weights import model.pth[/bold]
    [bold]pfy weights import vocab.json --as xtts/vocabulary[/bold]
    """
    from pfy_core import adopt, weights

    name, place = adopt.adopt(file, name)
    item = weights.entry(name)
    if json:
        print_json({"name": name, "path": str(place), "sha256": item.recorded, "licence": item.licence})
        return
    print(f"{name}  {place}")
    terms = "commercial use allowed" if item.commercial else "not for commercial use"
    print(f"  {item.licence}, {terms}; sha256 {item.recorded}")


@weights_app.command("verify")
def verify(json: Json = False) -> None:
    """Compare every weights file that is here with its sha256; one that is not known yet is recorded.

    [bold]pfy weights verify[/bold]
    """
    from pfy_core import weights
    from pfy_core.errors import WeightsError

    here = {name: item for name, item in weights.entries().items() if item.cached.is_file()}
    wrong, recorded = [], []
    for name, item in here.items():
        found = weights.sha256(item.cached)
        if not item.recorded:
            weights.record(item, found)
            recorded.append(name)
        elif found != item.recorded:
            wrong.append(name)
    if json:
        print_json({"checked": sorted(here), "wrong": wrong, "recorded": recorded})
    else:
        print(f"{len(here)} files checked, {len(wrong)} wrong")
        for name in recorded:
            print(f"{name}: its sha256 was not known and is recorded now")
    if wrong:
        places = ", ".join(str(here[name].cached) for name in wrong)
        raise WeightsError(
            f"not what their names promise: {', '.join(wrong)}", "the registered sha256", f"remove {places}"
        )
