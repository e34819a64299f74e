"""What pfy-train adds to the command line: ``pfy train``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pfy_core import hookimpl

if TYPE_CHECKING:
    import typer


@hookimpl
def pfy_cli(app: typer.Typer) -> None:
    """Add ``pfy train``."""
    from pfy_train.cli import train

    app.command("train")(train)
