"""What this plugin adds to the command line: ``pfy data``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pfy_core import hookimpl

if TYPE_CHECKING:
    import typer


@hookimpl
def pfy_cli(app: typer.Typer) -> None:
    """Add ``pfy data``."""
    from pfy_plugin_data.cli import app as data

    app.add_typer(data, name="data")
