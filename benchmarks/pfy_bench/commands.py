"""What ``pfy bench table``, ``diff`` and ``report`` do, as functions of folders."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pfy_bench import comparing, differences, latex, records, rendering, tables
from pfy_bench.published import published
from pfy_bench.report import Look, check, write
from pfy_core import InputError
from pfy_core.errors import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pfy_bench.comparing import Place
    from pfy_bench.differences import Distances
    from pfy_bench.published import Published
    from pfy_bench.records import Results

Format = Literal["text", "markdown", "latex", "json"]
RENDERINGS = {"text": rendering.text, "markdown": rendering.markdown, "latex": latex.latex}


def table(
    folders: Sequence[Path | str],
    form: Format = "text",
    measures: Sequence[str] | None = None,
    *,
    apart: bool = False,
    pool: bool = False,
    by_data: bool = False,
    sources: Sequence[str] | None = None,
    distances: Distances | None = None,
) -> str:
    """The table of run folders, or with ``by_data`` one for each data set that they are on.

    ``pool`` takes rows of one name for replicates.

    ``sources`` are published results to set below (``all`` for all); where None, those on the runs' data
    sets are shown. Raises InputError as ``tables.table`` does.
    """
    results = [records.load(folder) for folder in folders]
    groups = tables.by_data(results) if by_data else {"": results}
    made = [
        replace(
            tables.table(
                *(some, measures),
                apart=apart,
                pool=pool,
                distances=distances,
                published=beside(some, sources),
            ),
            data=data,
        )
        for data, some in groups.items()
    ]
    if form == "json":
        found = {table.data: tables.as_dict(table) for table in made}
        return json.dumps(found if by_data else found[""], ensure_ascii=False, indent=1) + "\n"
    return "\n".join(RENDERINGS[form](table) for table in made)


def beside(results: Sequence[Results], sources: Sequence[str] | None) -> list[Published]:
    """The published rows to set beside runs."""
    if sources is None:
        return published(datasets=[name for each in results for name in each.run.data])
    return published(None if "all" in sources else list(sources))


def diff(
    one: str | Path,
    other: str | Path,
    form: Literal["text", "markdown"] = "text",
    measures: Sequence[str] | None = None,
    distances: Distances | None = None,
) -> str:
    """How two rows differ on the same clips, with p-values.

    A row is named ``FOLDER`` or ``FOLDER:ROW``; several, with commas, are replicates. Raises InputError
    for a row that is not there, for replicates that were not measured alike, and where
    ``differences.compare`` does.
    """
    before, after = _replicates(one), _replicates(other)
    found = differences.compare(before, after, measures, distances)
    names = [each.label for each in (before, after)]
    if names[0] == names[1]:
        names = [f"{each.results.folder.name}: {each.label}" for each in (before, after)]
    return rendering.difference(found, *names, piped=form == "markdown")


def _replicates(names: str | Path) -> Place:
    """The row that a name is of, or the mean of those that ``A:ROW,B:ROW`` names."""
    several = [str(names)] if Path(names).is_dir() else str(names).split(",")
    found = [place(name) for name in several]
    if len(found) == 1:
        return found[0]
    each = [replace(one, label=f"{one.results.folder.name}: {one.label}") for one in found]
    return comparing.pooled_places(each, found[0].label)


def place(name: str | Path) -> Place:
    """The row that ``FOLDER:ROW`` names, or the only one (or the only one without ablation) of ``FOLDER``."""
    folder, wanted = (str(name), "") if Path(name).is_dir() else str(name).rpartition(":")[::2]
    if not folder:
        folder, wanted = wanted, ""
    found = comparing.places([records.load(folder)])
    names = [each.row.row for each in found]
    if wanted:
        for each in found:
            if each.row.row == wanted:
                return each
        raise InputError(f"no row {wanted!r} in {folder}", listed(names), did_you_mean(wanted, names))
    whole = [each for each in found if each.row.ablation is None] or found
    if len(whole) != 1:
        raise InputError(f"{folder} has {len(whole)} rows", "one row", f"say FOLDER:ROW: {listed(names)}")
    return whole[0]


def report(
    folders: Sequence[Path | str],
    out: Path | str,
    *,
    force: bool = False,
    pool: bool = False,
    look: Look | None = None,
    sources: Sequence[str] | None = None,
    distances: Distances | None = None,
) -> Path:
    """Write the report of run folders to ``out``; raises as ``report.write`` and ``records.load`` do."""
    check(Path(out), force=force)
    results = [records.load(folder) for folder in folders]
    rows = beside(results, sources)
    return write(
        *(results, Path(out)), force=force, pool=pool, look=look, distances=distances, published=rows
    )
