"""Validation by a suite of pfy-bench: the harness's own numbers on the validation split."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from importlib.util import find_spec
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from pfy_core import events
from pfy_core.errors import PfyError

if TYPE_CHECKING:
    from pfy_core.graph import Graph
    from pfy_train.recipe import Source, Validate

SHARDS = "dataset/shards"
"""The dataset of a suite that the validation split stands for."""
ROW = "averaged"


def check(source: Source) -> None:
    """Report a suite that there is not, or that measures no shards."""
    wanted = source.recipe.validate.suite
    if not wanted or find_spec("pfy_bench") is None:
        return
    from pfy_bench.suite import Suite

    fix = "--set validate.suite= leaves it out"
    try:
        suite = Suite.load(wanted)
    except PfyError as error:
        source.report("R701", "validate.suite", error.sends, error.wants, error.fix or fix)
        return
    if not any(node.use == SHARDS for node in suite.data.values()):
        source.report("R702", "validate.suite", f"suite {wanted}", f"a suite over {SHARDS}", fix)


def numbers(graph: Graph, folder: Path, validate: Validate, seed: int, device: str) -> dict[str, float]:
    """The mean of each measure of the suite over the first clips of a split, by name; measures without any
    number are left out. Empty, with a note, where pfy-bench is not installed or the suite cannot be run."""
    if find_spec("pfy_bench") is None:
        events.note("validate.suite is left out: it needs pfy-bench (pip install 'pfy-train[bench]')")
        return {}
    from pfy_bench.corpora import Datasets
    from pfy_bench.rows import Row
    from pfy_bench.run import run
    from pfy_bench.suite import Suite

    try:
        suite = replace(Suite.load(validate.suite), controls=0)
        named = next(name for name, node in suite.data.items() if node.use == SHARDS)
        corpus = Datasets.of(suite.data, {named: folder.absolute()}, validate.clips)
        rows = [Row(ROW, graph.set(*validate.set))]
        with tempfile.TemporaryDirectory(prefix="pfy-train-") as room:
            results = run(suite, rows, corpus, Path(room) / "run", seed=seed, device=device)
    except PfyError as error:
        events.note(f"no numbers of the suite {validate.suite}: {error.sends}")
        return {}
    kept: dict[str, list[float]] = {}
    for item in results.items.values():
        for measure, score in item.values.items() if item.row == ROW else ():
            kept.setdefault(measure, []).extend([] if isnan(score.value) else [score.value])
    return {measure: sum(values) / len(values) for measure, values in kept.items() if values}
