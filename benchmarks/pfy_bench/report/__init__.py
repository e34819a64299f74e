"""The report of a run: one HTML file that shows what was measured, how sure it is, and the clips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pfy_bench import comparing, tables
from pfy_bench.report import page
from pfy_bench.report.clips import Embedding
from pfy_core.errors import InputError, OutputError
from pfy_core.media.place import atomic, check_folder, check_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pfy_bench.differences import Distances
    from pfy_bench.published import Published
    from pfy_bench.records import Results

MEGABYTE = 1 << 20
LIMIT = 60 * MEGABYTE
"""Bytes of video in a page: what can still be sent, and what browsers open without a pause."""


@dataclass(frozen=True)
class Look:
    """What of the clips is shown: so many of the ``worst`` and ``best`` of each row.

    ``embed`` says which are put into the file, up to ``limit`` bytes; others are links to where they
    lie. Real clips have the licence of their data set: with ``made`` the page can be given away without.
    """

    worst: int = 2
    best: int = 2
    embed: Literal["all", "made", "none"] = "all"
    limit: int = LIMIT


def write(
    results: Sequence[Results],
    out: Path,
    *,
    force: bool = False,
    pool: bool = False,
    look: Look | None = None,
    distances: Distances | None = None,
    published: Sequence[Published] = (),
) -> Path:
    """Write the report of runs to ``out`` and return it; ``pool`` as for ``tables.table``.

    Cells that cannot be compared say why. Raises OutputError where ``out`` exists (without ``force``) or
    cannot be written, InputError without runs.
    """
    check(out, force=force)
    if not results:
        raise InputError("no run", "at least one run folder")
    look = look or Look()
    table = tables.table(results, apart=True, pool=pool, distances=distances, published=published)
    rows = comparing.places(results, pool=pool)
    embedding = Embedding(out, look.limit if look.embed != "none" else 0)
    text = page.page(results, table, rows, look, embedding, distances)
    with atomic(out) as part:
        part.write_text(text, encoding="utf-8")
    return out


def check(out: Path, *, force: bool) -> None:
    """OutputError unless the report can be written to ``out``; to be called before the work is done."""
    if out.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"output {out}", "a name ending in .html", f"-o {out.with_suffix('.html').name}")
    check_name(out)
    check_folder(out)
    if out.is_dir():
        raise OutputError(f"output {out} is a folder", "a file name", f"-o {out / 'report.html'}")
    if out.exists() and not force:
        raise OutputError(f"{out} exists already", "a new file", "choose another name, or add --force")
