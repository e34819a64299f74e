"""The page: its sections in the order in which they are read."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import TYPE_CHECKING

from pfy_bench import __name__ as package
from pfy_bench.report import about, measured, viewing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pfy_bench.comparing import Place
    from pfy_bench.differences import Distances
    from pfy_bench.records import Results
    from pfy_bench.report import Look
    from pfy_bench.report.clips import Embedding
    from pfy_bench.tables import Table


def page(
    results: Sequence[Results],
    table: Table,
    rows: Sequence[Place],
    look: Look,
    embedding: Embedding,
    distances: Distances | None,
) -> str:
    """The report as one HTML document that needs nothing else."""
    title = f"{', '.join(dict.fromkeys(each.run.suite.get('name', '') for each in results))}: {_named(rows)}"
    sections = {
        "table": ("Table", measured.table(table)),
        "measures": ("Measures", measured.plots_section(table, rows)),
        "differences": ("Differences", measured.differences_of(rows, distances)),
        "clips": ("Clips", viewing.clips(table, rows, look, embedding)),
        "values": ("Every clip", viewing.values(table, rows)),
        "controls": ("Negative controls", about.controls(results, table)),
        "coverage": ("Coverage", about.coverage(table, rows)),
        "time": ("Where the time went", about.time(rows)),
        "published": ("Published by others", measured.printed_by_others(table)),
        "protocols": ("Protocols", about.protocols(results, table, rows)),
    }
    shown = {key: (name, body) for key, (name, body) in sections.items() if body}
    links = "".join(f'<a href="#{key}">{name}</a>' for key, (name, _) in shown.items())
    style = resources.files(package).joinpath("report/style.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            "<!doctype html><html lang=en><meta charset=utf-8>",
            "<meta name=viewport content='width=device-width'>",
            f"<title>{escape(title)}</title><style>{style}</style>",
            f"<header><h1>{escape(title)}</h1>{about.facts(results, table, rows)}<nav>{links}</nav></header>",
            *(f'<section id="{key}"><h2>{name}</h2>{body}</section>' for key, (name, body) in shown.items()),
            "</html>\n",
        ]
    )


def _named(rows: Sequence[Place]) -> str:
    whole = [place.label for place in rows if place.row.ablation is None]
    apart = len(rows) - len(whole)
    told = ", ".join(whole) or "no row"
    return f"{told} and {apart} ablation{'s' if apart > 1 else ''}" if apart else told
