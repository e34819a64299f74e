"""What the command line prints: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pfy_core.errors import PfyError

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", "-s", metavar="NODE=COMPONENT|NODE.OPTION=VALUE", help="Change the graph; repeatable."
    ),
]


def print_json(data: Any) -> None:
    """Data as JSON on standard output."""
    print(json.dumps(data, indent=1, ensure_ascii=False, default=str))


def show_error(error: PfyError, *, as_json: bool = False) -> None:
    """An error on standard error, as text or JSON."""
    if as_json:
        print(json.dumps(error.as_dict(), ensure_ascii=False, default=str), file=sys.stderr)
        return
    red, plain = ("\x1b[31m", "\x1b[0m") if sys.stderr.isatty() else ("", "")
    print(f"{red}pfy: {plain}{error}", file=sys.stderr)


def table(rows: Iterable[tuple[Any, ...]], heads: tuple[str, ...]) -> None:
    """Rows as a plain table on standard output; the last column wraps in a terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(
        width=None if sys.stdout.isatty() else 400, highlight=False, soft_wrap=not sys.stdout.isatty()
    )
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in heads:
        made.add_column(head, no_wrap=head != heads[-1])
    for row in rows:
        made.add_row(*(_plain(cell) for cell in row))
    console.print(made)


def _plain(cell: Any) -> str:
    from rich.markup import escape

    return escape(str(cell))
