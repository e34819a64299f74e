"""``pfy plugins entry``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pfy_core.cli.output import Json, print_json


def entry(
    name: Annotated[str, typer.Argument(help="An installed plugin, e.g. pfy-plugin-x.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it to this file.")] = None,
    json: Json = False,
) -> None:
    """Print a plugin's entry for the index, by which others are told what to install.

    [bold]pfy plugins entry pfy-plugin-x -o registry/plugins/pfy-plugin-x.toml[/bold]
    """
    from pfy_core import catalogue
    from pfy_core.errors import InputError, did_you_mean
    from pfy_core.media import whole
    from pfy_core.testing import entry as entries

    found = catalogue.installed()
    if name not in found.plugins:
        hint = did_you_mean(name, found.plugins) or "see 'pfy plugins list'"
        raise InputError(f"no plugin {name!r} is installed", "the name of a distribution", hint)
    made = entries.entry(found.plugins[name])
    if output is not None:
        with whole(output) as part:
            part.write_text(entries.toml(made), encoding="utf-8")
    if json:
        print_json(made)
    elif output is None:
        print(entries.toml(made), end="")
