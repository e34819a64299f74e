"""Validation by a suite of pfy-bench: the harness's own numbers on the validation split."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from pfy_core import events
from pfy_core.errors import PfyError

if TYPE_CHECKING:
    from pathlib import Path

    from pfy_core.graph import Graph
    from pfy_train.recipe import Source, Validate

SHARDS = "dataset/shards"
"""The dataset of a suite that can measure a split of a corpus."""


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
    if [node.use for node in suite.data.values()][:1] != [SHARDS]:
        source.report("R702", "validate.suite", f"suite {wanted}", f"a suite over {SHARDS}", fix)


def numbers(graph: Graph, folder: Path, validate: Validate, seed: int, device: str) -> dict[str, float]:
    """The mean of each measure of the suite over some clips of a split, by name; measures without any number
    are left out. Empty, with a note, where pfy-bench is not installed or the suite cannot be run."""
    if find_spec("pfy_bench") is None:
        events.note("validate.suite is left out: it needs pfy-bench (pip install 'pfy-train[bench]')")
        return {}
    from pfy_bench.quick import measure

    try:
        made = graph.set(*validate.set)
        found = measure(
            validate.suite, made, folder.absolute(), clips=validate.clips, seed=seed, device=device
        )
    except PfyError as error:
        events.note(f"no numbers of the suite {validate.suite}: {error}")
        return {}
    for name, mean in found.items():
        if mean.reason and not mean.clips:
            events.note(f"no {name}: {mean.reason}")
    return {name: mean.value for name, mean in found.items() if mean.clips}
