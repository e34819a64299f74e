"""A graph measured in passing, as while it is trained: means of a few clips, and nothing is kept."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, nan
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from pfy_bench.bench import Bench
from pfy_bench.corpora import Datasets
from pfy_bench.making import part
from pfy_bench.rows import Row
from pfy_bench.suite import Suite
from pfy_core import Graph, check

if TYPE_CHECKING:
    from collections.abc import Callable


class Mean(NamedTuple):
    """The mean of a measure over the ``clips`` that have a value; NaN with none. ``reason``: why one has
    none."""

    value: float
    clips: int
    reason: str = ""


def measure(
    suite: str | Path | Suite,
    graph: str | Path | Graph,
    folder: Path,
    *,
    clips: int = 8,
    seed: int = 0,
    device: str = "",
    tell: Callable[[str], None] | None = None,
) -> dict[str, Mean]:
    """The measures of a suite's clips (those of sets are left out), by name, of what a graph makes.

    suite, graph: as on the command line of ``pfy bench run``; a suite that renders nothing (``motion``) runs
    the graph for its motion alone
    folder: where the data of the suite's first dataset lies: a split of a corpus
    clips: as many of it, evenly apart and so the same in each call
    seed: of every narration; device: where networks of measures run
    tell: hears of every clip when it begins

    Raises what ``pfy bench run`` does before it runs: InputError and GraphError. A clip that cannot be made
    is none of ``clips``, and the reason of one such is told.
    """
    known = replace(suite if isinstance(suite, Suite) else Suite.load(suite), controls=0)
    corpus = Datasets.of(known.data, {next(iter(known.data), ""): folder})
    whole = graph if isinstance(graph, Graph) else Graph.load(graph)
    wanted = part(whole, known, corpus)
    check.resolve(wanted).require()
    row = Row(whole.name or "graph", wanted)
    found: dict[str, list[float]] = {name: [] for name, one in known.measures.items() if one.over == "clip"}
    reasons: dict[str, str] = {}
    with TemporaryDirectory(prefix="pfy-bench-") as room:
        bench = Bench(known, [row], corpus, Path(room) / "run", seed, device, store=Path(room) / "store")
        for name in _apart(corpus.items, clips):
            if tell is not None:
                tell(name)
            for line in bench.item(name):
                for one, score in line.values.items():
                    if isfinite(score.value):
                        found[one].append(score.value)
                    else:
                        reasons.setdefault(one, score.reason)
    return {
        name: Mean(fmean(values) if values else nan, len(values), reasons.get(name, ""))
        for name, values in found.items()
    }


def _apart(items: list[str], count: int) -> list[str]:
    """As many of the items, evenly apart; all where there are fewer."""
    return [items[index * len(items) // count] for index in range(count)] if count < len(items) else items
