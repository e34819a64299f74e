"""``pfy why`` and ``pfy store``."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from pfy_core.cli.output import Json, print_json, table

app = typer.Typer(no_args_is_help=True, help="Look after kept results.")


def why(node: Annotated[str, typer.Argument(help="A node of the last run.")], json: Json = False) -> None:
    """Say why a node ran (or did not) in the last run: which part of its key changed.

    [bold]pfy why motion[/bold]
    """
    from pfy_core import paths, trace

    answer = trace.why(node, paths.home() / "store")
    if json:
        print_json(answer)
        return
    print(f"{answer['node']} of {answer['graph']}: {answer['state']}, {answer['seconds']} s")
    if answer["reason"]:
        print(f"  {answer['reason']}")
    if answer["state"] == "reused":
        print("  nothing it depends on has changed")
    elif answer["compared"] is None:
        print("  there is no earlier run to compare with")
    elif not answer["changed"]:
        print("  its key is the same as before: the result had been removed, or the store was not read")
    for key, (before, now) in answer["changed"].items() if answer["state"] != "reused" else ():
        print(f"  {key}: {_short(before)} -> {_short(now)}")


def _short(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    text = str(value)
    return text[:12] + "…" if len(text) == 64 else text


@app.command("ls")
def ls(json: Json = False) -> None:
    """List kept results, least recently used first.

    [bold]pfy store ls[/bold]
    """
    from pfy_core.store import Store

    entries = list(Store().entries())
    rows = [
        (entry.folder.name[:12], entry.meta["fields"]["component"], entry.size, entry.meta["created"])
        for entry in entries
    ]
    if json:
        print_json(
            [
                {"key": key, "component": name, "bytes": size, "created": made}
                for key, name, size, made in rows
            ]
        )
        return
    shown = [
        (key, name, f"{size / 1e6:.2f} MB", time.strftime("%Y-%m-%d %H:%M", time.localtime(made)))
        for key, name, size, made in rows
    ]
    table(shown, ("key", "component", "size", "made"))
    print(f"{len(rows)} results, {sum(row[2] for row in rows) / 1e6:.1f} MB in {Store().root}")


@app.command()
def gc(
    keep: Annotated[
        int | None, typer.Option(min=0, help="Megabytes to keep; $PFY_STORE_LIMIT or 2048 by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Remove the least recently used results beyond a size.

    [bold]pfy store gc --keep 500[/bold]
    """
    from pfy_core import store

    removed, freed = store.Store().gc(store.limit() if keep is None else keep << 20)
    if json:
        print_json({"removed": removed, "bytes": freed})
    else:
        print(f"{removed} results removed, {freed / 1e6:.1f} MB")


@app.command()
def verify(json: Json = False) -> None:
    """Read every kept result and compare it with its sha256; damaged ones are removed.

    [bold]pfy store verify[/bold]
    """
    import shutil

    from pfy_core.store import Store

    entries = list(Store().entries())
    damaged = [entry for entry in entries if entry.faults()]
    for entry in damaged:
        shutil.rmtree(entry.folder, ignore_errors=True)
    if json:
        print_json({"checked": len(entries), "damaged": [entry.folder.name for entry in damaged]})
    else:
        print(f"{len(entries)} results checked, {len(damaged)} damaged and removed")
