"""What pfy-bench adds to the command line: ``pfy bench``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pfy_core import hookimpl

if TYPE_CHECKING:
    import typer


@hookimpl
def pfy_cli(app: typer.Typer) -> None:
    """Add ``pfy bench``."""
    from pfy_bench.cli import app as bench

    app.add_typer(bench, name="bench")
