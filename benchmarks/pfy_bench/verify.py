"""Known answers: published numbers of published files, calculated again where file and weights are."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pfy_bench import sides
from pfy_bench.reasons import told
from pfy_bench.scoring import Scorer
from pfy_bench.suite import Suite
from pfy_core.errors import PfyError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Answer:
    """A number that was published, and the one that came out; ``reason`` says why there is none.

    tolerance: how far apart they may be; decoders and codecs differ
    """

    name: str
    measure: str
    expected: float
    tolerance: float
    value: float
    reason: str
    source: str

    @property
    def good(self) -> bool | None:
        """None where it could not be calculated."""
        return None if isnan(self.value) else abs(self.value - self.expected) <= self.tolerance


def answers(folder: Path | None, known: Path | None = None) -> Iterator[Answer]:
    """Every known answer; ``folder`` has the files, ``known`` is another list than the one that ships."""
    file = known or Path(str(resources.files("pfy_bench") / "known.yaml"))
    data: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    for name, item in data.items():
        found = _calculated(item, folder)
        for measure, (expected, tolerance) in item["expected"].items():
            value, reason = found if isinstance(found, tuple) else found[measure]
            yield Answer(name, measure, expected, tolerance, value, reason, item["source"])


def _calculated(item: dict[str, Any], folder: Path | None) -> Any:
    """Value and reason by measure; one pair for all where nothing could be calculated."""
    if folder is None:
        return float("nan"), f"{item['file']} is not here: --data FOLDER"
    try:
        suite = Suite.from_dict(item["suite"])
        side = sides.read(folder / item["file"], suite.clip)
        scores = Scorer(suite)(side, side)
    except PfyError as error:
        return float("nan"), told(error)
    return {name: (score.value, score.reason) for name, score in scores.values.items()}
