"""Rows: whose clips are scored. A graph or an ablation of it, or a folder of videos that others made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pfy_bench.records import Row as Recorded
from pfy_core import InputError, catalogue, check, digest, weights
from pfy_core.graph import Graph, load_edit
from pfy_core.record import public
from pfy_core.registry import names
from pfy_core.trace import key_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pfy_bench.records import Results

ALL = "all"


@dataclass(frozen=True)
class Row:
    """``graph`` makes its clips; without one, they are there already."""

    name: str
    graph: Graph | None = None
    ablation: str | None = None

    def record(self) -> Recorded:
        """What the records say of it."""
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
        )

    def code(self) -> str:
        """A digest of all that its clips depend on besides the item: components, code, config, weights."""
        if self.graph is None:
            return ""
        resolved, known = check.resolve(self.graph), catalogue.installed()
        nodes = {
            name: key_fields(spec, resolved.config[name], {}, None, self.graph.nodes[name].place, known)
            for name, spec in resolved.specs.items()
        }
        return digest.digest([self.graph.digest(), nodes])


def of_graphs(graphs: Sequence[str], ablate: Sequence[str], overrides: Sequence[str] = ()) -> list[Row]:
    """A row for every graph, and for each named ablation of it; ``all`` takes those made for the graph.

    Every graph is checked before anything runs: raises GraphError, and InputError for unknown names and
    for an ablation that fits none of the graphs.
    """
    found = []
    fitting: set[str] = set()
    for name in graphs:
        graph = Graph.load(name).set(*overrides)
        found.append(Row(graph.name, graph))
        for edit in _edits(graph, ablate):
            if not _fits(graph, edit):
                continue
            fitting.add(edit)
            found.append(Row(f"{graph.name}+{edit}", graph.edit(edit), edit))
    if lost := [edit for edit in ablate if edit != ALL and edit not in fitting]:
        of = ", ".join(sorted({name for edit in lost for name in load_edit(edit).get("of", [])}))
        raise InputError(
            f"ablation {', '.join(lost)} is made for {of}",
            f"one of {', '.join(graphs)}",
            "see pfy graph list",
        )
    if twice := [name for name, count in Counter(row.name for row in found).items() if count > 1]:
        raise InputError(
            f"{', '.join(twice)} twice", "rows of different names", "give each graph once; name files apart"
        )
    for row in found:
        if row.graph is not None:
            check.resolve(row.graph).require()
    return found


def of_records(results: Results) -> list[Row]:
    """The graphs of a run, as its records hold them. Raises InputError where others had made the videos."""
    found = [
        Row(row.row, Graph.from_dict(row.graph, row.row), row.ablation)
        for row in results.rows.values()
        if row.graph is not None
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
