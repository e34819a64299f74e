"""Rows: whose clips are scored. A graph or an ablation of it, a folder of videos that others made, or a
baseline: the real clips, spoiled as a negative control does.

Rows of one name are replicates: what was trained several times, with other seeds.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pfy_bench import controls
from pfy_bench.records import Row as Recorded
from pfy_core import InputError, catalogue, check, digest, weights
from pfy_core.graph import Graph, load_edit
from pfy_core.record import public
from pfy_core.registry import names
from pfy_core.trace import key_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pfy_bench.records import Results

ALL = "all"
NAMED = re.compile(r"(?P<name>\w[\w.+-]*)=(?P<source>.+)")
"""A graph with the name that its row shall have."""
APART = "give each graph once; NAME=FILE names a row, and rows of one name are replicates"


@dataclass(frozen=True)
class Row:
    """``graph`` makes its clips, or the control ``baseline``; without either, they are there already.

    ``replicate`` counts the rows of one name, from 0.
    """

    name: str
    graph: Graph | None = None
    ablation: str | None = None
    replicate: int = 0
    baseline: str | None = None

    def record(self) -> Recorded:
        """What the records say of it."""
        if self.baseline is not None:
            return Recorded(self.name, controls.FAULTS[self.name].doc, baseline=self.baseline)
        if self.graph is None:
            return Recorded(self.name, self.name)
        used = weights.used(check.resolve(self.graph))
        about = {
            name: {"sha256": item.recorded, "licence": item.licence, "commercial": item.commercial}
            for name, item in sorted(used.items())
        }
        title = str(load_edit(self.ablation).get("doc", "")) if self.ablation else self.graph.doc
        return Recorded(
            self.name,
            title or self.name,
            public(self.graph.as_dict()),
            self.graph.digest(),
            self.ablation,
            weights=about,
            replicate=self.replicate,
        )

    def code(self) -> str:
        """A digest of all that its clips depend on besides the item: components, code, config, weights."""
        if self.graph is None:
            return self.baseline or ""
        resolved, known = check.resolve(self.graph), catalogue.installed()
        nodes = {
            name: key_fields(spec, resolved.config[name], {}, None, self.graph.nodes[name].place, known)
            for name, spec in resolved.specs.items()
        }
        return digest.digest([self.graph.digest(), nodes])


def of_graphs(
    graphs: Sequence[str],
    ablate: Sequence[str],
    overrides: Sequence[str] = (),
    part: Callable[[Graph], Graph] = lambda graph: graph,
) -> list[Row]:
    """A row for every graph, and for each named ablation of it; ``all`` takes those made for the graph.

    ``NAME=GRAPH`` names a row; those that are given one name are replicates. ``part`` is what of a graph is
    run. Every graph is checked before anything runs: raises GraphError, and InputError for unknown names,
    for an ablation that fits none of the graphs, and for the same row twice.
    """
    found: list[Row] = []
    fitting: set[str] = set()
    unnamed: list[str] = []
    for text in graphs:
        name, source = _named(text)
        graph = Graph.load(source).set(*overrides)
        unnamed += [] if name else [graph.name]
        found.append(Row(name or graph.name, graph, _ablation(graph)))
        for edit in _edits(graph, ablate):
            if not _fits(graph, edit):
                continue
            fitting.add(edit)
            found.append(Row(f"{name or graph.name}+{edit}", graph.edit(edit), edit))
    if lost := [edit for edit in ablate if edit != ALL and edit not in fitting]:
        of = ", ".join(sorted({name for edit in lost for name in load_edit(edit).get("of", [])}))
        raise InputError(
            f"ablation {', '.join(lost)} is made for {of}",
            f"one of {', '.join(graphs)}",
            "see pfy graph list",
        )
    if twice := [name for name, count in Counter(unnamed).items() if count > 1]:
        raise InputError(f"{', '.join(twice)} twice", "rows of different names", APART)
    return _counted([replace(row, graph=part(row.graph)) for row in found if row.graph is not None])


def baselines(names: Sequence[str], beside: Sequence[Row] = ()) -> list[Row]:
    """Rows of real clips, spoiled as the heaviest step of a control does.

    InputError for a control that there is not, and for the name of a row ``beside``.
    """
    taken = Counter([*names, *{row.name for row in beside}])
    if twice := [name for name in names if taken[name] > 1]:
        raise InputError(f"{', '.join(twice)} twice", "rows of different names", APART)
    return [Row(name, baseline=controls.heaviest(name)) for name in names]


def _named(text: str) -> tuple[str, str]:
    """The name that a graph's row is given ("" where it is not), and the graph's name or file."""
    found = NAMED.fullmatch(text)
    return ("", text) if found is None or Path(text).is_file() else (found["name"], found["source"])


def _ablation(graph: Graph) -> str | None:
    """The named edit that a graph's own name says it has, as those that ``pfy train`` writes do."""
    edit = graph.name.partition("+")[2]
    return edit if edit in names("ablations") else None


def _counted(rows: Sequence[Row]) -> list[Row]:
    """The rows with their replicates counted, each checked. InputError where two are one and the same."""
    before = Counter[str]()
    seen: dict[tuple[str, str], Row] = {}
    found = []
    for row in rows:
        if row.graph is not None:
            check.resolve(row.graph).require()
        found.append(replace(row, replicate=before[row.name]))
        before[row.name] += 1
        if seen.setdefault((row.name, row.code()), row) is not row:
            raise InputError(f"{row.name} twice", "graphs that differ, if only in their weights", APART)
    return found


def of_records(results: Results) -> list[Row]:
    """The graphs and baselines of a run, as its records hold them. Raises InputError where others had made
    the videos."""
    found = [
        Row(
            row.row,
            None if row.graph is None else Graph.from_dict(row.graph, row.row),
            row.ablation,
            row.replicate,
            row.baseline,
        )
        for row in results.rows.values()
        if row.graph is not None or row.baseline is not None
    ]
    if not found:
        raise InputError(
            f"{results.folder} has scored videos that were there already",
            "a run of graphs",
            "pfy bench score",
        )
    for row in found:
        if row.graph is not None:
            check.resolve(row.graph).require()
    return found


def _edits(graph: Graph, ablate: Sequence[str]) -> list[str]:
    if ALL not in ablate:
        return list(ablate)
    return [edit for edit in names("ablations") if load_edit(edit).get("of") and _fits(graph, edit)]


def _fits(graph: Graph, edit: str) -> bool:
    of = load_edit(edit).get("of")
    return not of or graph.name.partition("+")[0] in of
