"""``pfy why`` and ``pfy store``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from pfy_core.cli.output import Json, print_json, table

app = typer.Typer(no_args_is_help=True, help="Look after kept results.")


def why(
    node: Annotated[
        str | None, typer.Argument(help="A node of the last run; all of them by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Say why nodes ran (or did not) in the last run: which part of their key changed.

    [bold]pfy why[/bold]
    [bold]pfy why motion[/bold]
    """
    from pfy_core import paths, trace

    root = paths.home() / "store"
    if node is None:
        answers = trace.why_all(root)
        if json:
            print_json(answers)
            return
        rows = [
            (
                item["node"],
                item["state"],
                f"{item['seconds']} s",
                ", ".join(item["changed"]) or item["reason"],
            )
            for item in answers
        ]
        print(f"the last run: {answers[0]['graph']}")
        table(rows, ("node", "state", "time", "what changed since it ran before"))
        return
    answer = trace.why(node, root)
    if json:
        print_json(answer)
        return
    print(f"{answer['node']} of {answer['graph']}: {answer['state']}, {answer['seconds']} s")
    for line in _reasons(answer):
        print(f"  {line}")


def _reasons(answer: dict[str, Any]) -> Iterator[str]:
    """What ``trace.why`` found, in words."""
    if answer["reason"]:
        yield answer["reason"]
    if answer["state"] == "reused":
        made = answer["made"]
        yield f"made by {_run(made)}" if made else "made by a run that is no longer on record"
    if answer["compared"] is None and not answer["reason"]:
        yield "there is no earlier run to compare with"
    if answer["compared"] is None:
        return
    if answer["changed"]:
        yield f"compared with {_run(answer['compared'])}:"
    elif answer["state"] == "reused":
        yield "nothing it depends on has changed"
    else:
        yield "its key is the same as before: the result had been removed, or the store was not read"
    for key, (before, now) in answer["changed"].items():
        room, _, port = key.partition(".")
        taken = answer["takes"].get(port, []) if room == "inputs" else []
        origin = ", ".join([taken] if isinstance(taken, str) else taken)
        yield f"{key}: {_short(before)} -> {_short(now)}{f'  from {origin}' if origin else ''}"


def _run(about: dict[str, Any]) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(about["started"]))
    return f"the run of {about['graph']} at {when}"


def _short(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    text = str(value)
    return text[:12] + "…" if len(text) == 64 else text


@app.command("ls")
def ls(json: Json = False) -> None:
    """List kept results, least recently used first, and what tells those of a component apart.

    [bold]pfy store ls[/bold]
    """
    from pfy_core.store import Store, apart

    entries = list(Store().entries())
    differing = apart(entries)
    if json:
        print_json(
            [
                {
                    "key": entry.folder.name,
                    "component": entry.meta["fields"]["component"],
                    "bytes": entry.size,
                    "created": entry.meta["created"],
                    "apart": fields,
                }
                for entry, fields in zip(entries, differing, strict=True)
            ]
        )
        return
    shown = [
        (
            entry.folder.name[:12],
            entry.meta["fields"]["component"],
            _bytes(entry.size),
            time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.meta["created"])),
            ", ".join(f"{name}={_short(value)}" for name, value in fields.items()),
        )
        for entry, fields in zip(entries, differing, strict=True)
    ]
    table(shown, ("key", "component", "size", "made", "unlike the component's other results"))
    print(f"{len(entries)} results, {_bytes(sum(entry.size for entry in entries))} in {Store().root}")


def _bytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"


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
        print(f"{removed} results removed, {_bytes(freed)}")


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
